//! Entries to write.

use cicerone_core::{
    RunId, ThreadId,
    event::{CallId, End, Entry, Event, ToolResult},
};
use serde_json::{Value, json};

use super::failure::Flaw;

/// An entry of every kind, and of every kind of decision, result and end.
pub(super) fn every_kind() -> Result<Vec<Entry>, Flaw> {
    serde_json::from_str(include_str!("samples.json"))
        .map_err(|error| Flaw::new(format!("the suite's own samples can't be parsed: {error}")))
}

/// A call's return with a value of the test's choice.
pub(super) fn output(output: Value) -> Entry {
    let result = ToolResult::Output { output };
    Entry { time: 1_764_752_400_000, event: Event::ToolReturned { call: CallId(1), result, milliseconds: 3 } }
}

/// So many entries that are unlike each other, and unlike those with another label.
pub(super) fn numbered(label: &str, entries: usize) -> Vec<Entry> {
    (0..entries).map(|index| output(json!({ "label": label, "index": index }))).collect()
}

/// The beginning of a run, at a time.
pub(super) fn started(task: &str, time: u64) -> Result<Entry, Flaw> {
    let entry = every_kind()?.into_iter().find_map(|entry| match entry.event {
        Event::RunStarted(mut started) => {
            started.task = task.to_owned();
            Some(Entry { time, event: Event::RunStarted(started) })
        }
        _ => None,
    });
    entry.ok_or_else(|| Flaw::new("the suite's own samples lack the beginning of a run"))
}

/// The beginning of a run of a thread, or of none.
pub(super) fn started_in(thread: Option<&ThreadId>, task: &str) -> Result<Entry, Flaw> {
    let mut entry = started(task, 1000)?;
    if let Event::RunStarted(started) = &mut entry.event {
        started.thread = thread.cloned();
    }
    Ok(entry)
}

/// A word that stands nowhere else.
pub(super) fn word() -> String {
    // Letters only: stores differ in what they take for a word when there are digits in it.
    let letter = |digit: char| char::from_u32(u32::from('g') + digit.to_digit(16).unwrap_or_default());
    RunId::new().to_string().chars().filter(|character| *character != '-').filter_map(letter).collect()
}

/// The end of a run, at a time.
pub(super) fn ended(end: End, time: u64) -> Entry {
    Entry { time, event: Event::Finished(end) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Whoever adds an event adds a sample of it.
    #[test]
    fn every_kind_is_among_them() {
        let error = serde_json::from_value::<Event>(json!({ "event": "" })).unwrap_err().to_string();
        let (_, expected) = error.split_once("expected one of ").unwrap();
        let expected: BTreeSet<_> = expected.split(", ").map(|kind| kind.trim_matches('`').to_owned()).collect();
        let samples: Vec<Value> = serde_json::from_str(include_str!("samples.json")).unwrap();
        let sampled: BTreeSet<_> = samples.iter().map(|entry| entry["event"].as_str().unwrap().to_owned()).collect();
        assert_eq!(sampled, expected);
        // Nothing in them is misspelt and so passed over.
        let parsed = serde_json::to_value(every_kind().map_err(|_| ()).unwrap()).unwrap();
        assert_eq!(parsed, Value::Array(samples));
    }
}
