//! Limits: whether what a plan chooses comes to more than the request allows.

use std::{fmt, slice};

use serde_json::Value;

use super::Kit;
use crate::{
    plan::{Plan, Step, StepId, bind},
    state::{Call, State},
    tool::{ArgumentKind, Limited, Path},
};

/// A limit, and what would come to more.
#[derive(Debug)]
pub(super) struct Exceeded<'p> {
    word: &'p str,
    most: f64,
    total: f64,
    /// Whether an earlier plan has written something.
    begun: bool,
}

impl fmt::Display for Exceeded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { word, most, total, begun } = self;
        let done = if *begun { "nothing more" } else { "nothing" };
        write!(f, "Together it comes to {total}, over the {word} of {most}: {done} was done.")
    }
}

/// What limits a request limits every plan for it, also one that is made after a failure for what is left.
pub(super) fn keep(plan: &mut Plan, state: &State) {
    for limit in state.plan.iter().flat_map(|before| &before.limits) {
        if plan.limits.iter().all(|known| known.word != limit.word) {
            plan.limits.push(limit.clone());
        }
    }
}

/// The limits that the plan's writes would exceed, together with what earlier plans have written, as long as this one
/// has written nothing.
pub(super) fn exceeded<'p>(plan: &'p Plan, state: &State, kit: &Kit) -> Vec<Exceeded<'p>> {
    if plan.limits.is_empty() {
        return Vec::new();
    }
    let writes = |tool: &str| kit.tools.get(tool).is_some_and(|tool| tool.spec().writes());
    let writing: Vec<&Step> = plan.steps.iter().filter(|step| writes(&step.tool)).collect();
    if writing.iter().any(|step| state.call_of_step(step.id).is_some()) {
        return Vec::new();
    }
    let output = |step: StepId| state.call_of_step(step).and_then(Call::output);
    let done: Vec<&Call> =
        state.calls.iter().filter(|call| call.output().is_some() && writes(&call.planned.tool)).collect();
    // What is done already is not made again.
    let repeats = |step: &Step| {
        let args = bind::bind(step, &output).ok();
        done.iter().any(|call| call.planned.tool == step.tool && Some(&call.planned.args) == args.as_ref())
    };
    let new: Vec<&Step> = writing.into_iter().filter(|step| !repeats(step)).collect();
    let sums = plan.limits.iter().map(|limit| {
        let before = done.iter().filter_map(|call| spent(call, &limit.word, state, kit));
        let now = new.iter().filter_map(|step| amount(step, &limit.word, plan, state, kit));
        let total = without_noise(before.chain(now).sum());
        Exceeded { word: &limit.word, most: limit.most, total, begun: !done.is_empty() }
    });
    sums.filter(|sum| sum.total > sum.most).collect()
}

/// A sum as it would be worked out on paper: three prices of 0.1 are 0.3, not a little more.
fn without_noise(sum: f64) -> f64 {
    (sum * 1e6).round() / 1e6
}

/// What a write's choice has of the limited field.
fn amount(step: &Step, word: &str, plan: &Plan, state: &State, kit: &Kit) -> Option<f64> {
    let output = |step: StepId| state.call_of_step(step).and_then(Call::output);
    if plan.either(step.id).is_some_and(|either| bind::winner(either, plan, &output) != Some(step.id)) {
        return None;
    }
    let reference = step.choice()?;
    let limited = limited(&plan.step(*reference.steps.first()?)?.tool, &reference.items, word, kit)?;
    let values = bind::chosen(reference, &output).into_iter().flat_map(|chosen| limited.field.values(chosen));
    Some(values.filter_map(Value::as_f64).sum())
}

/// What the items that a write was made with have of the limited field.
fn spent(call: &Call, word: &str, state: &State, kit: &Kit) -> Option<f64> {
    let tool = kit.tools.get(&call.planned.tool)?;
    let (name, source, path) = tool.spec().arguments.iter().find_map(|argument| match &argument.kind {
        ArgumentKind::Grounded { tool, path } => Some((&argument.name, tool, path)),
        _ => None,
    })?;
    let (items, field) = path.split_at_items();
    let limited = limited(source, &items, word, kit)?;
    let seen = || {
        let searches = state.calls.iter().filter(|call| call.planned.tool == *source);
        searches.filter_map(Call::output).flat_map(|output| items.values(output))
    };
    let given = call.planned.args.get(name)?;
    let given = given.as_array().map_or(slice::from_ref(given), Vec::as_slice);
    let chosen = given.iter().filter_map(|value| seen().find(|item| field.values(item).contains(&value)));
    Some(chosen.flat_map(|item| limited.field.values(item)).filter_map(Value::as_f64).sum())
}

/// The field of a tool's items that a word limits.
fn limited<'k>(tool: &str, items: &Path, word: &str, kit: &'k Kit) -> Option<&'k Limited> {
    let known = kit.tools.get(tool)?.spec().items.as_ref().filter(|known| known.path == *items)?;
    known.limits.iter().find(|limited| limited.word == word)
}
