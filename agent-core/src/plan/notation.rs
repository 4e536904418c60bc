//! The plan as calls: the form in which small models write it, and in which people read it.
//!
//! ```text
//! # Berlin to Lisbon on 3 December
//! book_flight(cheapest(search_flights("Berlin","Lisbon",d1)))
//! end
//! ```
//!
//! Each line after `# ` quotes an item of the request; the calls under it serve it. A call's required arguments come
//! in order, optional ones by name. A value that comes from another tool's output is written as a choice among what
//! that call finds, so no name can dangle and no type can clash. `d1|d2` is a choice, too: the call is made for each, and
//! what both find is one list. `d1` and `t1` are the first date and the first time
//! that code read in the request, `null` is what the request does not say. It is a notation for data: it is read,
//! never run.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use indexmap::IndexMap;
use serde_json::Value;

use super::{Arg, Pick, Plan, Reference, Step, StepId, either};
use crate::{
    reading::{Kinds, Mention, MentionKind},
    tool::{Argument, ArgumentKind, OutputItems, ToolSpec},
};

/// The line that ends a plan. The model can't rely on its end token: a grammar allows only the tokenizer's.
pub const END: &str = "end";
/// The word for 'whichever comes first, the request does not say'. Not `first`, which models take for 'earliest'.
pub const ANY: &str = "any";
/// What stands before the word by which one of several writes is taken: `either_cheapest`.
pub const EITHER: &str = "either_";
/// The word for 'all of them', where a list can be given.
pub const ALL: &str = "all";

/// The most words of a text that has to fit a pattern.
const MAX_FITTING_WORDS: usize = 6;

/// What the notation refers to: the tools, the request and what code read in it.
#[derive(Clone, Debug)]
pub struct Vocabulary<'a> {
    /// The tools that may be called.
    pub tools: &'a [Arc<ToolSpec>],
    /// The request; for what may be quoted, all that the user said before it, too.
    pub request: &'a str,
    /// What code read in the request, in order.
    pub mentions: &'a [Mention],
    /// What readers looked for at all. Dates, times and numbers that nobody looked for, models write out.
    pub reads: Kinds,
}

impl<'a> Vocabulary<'a> {
    /// The tool of this name.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<&'a ToolSpec> {
        self.tools.iter().find(|tool| tool.name == name).map(AsRef::as_ref)
    }

    /// The mentions of this kind, in order.
    pub fn mentioned(&self, kind: MentionKind) -> impl Iterator<Item = &'a Mention> + use<'a> {
        self.mentions.iter().filter(move |mention| mention.kind == kind)
    }

    /// The tools that this request may call: none that it can't mean, and if it says to change nothing, those that only
    /// read.
    pub fn offered(&self) -> impl Iterator<Item = &'a ToolSpec> + use<'a> {
        let mentions = self.mentions;
        self.tools.iter().map(AsRef::as_ref).filter(move |tool: &&ToolSpec| refusal(mentions, tool).is_none())
    }

    /// The words that choose among a tool's items which the request leaves: if it says how to choose, no others.
    pub(crate) fn choosable<'i>(&self, items: &'i OutputItems) -> Vec<(&'i str, Pick)> {
        let said = |word: &str| self.mentioned(MentionKind::Ordering).any(|mention| mention.value == word);
        if self.mentioned(MentionKind::Ordering).next().is_none() {
            return Self::picks(items).collect();
        }
        let asked: Vec<(&str, Pick)> = Self::picks(items).filter(|(word, _)| said(word)).collect();
        // Who asks for the cheapest flight is served by the cheapest hotel, too, so one way that is said is the only one.
        if asked.len() == 1 { asked } else { asked.into_iter().chain([(ANY, Pick::First)]).collect() }
    }

    /// Whether the request says how to choose among such items.
    pub(crate) fn asks_to_choose(&self, items: &OutputItems) -> bool {
        let words = || Self::picks(items).map(|(word, _)| word);
        self.mentioned(MentionKind::Ordering).any(|mention| words().any(|word| mention.value == word))
    }

    /// Whether the request can mean this argument of this tool.
    pub(crate) fn can_mean(&self, tool: &ToolSpec, argument: &Argument) -> bool {
        let excluded = |mention: &Mention| {
            mention.value.as_str().and_then(|value| value.strip_prefix(tool.name.as_str())?.strip_prefix('.'))
                == Some(argument.name.as_str())
        };
        argument.required || !self.mentioned(MentionKind::Excludes).any(excluded)
    }

    /// Whether a plan may contain alternatives: if a reader looks for them, only where the request does.
    #[must_use]
    pub fn alternatives(&self) -> bool {
        !self.reads.contains(MentionKind::Alternative) || self.mentioned(MentionKind::Alternative).next().is_some()
    }

    /// Whether the request says to change nothing.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        self.mentioned(MentionKind::NoWrites).next().is_some()
    }

    /// The numbers that the request says of what counts in `unit`, as JSON writes them: those that a reader found, or
    /// else its digits. Where no unit is wanted, or none was said, any number will do.
    #[must_use]
    pub fn numbers(&self, unit: Option<&str>) -> BTreeSet<String> {
        if self.reads.contains(MentionKind::Number) {
            let fits = |said: &str| unit.is_none_or(|unit| unit == said);
            let read = self.mentioned(MentionKind::Number);
            let read = read.filter(|mention| mention.unit.as_deref().is_none_or(fits));
            return read.map(|mention| mention.value.to_string()).collect();
        }
        let request = self.request.replace(',', "");
        request
            .split(|c: char| !c.is_ascii_digit() && c != '.')
            .map(|digits| digits.trim_matches('.'))
            .filter(|digits| digits.len() < 12)
            // Written as JSON has them, without leading zeros.
            .filter_map(|digits| match digits.parse::<u64>() {
                Ok(whole) => Some(whole.to_string()),
                Err(_) => digits.parse::<f64>().ok().map(|number| number.to_string()),
            })
            .collect()
    }

    /// The words that limit a sum, each with the unit of its number; none if nothing can be written, since a limit
    /// holds back writes.
    pub(crate) fn limits(&self) -> BTreeMap<&'a str, Option<&'a str>> {
        if !self.offered().any(ToolSpec::writes) {
            return BTreeMap::new();
        }
        let items = self.offered().filter_map(|tool| tool.items.as_ref());
        let meant = |word: &str| !self.mentioned(MentionKind::Excludes).any(|mention| mention.value == word);
        let limits = items.flat_map(|items| &items.limits).filter(|limited| meant(&limited.word));
        limits.map(|limited| (limited.word.as_str(), limited.unit.as_deref())).collect()
    }

    /// The pieces of the request that a text argument takes, if its schema has a `pattern`: only those can be quoted.
    pub(crate) fn fitting(&self, argument: &Argument) -> Option<Vec<&'a str>> {
        argument.schema.get("pattern")?;
        let valid = jsonschema::validator_for(&argument.schema).ok()?;
        let words = self.request.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let offset = |word: &str| word.as_ptr() as usize - self.request.as_ptr() as usize;
        let mut pieces: Vec<&str> = Vec::new();
        for (at, first) in words.iter().enumerate() {
            for last in words.iter().skip(at).take(MAX_FITTING_WORDS) {
                let piece = self.request.get(offset(first)..offset(last) + last.len()).unwrap_or_default();
                let quotable = !piece.contains(['"', '\\', '\n']) && !pieces.contains(&piece);
                if quotable && valid.is_valid(&Value::from(piece)) {
                    pieces.push(piece);
                }
            }
        }
        Some(pieces)
    }

    /// The request with the short names of dates and times behind the words that mean them: `on 3 December [d1]`.
    #[must_use]
    pub fn annotated(&self) -> String {
        let names = self.names();
        let mut text = String::with_capacity(self.request.len() + 8 * self.mentions.len());
        let mut done = 0;
        for mention in self.mentions {
            let name = names.iter().find(|(_, kind, value)| *kind == mention.kind && **value == mention.value);
            if let (Some((name, ..)), Some(before)) = (name, self.request.get(done..mention.span.end)) {
                text.push_str(before);
                text.push_str(&format!(" [{name}]"));
                done = mention.span.end;
            }
        }
        text.push_str(self.request.get(done..).unwrap_or_default());
        text
    }

    /// The short names of dates, `d1`, `d2`, …, and of times, `t1`, …, from the earliest to the latest.
    ///
    /// Two mentions of the same day share a name, and of two days the earlier always has the lower number: 'two nights
    /// from 4 June' names its days in the order in which they come, not in which they are said.
    #[must_use]
    pub fn names(&self) -> Vec<(String, MentionKind, &'a Value)> {
        let mut names = Vec::new();
        for (kind, letter) in [(MentionKind::Date, 'd'), (MentionKind::Time, 't')] {
            let mut values: Vec<&Value> = self.mentioned(kind).map(|mention| &mention.value).collect();
            values.sort_by_key(|value| value.as_str());
            values.dedup();
            names
                .extend(values.into_iter().enumerate().map(|(at, value)| (format!("{letter}{}", at + 1), kind, value)));
        }
        names
    }

    /// The words that can compare a tool with others by what it chooses: `cheapest` for a booking of what a search found.
    pub(crate) fn choices_of(&self, tool: &ToolSpec) -> Vec<(&'a str, Pick)> {
        let source = written(tool).find_map(|argument| match &argument.kind {
            ArgumentKind::Grounded { tool, path } => Some((tool, path.split_at_items().0)),
            _ => None,
        });
        let Some((source, list)) = source else { return Vec::new() };
        let items = self.tool(source).and_then(|source| source.items.as_ref()).filter(|items| items.path == list);
        items.into_iter().flat_map(Vocabulary::picks).filter(|(word, _)| *word != ANY).collect()
    }

    /// The words that choose among a tool's items, and what they mean.
    pub(crate) fn picks(items: &OutputItems) -> impl Iterator<Item = (&str, Pick)> {
        items
            .orderings
            .iter()
            .map(|ordering| {
                let field = ordering.field.clone();
                (ordering.word.as_str(), if ordering.highest { Pick::Highest(field) } else { Pick::Lowest(field) })
            })
            .chain([(ANY, Pick::First)])
    }
}

/// What keeps a request that mentions these from calling a tool: that it says to change nothing, and the tool writes, or
/// that it can't mean the tool.
pub(crate) fn refusal(mentions: &[Mention], tool: &ToolSpec) -> Option<MentionKind> {
    let kinds = mentions.iter().filter(|mention| match mention.kind {
        MentionKind::NoWrites => tool.writes(),
        MentionKind::Excludes => mention.value == tool.name.as_str(),
        _ => false,
    });
    // Of the two, that nothing is to be changed says more.
    kinds.map(|mention| mention.kind).min()
}

/// Whether a tool can be called in the notation at the top of a line. A lookup that only feeds others can, too.
pub(super) fn positional(tool: &ToolSpec) -> impl Iterator<Item = &Argument> {
    written(tool).filter(|argument| argument.required)
}

pub(super) fn by_name(tool: &ToolSpec) -> impl Iterator<Item = &Argument> {
    written(tool).filter(|argument| !argument.required)
}

/// The arguments that a model writes: those that follow another come with it.
pub(super) fn written(tool: &ToolSpec) -> impl Iterator<Item = &Argument> {
    tool.arguments.iter().filter(|argument| argument.follows.is_none())
}

/// Whether a call may stand for several, one for each of the values given: what they find is one list. A write may not:
/// it would be made for each.
pub(super) fn is_search(tool: &ToolSpec) -> bool {
    tool.items.is_some() && !tool.writes()
}

/// Whether several values may stand for an argument, each of which makes a step: "on the 7th or the 8th".
pub(super) fn alternates(tool: &ToolSpec, argument: &Argument) -> bool {
    is_search(tool) && matches!(argument.kind, ArgumentKind::Date | ArgumentKind::Quote)
}

/// Adds the arguments that follow from others.
pub(super) fn complete(tool: &ToolSpec, args: &mut IndexMap<String, Arg>) {
    for argument in &tool.arguments {
        let (Some(leader), ArgumentKind::Grounded { path, .. }) = (&argument.follows, &argument.kind) else { continue };
        if let Some(Arg::From(reference)) = args.get(leader) {
            let (_, field) = path.split_at_items();
            let follower = Arg::From(Reference { field, many: argument.takes_list(), ..reference.clone() });
            args.insert(argument.name.clone(), follower);
        }
    }
}

/// One line for a tool's description: `search_flights(origin, destination, date, max_price=)`.
#[must_use]
pub fn signature(tool: &ToolSpec) -> String {
    let names = positional(tool).map(|argument| argument.name.clone());
    let optional = by_name(tool).map(|argument| format!("{}=", argument.name));
    format!("{}({})", tool.name, names.chain(optional).collect::<Vec<_>>().join(", "))
}

/// Writes a plan in the notation, the end line included.
#[must_use]
pub fn write(plan: &Plan, vocabulary: &Vocabulary<'_>) -> String {
    let mut text = String::new();
    let writer = Writer { plan, vocabulary, names: vocabulary.names() };
    let used: Vec<StepId> = plan
        .steps
        .iter()
        .flat_map(|step| step.args.values())
        .filter_map(|arg| if let Arg::From(reference) = arg { Some(reference) } else { None })
        .chain(&plan.shown)
        .flat_map(|reference| reference.steps.iter().copied())
        .collect();
    let top: Vec<&Step> = plan.steps.iter().filter(|step| !used.contains(&step.id)).collect();
    for (at, item) in plan.asked.iter().enumerate() {
        text.push_str(&format!("# {item}\n"));
        for step in top.iter().filter(|step| step.item == Some(at)) {
            text.push_str(&writer.line(step));
        }
        for shown in plan.shown.iter().filter(|shown| writer.item_of(shown) == Some(at)) {
            text.push_str(&format!("{}\n", writer.reference(shown)));
        }
    }
    for step in top.iter().filter(|step| step.item.is_none()) {
        text.push_str(&writer.line(step));
    }
    for shown in plan.shown.iter().filter(|shown| writer.item_of(shown).is_none()) {
        text.push_str(&format!("{}\n", writer.reference(shown)));
    }
    for limit in &plan.limits {
        text.push_str(&format!("{}({})\n", limit.word, limit.most));
    }
    text.push_str(END);
    text
}

struct Writer<'a> {
    plan: &'a Plan,
    vocabulary: &'a Vocabulary<'a>,
    names: Vec<(String, MentionKind, &'a Value)>,
}

impl Writer<'_> {
    /// A step of its own, or the alternatives that it is the first of.
    fn line(&self, step: &Step) -> String {
        let Some(either) = self.plan.either(step.id) else { return format!("{}\n", self.call(step)) };
        if either.steps.first() != Some(&step.id) {
            return String::new();
        }
        let steps: Vec<&Step> = either.steps.iter().filter_map(|id| self.plan.step(*id)).collect();
        let word = either::word(either, self.plan, self.vocabulary);
        let calls = steps.into_iter().map(|step| self.call(step)).collect::<Vec<_>>().join(",");
        format!("{EITHER}{word}({calls})\n")
    }

    /// The item that a choice serves: that of the last of its calls, since the same call may have stood before.
    fn item_of(&self, reference: &Reference) -> Option<usize> {
        reference.steps.iter().filter_map(|id| self.plan.step(*id)?.item).max()
    }

    fn call(&self, step: &Step) -> String {
        self.call_with(step, |argument, arg| self.arg(argument, arg))
    }

    fn call_with(&self, step: &Step, write: impl Fn(&Argument, &Arg) -> String) -> String {
        let Some(tool) = self.vocabulary.tool(&step.tool) else { return format!("{}()", step.tool) };
        let required =
            positional(tool).map(|argument| write(argument, step.args.get(&argument.name).unwrap_or(&Arg::Unsaid)));
        let named = by_name(tool).filter_map(|argument| match step.args.get(&argument.name)? {
            Arg::Unsaid => None,
            arg => Some(format!("{}={}", argument.name, write(argument, arg))),
        });
        format!("{}({})", tool.name, required.chain(named).collect::<Vec<_>>().join(","))
    }

    /// Calls beside each other; those that differ in one argument as one call with alternatives.
    fn calls(&self, steps: &[&Step]) -> String {
        let separate = || steps.iter().map(|step| self.call(step)).collect::<Vec<_>>().join(",");
        let Some((first, others)) = steps.split_first().filter(|(_, others)| !others.is_empty()) else {
            return separate();
        };
        let differs = |name: &&String| others.iter().any(|step| step.args.get(*name) != first.args.get(*name));
        let differing: Vec<&String> = first.args.keys().filter(differs).collect();
        let same_names = others.iter().all(|step| step.tool == first.tool && step.args.len() == first.args.len());
        let ([name], Some(tool), true) = (&differing[..], self.vocabulary.tool(&first.tool), same_names) else {
            return separate();
        };
        let Some(argument) = tool.argument(name).filter(|argument| alternates(tool, argument)) else {
            return separate();
        };
        let values = steps.iter().map(|step| self.arg(argument, step.args.get(*name).unwrap_or(&Arg::Unsaid)));
        let values = values.collect::<Vec<_>>().join("|");
        self.call_with(
            first,
            |argument, arg| {
                if argument.name == **name { values.clone() } else { self.arg(argument, arg) }
            },
        )
    }

    fn arg(&self, argument: &Argument, arg: &Arg) -> String {
        match arg {
            Arg::Unsaid => "null".to_owned(),
            Arg::From(reference) => self.reference(reference),
            Arg::Literal(value) => {
                let kind = match argument.kind {
                    ArgumentKind::Date => MentionKind::Date,
                    ArgumentKind::Time => MentionKind::Time,
                    _ => return value.to_string(),
                };
                self.names
                    .iter()
                    .find(|(_, of, named)| *of == kind && *named == value)
                    .map_or_else(|| value.to_string(), |(name, ..)| name.clone())
            }
        }
    }

    fn reference(&self, reference: &Reference) -> String {
        let sources: Vec<&Step> = reference.steps.iter().filter_map(|id| self.plan.step(*id)).collect();
        let calls = self.calls(&sources);
        let word = sources
            .first()
            .and_then(|step| self.vocabulary.tool(&step.tool)?.items.as_ref())
            .and_then(|items| Vocabulary::picks(items).find(|(_, pick)| *pick == reference.pick))
            .map(|(word, _)| word.to_owned())
            .or_else(|| (reference.pick == Pick::All).then(|| ALL.to_owned()));
        match word {
            Some(word) => format!("{word}({calls})"),
            None => calls,
        }
    }
}

/// Reads a plan in the notation.
///
/// # Errors
/// A sentence for the model: what was read, where, and what could stand there.
pub fn read(text: &str, vocabulary: &Vocabulary<'_>) -> Result<Plan, String> {
    super::parse::Parser::new(text, vocabulary).plan()
}

/// The value of a short name such as `d1`.
pub(super) fn named(vocabulary: &Vocabulary<'_>, name: &str) -> Option<Value> {
    vocabulary.names().into_iter().find(|(known, ..)| known == name).map(|(_, _, value)| value.clone())
}
