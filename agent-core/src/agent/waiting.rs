//! Calls that wait for a person.

use crate::{
    event::{Entry, PlannedCall},
    state::{Call, CallProgress, State, Undo},
    tool::IdempotencyKey,
};

/// A call that waits for a person, and what they need to know of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Waiting {
    /// The call.
    pub call: PlannedCall,
    /// For what.
    pub reason: WaitingFor,
    /// What the action is: the same for the same tool and arguments in the same run.
    pub key: Option<IdempotencyKey>,
    /// What was asked for that the call serves, in the words of the plan.
    pub item: Option<String>,
    /// Until when it may be decided on, in milliseconds since 1970-01-01 UTC.
    pub expires: Option<u64>,
    /// Why nobody knows what became of it, or why what was said to it before can't be used.
    pub why: Option<String>,
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitingFor {
    /// Somebody has to agree to it.
    Approval,
    /// It was interrupted, must not be repeated, and its tool can't tell whether it was done.
    Resolution,
}

impl Waiting {
    /// What a call waits for, if it does.
    pub(super) fn of(call: &Call) -> Option<Self> {
        if let Some(Undo::Unknown(why)) = &call.undo {
            let (reason, why) = (WaitingFor::Resolution, Some(why.clone()));
            return Some(Self {
                call: call.planned.clone(),
                reason,
                key: call.key.clone(),
                item: None,
                expires: None,
                why,
            });
        }
        let asked = call.asked.clone().unwrap_or_default();
        let (reason, why) = match &call.progress {
            CallProgress::Asked | CallProgress::ToAsk => (WaitingFor::Approval, asked.rejected),
            CallProgress::Unknown(why) => (WaitingFor::Resolution, Some(why.clone())),
            _ => return None,
        };
        let (item, expires) = (asked.item, asked.expires.filter(|_| reason == WaitingFor::Approval));
        Some(Self { call: call.planned.clone(), reason, key: call.key.clone(), item, expires, why })
    }

    /// All of a run that do.
    pub(super) fn all(state: &State) -> Vec<Self> {
        let undone = state.calls.iter().filter(|call| matches!(call.undo, Some(Undo::Unknown(_))));
        state.open_calls().chain(undone).filter_map(Self::of).collect()
    }
}

/// The calls of a journal that wait for a person: what a program that shows runs can offer to
/// [`decide`](super::decide()) on or to [`resolve`](super::resolve()).
#[must_use]
pub fn waiting(journal: &[Entry]) -> Vec<Waiting> {
    let mut state = State::default();
    journal.iter().for_each(|entry| state.apply(&entry.event));
    Waiting::all(&state)
}
