//! Whether a plan chooses as the request says: "the first train there, the last one back".

use std::ops::Range;

use super::{
    Pick, Plan, Reference, Step, either,
    notation::{ANY, Vocabulary},
};
use crate::reading::MentionKind;

/// What the request says of how to choose and the plan does otherwise, in a sentence for the model.
///
/// A choice is compared with the words of the part of the request that it serves. Where that names several ways, or none, nothing
/// is known; a way that no choice of the plan takes was passed over.
pub(super) fn missed(plan: &Plan, vocabulary: &Vocabulary<'_>) -> Option<String> {
    let said: Vec<(&str, &str)> = vocabulary
        .mentioned(MentionKind::Ordering)
        .filter_map(|mention| Some((mention.value.as_str()?, vocabulary.request.get(mention.span.clone())?)))
        .collect();
    let choices = choices(plan, vocabulary);
    for choice in &choices {
        let Some(part) = choice.item.and_then(|item| part(item, plan, vocabulary)) else { continue };
        let mut asked = said_in(&part, vocabulary).into_iter().filter(|(word, _)| choice.could_be(word));
        let (Some((word, quoted)), None) = (asked.next(), asked.next()) else { continue };
        if word != choice.word {
            return Some(format!("\"{quoted}\" asks for {word}({}(…)), not {}", choice.source, choice.word));
        }
    }
    let searched = |word: &str| {
        let items = plan.steps.iter().filter_map(|step| vocabulary.tool(&step.tool)?.items.as_ref());
        items.flat_map(Vocabulary::picks).any(|(known, _)| known == word)
    };
    let passed_over = |(word, _): &&(&str, &str)| searched(word) && !choices.iter().any(|choice| choice.word == *word);
    let (word, quoted) = said.iter().find(passed_over)?;
    Some(format!("\"{quoted}\" asks for {word}(…), and no call chooses so"))
}

/// The part of the request that an item is about: where it is quoted, and what stands between that and the next item.
/// If a way to choose stands before all items, it is what stands between the item and the one before.
fn part(item: usize, plan: &Plan, vocabulary: &Vocabulary<'_>) -> Option<Range<usize>> {
    let request = vocabulary.request;
    let place = |item: &String| request.find(item.as_str()).map(|start| start..start + item.len());
    let own = place(plan.asked.get(item)?)?;
    let others = || plan.asked.iter().filter_map(place);
    let first = others().map(|other| other.start).min()?;
    let leads = vocabulary.mentioned(MentionKind::Ordering).next().is_some_and(|said| said.span.start < first);
    Some(if leads {
        others().map(|other| other.end).filter(|end| *end <= own.start).max().unwrap_or(0)..own.end
    } else {
        own.start..others().map(|other| other.start).filter(|start| *start > own.start).min().unwrap_or(request.len())
    })
}

/// The ways to choose that a part of the request names, each once, with the words for it.
fn said_in<'v>(within: &Range<usize>, vocabulary: &Vocabulary<'v>) -> Vec<(&'v str, &'v str)> {
    let mut said: Vec<(&str, &str)> = Vec::new();
    for mention in vocabulary.mentioned(MentionKind::Ordering) {
        let inside = within.contains(&mention.span.start) && mention.span.end <= within.end;
        if let (true, Some(word)) = (inside, mention.value.as_str())
            && !said.iter().any(|(known, _)| *known == word)
            && let Some(quoted) = vocabulary.request.get(mention.span.clone())
        {
            said.push((word, quoted));
        }
    }
    said
}

/// A choice that a plan makes.
struct Choice<'a> {
    word: &'a str,
    source: &'a str,
    item: Option<usize>,
    others: Vec<&'a str>,
}

impl Choice<'_> {
    fn could_be(&self, word: &str) -> bool {
        self.others.contains(&word)
    }
}

/// All choices among what was found, those of all of it aside.
fn choices<'a>(plan: &'a Plan, vocabulary: &Vocabulary<'a>) -> Vec<Choice<'a>> {
    let of = |reference: &'a Reference, item: Option<usize>| {
        let source = plan.step(*reference.steps.first()?)?;
        let items = vocabulary.tool(&source.tool)?.items.as_ref()?;
        let picks: Vec<(&str, Pick)> = Vocabulary::picks(items).collect();
        let word = picks.iter().find(|(_, pick)| *pick == reference.pick).map(|(word, _)| *word)?;
        let others = picks.into_iter().map(|(word, _)| word).filter(|word| *word != ANY).collect();
        Some(Choice { word, source: source.tool.as_str(), item: item.or(source.item), others })
    };
    // Of alternatives, how one is taken counts, not how each of them chooses.
    let either = |step: &Step| plan.either(step.id).map(|either| either::word(either, plan, vocabulary));
    let bound = plan.steps.iter().filter_map(|step| {
        let choice = of(step.choice()?, step.item)?;
        Some(Choice { word: either(step).unwrap_or(choice.word), ..choice })
    });
    bound.chain(plan.shown.iter().filter_map(|shown| of(shown, None))).collect()
}
