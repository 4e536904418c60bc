//! Limits: whether what a plan chooses comes to more than the request allows.

use std::fmt;

use serde_json::Value;

use super::Kit;
use crate::{
    plan::{Plan, Step, StepId, bind},
    state::{Call, State},
};

/// A limit, and what would come to more.
#[derive(Debug)]
pub(super) struct Exceeded<'p> {
    word: &'p str,
    most: f64,
    total: f64,
}

impl fmt::Display for Exceeded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Together it comes to {}, over the {} of {}: nothing was done.", self.total, self.word, self.most)
    }
}

/// The limits that the plan's writes would exceed, as long as nothing has been written.
pub(super) fn exceeded<'p>(plan: &'p Plan, state: &State, kit: &Kit) -> Vec<Exceeded<'p>> {
    let writes = |step: &&Step| kit.tools.get(&step.tool).is_some_and(|tool| tool.spec().writes());
    let writing: Vec<&Step> = plan.steps.iter().filter(writes).collect();
    if writing.iter().any(|step| state.call_of_step(step.id).is_some()) {
        return Vec::new();
    }
    let sums = plan.limits.iter().map(|limit| {
        let total = writing.iter().map(|step| amount(step, &limit.word, plan, state, kit).unwrap_or_default()).sum();
        Exceeded { word: &limit.word, most: limit.most, total: without_noise(total) }
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
    let source = kit.tools.get(&plan.step(*reference.steps.first()?)?.tool)?;
    let items = source.spec().items.as_ref().filter(|items| items.path == reference.items)?;
    let limited = items.limits.iter().find(|limited| limited.word == word)?;
    let values = bind::chosen(reference, &output).into_iter().flat_map(|chosen| limited.field.values(chosen));
    Some(values.filter_map(Value::as_f64).sum())
}
