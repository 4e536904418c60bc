//! Undoing what a run has done: how far it has come.

use super::{Call, CallProgress, State};
use crate::{
    event::{CallId, End, Resolution, ToolResult, UndoResult},
    tool::Effect,
};

/// How far the undoing of a [`Call`] has come.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Undo {
    /// It is being undone.
    Intended,
    /// It was being undone, and nobody knows whether it was, for this reason.
    Unknown(String),
    /// That has ended.
    Returned(UndoResult),
}

/// That what a run has done is undone.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rollback {
    /// Why.
    pub reason: String,
    /// How the run ends after it; none if it had ended before.
    pub end: Option<End>,
    /// Whether all has been tried.
    pub closed: bool,
}

impl Call {
    /// Whether it is this run's to undo: it wrote something, or may have.
    ///
    /// What another run did before a fork is that run's, what a person did in the tool's place is theirs.
    #[must_use]
    pub fn is_undoable(&self) -> bool {
        let writes = self.effect.is_some_and(|effect| effect != Effect::Read);
        let done = matches!(
            self.progress,
            CallProgress::Returned(ToolResult::Output { .. } | ToolResult::Abandoned)
                | CallProgress::Intended
                | CallProgress::Unknown(_)
                | CallProgress::Resolved(_)
        );
        writes && done && self.reused.is_none() && !self.inherited && !self.is_answered()
    }

    /// What a person found out about its undoing: whether what it did is still there.
    pub(super) fn resolve_undo(&mut self, resolution: &Resolution) {
        self.undo = match resolution {
            Resolution::NotDone => Some(Undo::Returned(UndoResult::NothingToUndo)),
            Resolution::Done { .. } => None,
        };
    }
}

impl State {
    /// The rollback that is under way.
    #[must_use]
    pub fn rolling_back(&self) -> Option<&Rollback> {
        self.rollback.as_ref().filter(|rollback| !rollback.closed)
    }

    /// The calls whose undoing has come to `what`, in the order in which they were made.
    pub(crate) fn undone(&self, what: impl Fn(&Undo) -> bool) -> Vec<CallId> {
        let calls = self.calls.iter().filter(|call| call.undo.as_ref().is_some_and(&what));
        calls.map(|call| call.planned.call).collect()
    }

    /// What has failed once may be tried again by another rollback.
    pub(super) fn begin_rollback(&mut self, reason: &str, end: Option<&End>) {
        for call in &mut self.calls {
            if matches!(call.undo, Some(Undo::Returned(UndoResult::Failed { .. }))) {
                call.undo = None;
            }
        }
        self.rollback = Some(Rollback { reason: reason.to_owned(), end: end.cloned(), closed: false });
    }
}
