//! Undoing what a run has done, the last first.

use super::{Action, Machine};
use crate::{
    error::ErrorKind,
    event::{End, Event, UndoResult},
    state::Undo,
};

/// What becomes of the writes of a run that fails or is cancelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFailure {
    /// They stay, and the journal says which they are.
    #[default]
    Keep,
    /// They are undone by [`Tool::compensate`](crate::tool::Tool::compensate), the last first, before the run ends.
    Compensate,
}

impl Machine {
    /// The events that begin to undo what the run has done, on somebody's request: of a run that has ended, or that
    /// ends with it, as cancelled. None if that is under way.
    #[must_use]
    pub fn rollback(&self, reason: &str) -> Vec<Event> {
        if self.state.rolling_back().is_some() {
            return Vec::new();
        }
        let reason = reason.to_owned();
        if self.state.end.is_some() {
            return vec![Event::RollbackBegun { reason, end: None }];
        }
        let message = format!("the run was rolled back: {reason}");
        let end = Some(End::Failed { kind: ErrorKind::Cancelled, message });
        self.abandoned().chain([Event::RollbackBegun { reason, end }]).collect()
    }

    /// Whether a run that ends like that undoes something first.
    pub(super) fn compensates(&self, end: &End) -> bool {
        let fails = matches!(end, End::Failed { .. }) && self.on_failure == OnFailure::Compensate;
        fails && self.state.rollback.is_none() && self.state.calls.iter().any(|call| call.is_undoable())
    }

    /// What is to be done while a rollback is under way: one undoing at a time, the last call first, and the end when
    /// nothing is left.
    pub(super) fn undo(&self, end: Option<&End>) -> Vec<Action> {
        let under_way = |call: &&crate::state::Call| matches!(call.undo, Some(Undo::Intended));
        if self.state.calls.iter().any(|call| under_way(&call)) {
            return Vec::new();
        }
        let mut calls = self.state.calls.iter().rev().filter(|call| call.is_undoable());
        if let Some(next) = calls.find(|call| call.undo.is_none()) {
            return vec![Action::Undo(next.planned.call)];
        }
        if !self.state.undone(|undo| matches!(undo, Undo::Unknown(_))).is_empty() {
            return Vec::new();
        }
        let failed = |undo: &Undo| matches!(undo, Undo::Returned(UndoResult::Failed { .. }));
        let closed =
            Event::RolledBack { undone: self.state.undone(|undo| !failed(undo)), left: self.state.undone(failed) };
        [Some(closed), end.cloned().map(Event::Finished)].into_iter().flatten().map(Action::Record).collect()
    }
}
