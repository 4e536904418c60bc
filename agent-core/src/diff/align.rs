//! Events of two runs, compared without what differs in any two runs.

use std::collections::HashMap;

use serde_json::Value;

use super::FirstDifference;
use crate::{
    difference::Difference,
    event::{CallId, Entry, Event},
};

/// How many events are the same, and the first that is not.
pub(super) fn first_difference(left: &[Entry], right: &[Entry]) -> (u64, Option<FirstDifference>) {
    let (left, right) = (comparable(left), comparable(right));
    let same = left.iter().zip(&right).take_while(|(left, right)| left == right).count();
    let kind = |event: Option<&Value>| Some(event?.get("event")?.as_str()?.to_owned());
    let difference = match (left.get(same), right.get(same)) {
        (None, None) => return (same as u64, None),
        // Between events of different kinds the place within them says nothing.
        (Some(one), Some(other)) if kind(Some(one)) == kind(Some(other)) => Difference::first(one, other),
        _ => None,
    };
    let (one, other) = (left.get(same), right.get(same));
    let whole = || Difference { path: String::new(), left: one.cloned(), right: other.cloned() };
    let difference = difference.unwrap_or_else(whole);
    (same as u64, Some(FirstDifference { at: same as u64, left: kind(one), right: kind(other), difference }))
}

/// The events as they can be compared.
fn comparable(entries: &[Entry]) -> Vec<Value> {
    let mut events: Vec<&Event> = entries.iter().map(|entry| &entry.event).collect();
    // Which of several calls comes back first is chance.
    for results in events.chunk_by_mut(|one, next| returned(one).is_some() && returned(next).is_some()) {
        results.sort_by_key(|event| returned(event));
    }
    let mut ids = HashMap::new();
    events.into_iter().map(|event| stripped(event, &mut ids)).collect()
}

fn returned(event: &Event) -> Option<CallId> {
    match event {
        Event::ToolReturned { call, .. } => Some(*call),
        _ => None,
    }
}

/// The event without what says nothing about what was done.
fn stripped(event: &Event, ids: &mut HashMap<String, usize>) -> Value {
    let mut value = serde_json::to_value(event).unwrap_or_default();
    let Some(fields) = value.as_object_mut() else { return value };
    match event {
        // Two models that are compared are told apart by what they say, not by their names.
        Event::RunStarted(_) => {
            ["thread", "forked_from", "model"].iter().for_each(|name| drop(fields.shift_remove(*name)));
        }
        Event::ToolIntended { .. } | Event::ApprovalAsked { .. } | Event::ApprovalGiven { .. } => {
            ["key", "expires"].iter().for_each(|name| drop(fields.shift_remove(*name)));
        }
        Event::ToolReturned { .. } | Event::UndoReturned { .. } => drop(fields.shift_remove("milliseconds")),
        Event::ModelAnswered { .. } => {
            if let Some(Value::Object(response)) = fields.get_mut("response") {
                response.shift_remove("usage");
                renumber_parts(response.get_mut("parts"), ids);
            }
        }
        Event::ModelAsked { .. } => {
            for message in fields.get_mut("messages").and_then(Value::as_array_mut).into_iter().flatten() {
                renumber_parts(message.get_mut("parts"), ids);
            }
        }
        _ => {}
    }
    renumber(fields.get_mut("model_call"), ids);
    value
}

fn renumber_parts(parts: Option<&mut Value>, ids: &mut HashMap<String, usize>) {
    for part in parts.and_then(Value::as_array_mut).into_iter().flatten() {
        renumber(part.get_mut("id"), ids);
    }
}

/// Replaces an id that a backend made up by its place among those of the run.
fn renumber(id: Option<&mut Value>, ids: &mut HashMap<String, usize>) {
    if let Some(Value::String(id)) = id {
        let next = ids.len() + 1;
        *id = format!("#{}", ids.entry(std::mem::take(id)).or_insert(next));
    }
}
