//! Alternatives: writes of which one is made, the one that chooses best.

use super::{
    Either, Pick, Plan, Step, StepId,
    notation::{ANY, Vocabulary},
};
use crate::tool::ToolSpec;

/// The most writes that are alternatives to each other.
pub(super) const MAX_ALTERNATIVES: usize = 3;

/// A word that compares writes by what each of them chooses.
pub(super) struct Comparison<'a> {
    pub(super) word: &'a str,
    pub(super) pick: Pick,
    pub(super) tools: Vec<&'a ToolSpec>,
}

/// The words that compare at least two tools, those whose choices have the same field under the same word; none where
/// the request has no alternatives.
pub(super) fn comparisons<'a>(vocabulary: &Vocabulary<'a>) -> Vec<Comparison<'a>> {
    let mut all: Vec<Comparison<'a>> = Vec::new();
    for tool in vocabulary.offered().filter(|tool| tool.writes() && vocabulary.alternatives()) {
        for (word, pick) in vocabulary.choices_of(tool) {
            match all.iter_mut().find(|known| known.word == word && known.pick == pick) {
                Some(known) => known.tools.push(tool),
                None => all.push(Comparison { word, pick, tools: vec![tool] }),
            }
        }
    }
    all.retain(|comparison| comparison.tools.len() > 1);
    all.sort_by_key(|comparison| comparison.word);
    all
}

/// What a word by which `tool` is compared means.
///
/// # Errors
/// A sentence for the model.
pub(super) fn pick(word: &str, tool: &ToolSpec, vocabulary: &Vocabulary<'_>) -> Result<Pick, String> {
    let mut picks = vocabulary.choices_of(tool).into_iter().filter(|_| tool.writes());
    let known = picks.find(|(known, _)| *known == word).map(|(_, pick)| pick);
    known.ok_or_else(|| format!("`{word}` does not compare what {} chooses", tool.name))
}

/// The word by which alternatives are compared.
pub(super) fn word<'a>(either: &Either, plan: &Plan, vocabulary: &Vocabulary<'a>) -> &'a str {
    let first = either.steps.first().and_then(|id| vocabulary.tool(&plan.step(*id)?.tool));
    let picks = first.into_iter().flat_map(|tool| vocabulary.choices_of(tool));
    picks.into_iter().find(|(_, pick)| *pick == either.pick).map_or(ANY, |(word, _)| word)
}

/// What is wrong with a plan's alternatives: each is a different step that writes what it chooses, and nothing else
/// counts on it.
pub(super) fn wrong(plan: &Plan, vocabulary: &Vocabulary<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut known: Vec<StepId> = Vec::new();
    for either in &plan.either {
        if either.steps.len() < 2 {
            wrong.push("alternatives are at least two calls".to_owned());
        }
        for id in &either.steps {
            if known.contains(id) {
                wrong.push(format!("{id} is an alternative twice; each has to be another call"));
            }
            known.push(*id);
            match plan.step(*id) {
                Some(step) => wrong.extend(incomparable(step, &either.pick, vocabulary)),
                None => wrong.push(format!("{id} is an alternative, but no step")),
            }
        }
    }
    for step in &plan.steps {
        for id in step.dependencies().filter(|id| known.contains(id)) {
            wrong.push(format!("{} refers to {id}, an alternative, which may not be made", step.id));
        }
    }
    for id in plan.shown.iter().flat_map(|shown| &shown.steps).filter(|id| known.contains(id)) {
        wrong.push(format!("what is shown refers to {id}, an alternative, which may not be made"));
    }
    wrong
}

fn incomparable(step: &Step, pick: &Pick, vocabulary: &Vocabulary<'_>) -> Option<String> {
    // A tool that does not exist is said elsewhere.
    let tool = vocabulary.tool(&step.tool)?;
    let ordered = vocabulary.choices_of(tool).iter().any(|(_, known)| known == pick);
    let comparable = tool.writes() && ordered && step.choice().is_some();
    (!comparable).then(|| format!("{} is an alternative, but chooses nothing by which it can be compared", step.id))
}
