//! What must hold for a run, however often it was interrupted.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use cicerone::{
    event::Entry,
    state::{State, Undo},
};
use serde_json::Value;

use crate::{
    child::is_answer,
    scene::Scene,
    watch::{Ending, Report},
    world::{Booking, BookingStatus},
};

/// What a journal held at some moment.
pub(crate) struct Cut {
    /// The number of the next process.
    pub(crate) before: u32,
    pub(crate) journal: Vec<Entry>,
}

/// What comes of a run, without what differs from run to run.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    ending: Ending,
    /// Each call, its arguments and its result.
    calls: Vec<String>,
    /// Each booking: what, for how many, for whom, and whether it holds.
    bookings: Vec<(String, u32, String, BookingStatus)>,
}

impl Outcome {
    /// What came of a scene's run, by its last report; what must hold for each run is checked.
    pub(crate) fn of(scene: &Scene, last: &Report) -> Self {
        let (journal, bookings) = (scene.journal(), scene.bookings());
        check_results(&journal);
        check_nothing_repeated(scene, &journal);
        let state = fold(&journal);
        let calls = state.calls.iter().map(|call| {
            let (tool, args) = (&call.planned.tool, &call.planned.args);
            let result = neutral(&serde_json::to_string(&call.result()).unwrap(), &bookings);
            format!("{tool} {args}: {}", short(&result))
        });
        let ending = match &last.ending {
            Ending::Completed(answer) => Ending::Completed(neutral(answer, &bookings)),
            Ending::Failed(kind, message) => Ending::Failed(*kind, neutral(message, &bookings)),
            other => other.clone(),
        };
        Self { ending, calls: calls.collect(), bookings: bookings.iter().map(told).collect() }
    }

    /// How many bookings there are, and how many of them hold.
    pub(crate) fn booked(&self) -> (usize, usize) {
        let hold = self.bookings.iter().filter(|booking| booking.3 == BookingStatus::Confirmed).count();
        (self.bookings.len(), hold)
    }
}

fn told(booking: &Booking) -> (String, u32, String, BookingStatus) {
    (booking.item.clone(), booking.quantity, booking.traveller.clone(), booking.status)
}

/// A text without references, which follow from the run's name.
fn neutral(text: &str, bookings: &[Booking]) -> String {
    bookings.iter().fold(text.to_owned(), |text, booking| text.replace(&booking.reference, &booking.item))
}

/// A text that can be looked at, and is another one if anything in it is.
fn short(text: &str) -> String {
    let end = text.char_indices().nth(120).map_or(text.len(), |(end, _)| end);
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    if end == text.len() { text.to_owned() } else { format!("{}… ({:x})", &text[..end], hasher.finish()) }
}

pub(crate) fn fold(journal: &[Entry]) -> State {
    let mut state = State::default();
    journal.iter().for_each(|entry| state.apply(&entry.event));
    state
}

/// What may stand in a journal once for each call, or once in all.
const ONCE: [&str; 8] = [
    "approval_asked",
    "approval_given",
    "tool_intended",
    "tool_returned",
    "undo_returned",
    "finished",
    "rollback_begun",
    "rolled_back",
];

/// Exactly one result for each call that was asked about or intended, and for each that was to be undone; one question
/// and one answer about each; one end.
fn check_results(journal: &[Entry]) {
    let mut counts: BTreeMap<(&str, u64), u32> = BTreeMap::new();
    let (mut begun, mut undone) = (BTreeSet::new(), BTreeSet::new());
    let events: Vec<Value> = journal.iter().map(|entry| serde_json::to_value(&entry.event).unwrap()).collect();
    for event in &events {
        let (kind, call) = (event["event"].as_str().unwrap(), event["call"].as_u64().unwrap_or_default());
        match kind {
            "approval_asked" | "tool_intended" => drop(begun.insert(call)),
            "undo_intended" => drop(undone.insert(call)),
            _ => {}
        }
        if ONCE.contains(&kind) {
            *counts.entry((kind, call)).or_default() += 1;
        }
    }
    let often: Vec<_> = counts.iter().filter(|(_, count)| **count != 1).collect();
    assert!(often.is_empty(), "written more than once: {often:?}");
    let calls =
        |of: &str| counts.keys().filter(|(kind, _)| *kind == of).map(|(_, call)| *call).collect::<BTreeSet<_>>();
    assert_eq!(begun, calls("tool_returned"), "each call that was begun has a result");
    assert_eq!(undone, calls("undo_returned"), "each call that was to be undone has a result");
    assert_eq!(calls("rollback_begun"), calls("rolled_back"), "a rollback that was begun has ended");
    assert!(!calls("finished").is_empty() || !calls("rolled_back").is_empty(), "the run has not ended");
}

/// What was written stays, and whatever had a result then was not done again.
fn check_nothing_repeated(scene: &Scene, journal: &[Entry]) {
    let log = scene.log();
    for Cut { before, journal: cut } in &scene.cuts {
        // A run that had no line in the journal was begun anew, under another name.
        if cut.is_empty() {
            continue;
        }
        assert_eq!(journal.get(..cut.len()), Some(&cut[..]), "what was written has changed");
        let (mut closed, mut undone) = (HashSet::new(), HashSet::new());
        for call in fold(cut).calls {
            let is_undone = matches!(call.undo, Some(Undo::Returned(_)));
            let Some(key) = call.key.as_ref().map(ToString::to_string) else { continue };
            if call.result().is_some() {
                closed.insert(key.clone());
            }
            if is_undone {
                undone.insert(key);
            }
        }
        let answered = cut.iter().filter(|entry| is_answer(entry)).count();
        for (_, what) in log.iter().filter(|(process, _)| process >= before) {
            let words: Vec<&str> = what.split(' ').collect();
            match words[..] {
                ["model", reply] => assert!(reply.parse::<usize>().unwrap() >= answered, "asked again: {what}"),
                ["call", _, key] => assert!(!closed.contains(key), "called again: {what}"),
                ["undo", _, key] => assert!(!undone.contains(key), "undone again: {what}"),
                _ => {}
            }
        }
    }
}
