//! What a plan must be before anything runs.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    Arg, Plan, Reference, Step, StepId, either,
    notation::{Vocabulary, refusal},
    orderings,
};
use crate::{
    error::did_you_mean,
    reading::{Mention, MentionKind},
    tool::{Argument, ArgumentKind, ToolSpec},
};

/// The most steps of a plan.
pub const MAX_STEPS: usize = 64;

/// Checks a plan against the tools and the request.
///
/// Known tools and arguments, values that fit the schemas, references only to earlier steps and to fields that exist,
/// grounded arguments only as references, quoted text only from the request.
///
/// # Errors
/// A sentence for each thing that is wrong, for the model that wrote the plan.
pub fn check(plan: &Plan, vocabulary: &Vocabulary<'_>) -> Result<(), Vec<String>> {
    let mut wrong = Vec::new();
    if plan.steps.is_empty() {
        wrong.push("the plan has no steps".to_owned());
    }
    if plan.steps.len() > MAX_STEPS {
        wrong.push(format!("the plan has {} steps; {MAX_STEPS} are allowed", plan.steps.len()));
    }
    let mut earlier = HashSet::new();
    for step in &plan.steps {
        check_step(step, plan, &earlier, vocabulary, &mut wrong);
        if !earlier.insert(step.id) {
            wrong.push(format!("two steps are called {}", step.id));
        }
    }
    for limit in &plan.limits {
        let unit = vocabulary.limits().get(limit.word.as_str()).copied();
        if unit.is_none() {
            wrong.push(format!("`{}` limits nothing that these tools return", limit.word));
        }
        if !says_number(limit.most, unit.flatten(), vocabulary) {
            wrong.push(format!("{}({}) is not a number that the request says", limit.word, limit.most));
        }
    }
    wrong.extend(either::wrong(plan, vocabulary));
    for shown in &plan.shown {
        check_reference("what is shown", shown, plan, &earlier, vocabulary, &mut wrong);
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// What a reader understood in the request and no call uses, in a sentence for the model; nothing if all is used, or if
/// the user has to be asked anyway.
///
/// Days and times count, numbers whose unit some argument takes, and how to choose. A plan may pass over one of them
/// rightly, so this is a doubt, not a fault.
#[must_use]
pub fn omitted(plan: &Plan, vocabulary: &Vocabulary<'_>) -> Option<String> {
    if !unsaid(plan, vocabulary).is_empty() {
        return None;
    }
    let literals = || plan.steps.iter().flat_map(|step| step.args.values());
    let used = |mention: &&Mention| {
        let limits = plan.limits.iter().any(|limit| Some(limit.most) == mention.value.as_f64());
        limits || literals().any(|arg| matches!(arg, Arg::Literal(value) if same(value, &mention.value)))
    };
    let wanted = |mention: &&Mention| match mention.kind {
        MentionKind::Date | MentionKind::Time => true,
        MentionKind::Number => mention.unit.as_deref().is_some_and(|unit| takes(unit, vocabulary)),
        MentionKind::NoWrites | MentionKind::Alternative | MentionKind::Excludes | MentionKind::Ordering => false,
    };
    let omitted = vocabulary.mentions.iter().filter(wanted).filter(|mention| !used(mention));
    let words: Vec<&str> = omitted.filter_map(|mention| vocabulary.request.get(mention.span.clone())).collect();
    let quoted = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
    let unused = (!words.is_empty()).then(|| format!("no call uses {quoted}, which the request says"));
    let omitted: Vec<String> = unused.into_iter().chain(orderings::missed(plan, vocabulary)).collect();
    (!omitted.is_empty()).then(|| omitted.join("; "))
}

fn same(left: &Value, right: &Value) -> bool {
    left == right || (left.is_number() && left.as_f64() == right.as_f64())
}

/// Whether an argument of a tool, or a limit, takes numbers of this unit.
fn takes(unit: &str, vocabulary: &Vocabulary<'_>) -> bool {
    vocabulary.limits().values().any(|of| *of == Some(unit))
        || vocabulary.offered().flat_map(|tool| &tool.arguments).any(|argument| argument.unit() == Some(unit))
}

/// The required arguments that the request does not say, each with its step. One that follows another required one is
/// said with it.
#[must_use]
pub fn unsaid<'p>(plan: &'p Plan, vocabulary: &Vocabulary<'p>) -> Vec<(&'p Step, &'p Argument)> {
    plan.steps
        .iter()
        .filter_map(|step| Some((step, vocabulary.tool(&step.tool)?)))
        .flat_map(|(step, tool)| {
            let unsaid = move |argument: &&Argument| {
                let leader = argument.follows.as_deref().and_then(|leader| tool.argument(leader));
                let open = argument.required && leader.is_none_or(|leader| !leader.required);
                open && matches!(step.args.get(&argument.name), None | Some(Arg::Unsaid))
            };
            tool.arguments.iter().filter(unsaid).map(move |argument| (step, argument))
        })
        .collect()
}

fn check_step(
    step: &Step,
    plan: &Plan,
    earlier: &HashSet<StepId>,
    vocabulary: &Vocabulary<'_>,
    wrong: &mut Vec<String>,
) {
    let Some(tool) = vocabulary.tool(&step.tool) else {
        let known = vocabulary.tools.iter().map(|tool| tool.name.as_str());
        let hint = did_you_mean(&step.tool, known.clone())
            .unwrap_or_else(|| format!("there are {}", known.collect::<Vec<_>>().join(", ")));
        wrong.push(format!("{} calls `{}`, which is no tool; {hint}", step.id, step.tool));
        return;
    };
    match refusal(vocabulary.mentions, tool) {
        Some(MentionKind::NoWrites) => {
            wrong.push(format!("{} calls `{}`, but the request says to change nothing; only look", step.id, tool.name));
        }
        Some(_) => wrong.push(format!("{} calls `{}`, which the request can't mean", step.id, tool.name)),
        None => {}
    }
    for need in step.needs.iter().filter(|need| !earlier.contains(need)) {
        wrong.push(format!("{} needs {need}, which is no earlier step", step.id));
    }
    for (name, arg) in &step.args {
        let Some(argument) = tool.argument(name) else {
            let known = tool.arguments.iter().map(|argument| argument.name.as_str());
            let hint = did_you_mean(name, known.clone())
                .unwrap_or_else(|| format!("it takes {}", known.collect::<Vec<_>>().join(", ")));
            wrong.push(format!("{}: `{}` takes no `{name}`; {hint}", step.id, tool.name));
            continue;
        };
        if !matches!(arg, Arg::Unsaid) && !vocabulary.can_mean(tool, argument) {
            wrong.push(format!("{}: the request says nothing of `{name}` of `{}`", step.id, tool.name));
        }
        match arg {
            Arg::Unsaid => {}
            Arg::Literal(value) => {
                wrong.extend(literal(value, argument, tool, vocabulary).map(|why| format!("{}: {why}", step.id)));
            }
            Arg::From(reference) => {
                let place = format!("{}: `{name}` of `{}`", step.id, tool.name);
                check_reference(&place, reference, plan, earlier, vocabulary, wrong);
                check_grounding(&place, reference, argument, plan, wrong);
            }
        }
    }
}

fn literal(value: &Value, argument: &Argument, tool: &ToolSpec, vocabulary: &Vocabulary<'_>) -> Option<String> {
    let of = format!("`{}` of `{}`", argument.name, tool.name);
    match &argument.kind {
        ArgumentKind::Grounded { tool, path } => {
            return Some(format!("{of} can't be written out; refer to a step of {tool}, at {path}"));
        }
        ArgumentKind::Quote => {
            if let Some(text) = value.as_str()
                && (text.trim().is_empty() || !contains(vocabulary.request, text))
            {
                return Some(format!(
                    "{of} is {value}, which the request does not say; quote the request, or write null"
                ));
            }
        }
        ArgumentKind::Date if !is_date(value) => {
            return Some(format!("{of} is {value}; write a date that exists, such as \"2026-12-03\""));
        }
        ArgumentKind::Time if !is_time(value) => {
            return Some(format!("{of} is {value}; write a time of day, such as \"17:00:00\""));
        }
        ArgumentKind::Date | ArgumentKind::Time if vocabulary.reads.contains(kind_of(&argument.kind)) => {
            let kind = kind_of(&argument.kind);
            let said: Vec<String> = vocabulary.mentioned(kind).map(|mention| mention.value.to_string()).collect();
            if !said.contains(&value.to_string()) {
                let there = if said.is_empty() { "none".to_owned() } else { said.join(", ") };
                return Some(format!(
                    "{of} is {value}, which the request does not say; it says {there}: write one of these, or null"
                ));
            }
        }
        ArgumentKind::Integer | ArgumentKind::Number
            if vocabulary.reads.contains(MentionKind::Number)
                && value.as_f64().is_some_and(|number| !says_number(number, argument.unit(), vocabulary)) =>
        {
            return Some(format!("{of} is {value}, a number that the request does not say; write null"));
        }
        _ => {}
    }
    let invalid = jsonschema::options().should_validate_formats(true).build(&argument.schema).ok()?;
    invalid.iter_errors(value).next().map(|error| format!("{of} is wrong: {error}"))
}

fn kind_of(kind: &ArgumentKind) -> MentionKind {
    if *kind == ArgumentKind::Date { MentionKind::Date } else { MentionKind::Time }
}

fn says_number(number: f64, unit: Option<&str>, vocabulary: &Vocabulary<'_>) -> bool {
    vocabulary.numbers(unit).iter().filter_map(|said| said.parse::<f64>().ok()).any(|said| said == number)
}

/// Whether the text stands in the request, letter case, white space and quotation marks aside.
fn contains(request: &str, text: &str) -> bool {
    let plain =
        |text: &str| text.to_lowercase().replace(['"', '\\'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    plain(request).contains(&plain(text))
}

fn is_date(value: &Value) -> bool {
    let Some(text) = value.as_str() else { return false };
    let parts: Vec<Option<u32>> = text.split('-').map(|part| part.parse().ok()).collect();
    let [Some(year), Some(month), Some(day)] = parts[..] else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    text.len() == 10 && (1..=days).contains(&day)
}

/// Whether it begins with hours and minutes; what follows, the tool's schema knows.
fn is_time(value: &Value) -> bool {
    let mut parts = value.as_str().unwrap_or_default().splitn(3, ':');
    let mut below = |most: u32| {
        parts.next().is_some_and(|part| part.len() == 2 && part.parse::<u32>().is_ok_and(|number| number < most))
    };
    below(24) && below(60)
}

fn check_reference(
    place: &str,
    reference: &Reference,
    plan: &Plan,
    earlier: &HashSet<StepId>,
    vocabulary: &Vocabulary<'_>,
    wrong: &mut Vec<String>,
) {
    if reference.steps.is_empty() {
        wrong.push(format!("{place} refers to no step"));
    }
    for id in &reference.steps {
        let Some(step) = plan.step(*id).filter(|_| earlier.contains(id)) else {
            wrong.push(format!("{place} refers to {id}, which is no earlier step"));
            continue;
        };
        let Some(tool) = vocabulary.tool(&step.tool) else { continue };
        let path = reference.items.join(&reference.field);
        if path.schema(&tool.output_schema).is_none() {
            wrong.push(format!("{place} refers to `{path}` of {id}, but `{}` returns no such field", tool.name));
        }
    }
}

fn check_grounding(place: &str, reference: &Reference, argument: &Argument, plan: &Plan, wrong: &mut Vec<String>) {
    let ArgumentKind::Grounded { tool, path } = &argument.kind else { return };
    let others = reference.steps.iter().filter_map(|id| plan.step(*id)).filter(|step| step.tool != *tool);
    wrong.extend(others.map(|step| format!("{place} comes from {tool}, but {} is a step of {}", step.id, step.tool)));
    let referred = reference.items.join(&reference.field);
    if referred != *path {
        wrong.push(format!("{place} comes from `{path}`, not from `{referred}`"));
    }
}
