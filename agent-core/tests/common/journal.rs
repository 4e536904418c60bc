//! What every journal must be.

use std::collections::{BTreeMap, BTreeSet};

use cicerone_core::{
    agent::Run,
    event::{CallId, Decision, Entry, Event, ToolResult},
    state::State,
};

/// The state after these entries, read back from JSON as a store would.
pub fn fold(entries: &[Entry]) -> State {
    let mut state = State::default();
    for entry in entries {
        let read: Entry = serde_json::from_str(&serde_json::to_string(entry).unwrap()).unwrap();
        assert_eq!(read, *entry);
        state.apply(&read.event);
    }
    state
}

/// Checks what holds in every journal, whatever its run was.
pub fn assert_sound(entries: &[Entry]) {
    assert!(matches!(entries[0].event, Event::RunStarted(_)));
    let mut asked: BTreeMap<CallId, Option<Decision>> = BTreeMap::new();
    let mut intended: BTreeSet<CallId> = BTreeSet::new();
    let mut open: BTreeMap<CallId, &str> = BTreeMap::new();
    let mut closed: BTreeMap<CallId, u32> = BTreeMap::new();
    let mut next = 1;
    let mut number = |call: CallId| {
        assert_eq!(call, CallId(next), "calls are numbered without gaps");
        next += 1;
    };
    for entry in entries {
        match &entry.event {
            Event::ApprovalAsked { planned, .. } => {
                if !asked.contains_key(&planned.call) {
                    number(planned.call);
                }
                let already = asked.values().filter(|answer| answer.is_none()).count();
                let abandoned = asked.iter().filter(|(id, d)| d.is_none() && closed.contains_key(id)).count();
                assert_eq!(already, abandoned, "one question to a person at a time");
                asked.insert(planned.call, None);
                open.insert(planned.call, &planned.tool);
            }
            Event::ApprovalGiven { call, decision, .. } => {
                let known = asked.get_mut(call).expect("nobody was asked");
                assert!(known.replace(decision.clone()).is_none(), "asked once, answered once");
            }
            Event::DecisionRejected { call, .. } => {
                assert!(!closed.contains_key(call), "what has ended is not open again");
                assert!(open.contains_key(call));
            }
            Event::ToolIntended { planned, .. } => {
                match asked.get(&planned.call) {
                    Some(decision) => assert!(
                        matches!(decision, Some(Decision::Approve | Decision::Edit { .. })),
                        "a call that was not approved: {decision:?}"
                    ),
                    None => number(planned.call),
                }
                assert!(intended.insert(planned.call), "intended once");
                open.insert(planned.call, &planned.tool);
            }
            Event::CallResolved { call, .. } if closed.contains_key(call) => {}
            Event::ToolRetried { call } | Event::OutcomeUnknown { call, .. } | Event::CallResolved { call, .. } => {
                assert!(intended.contains(call) && open.contains_key(call), "{call:?} is not under way");
            }
            Event::ToolReused { planned, of } => {
                if open.remove(&planned.call).is_none() {
                    number(planned.call);
                }
                assert!(closed.contains_key(of) || *of < planned.call);
            }
            Event::ToolReturned { call, result, .. } => {
                assert!(open.remove(call).is_some(), "a result of what was not under way");
                let refused = matches!(asked.get(call), Some(Some(Decision::Deny { .. } | Decision::Expire)));
                assert_eq!(matches!(result, ToolResult::Denied { .. }), refused);
                *closed.entry(*call).or_default() += 1;
            }
            _ => {}
        }
    }
    assert!(closed.values().all(|results| *results == 1), "one result for each call: {closed:?}");
    let finished = entries.iter().filter(|entry| matches!(entry.event, Event::Finished(_))).count();
    if finished > 0 {
        assert_eq!(finished, 1);
        let end = entries.iter().position(|entry| matches!(entry.event, Event::Finished(_))).unwrap();
        let next = entries.get(end + 1).map(|entry| &entry.event);
        assert!(matches!(next, None | Some(Event::RollbackBegun { .. })), "only a rollback comes after the end");
        assert!(open.is_empty(), "calls without a result: {open:?}");
    }
    let state = fold(entries);
    assert_eq!(state.length, entries.len() as u64);
    assert_eq!(state.end.is_some(), finished == 1);
}

/// The entries of a run that came to an end, checked.
pub fn entries<T>(run: &Run<T>) -> &[Entry] {
    let entries = run.trace.entries();
    assert_sound(entries);
    entries
}

/// The kinds of the events, in short.
pub fn kinds(entries: &[Entry]) -> Vec<String> {
    let kind = |entry: &Entry| match &entry.event {
        Event::ToolReturned { call, .. } => format!("returned {}", call.0),
        Event::ToolIntended { planned, .. } => format!("intended {} {}", planned.call.0, planned.tool),
        Event::ToolReused { planned, of } => format!("reused {} {} of {}", planned.call.0, planned.tool, of.0),
        Event::ApprovalAsked { planned, .. } => format!("asked {} {}", planned.call.0, planned.tool),
        other => serde_json::to_value(other).unwrap()["event"].as_str().unwrap().to_owned(),
    };
    entries.iter().map(kind).collect()
}
