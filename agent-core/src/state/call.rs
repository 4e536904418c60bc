//! A tool call and how far it has come.

use serde_json::Value;

use super::Undo;
use crate::{
    event::{CallId, Decision, PlannedCall, Resolution, ToolResult},
    tool::{Effect, IdempotencyKey},
};

/// A tool call and how far it has come.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Call {
    /// What is to be called. If a person gave other arguments, it has those.
    pub planned: PlannedCall,
    /// How far it has come.
    pub progress: CallProgress,
    /// The key, once the call is asked about or intended.
    pub key: Option<IdempotencyKey>,
    /// What may happen twice, once the call is intended.
    pub effect: Option<Effect>,
    /// How long it took.
    pub milliseconds: u64,
    /// The earlier call whose result it took, if it was not made.
    pub reused: Option<CallId>,
    /// Whether the run that this one was forked from made it: then it is not this run's to undo.
    pub inherited: bool,
    /// What a person was asked about it, if one was.
    pub asked: Option<Asked>,
    /// What they said.
    pub decided: Option<Decided>,
    /// What they found out, if its outcome was unknown.
    pub resolved: Option<Resolved>,
    /// How far its undoing has come, if it is undone.
    pub undo: Option<Undo>,
}

/// What a person was asked about a call.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Asked {
    /// What was asked for that the call serves, in the words of the plan.
    pub item: Option<String>,
    /// Until when the answer is waited for, in milliseconds since 1970-01-01 UTC.
    pub expires: Option<u64>,
    /// Why what they said before can't be used.
    pub rejected: Option<String>,
    /// How often that happened.
    pub rejections: u32,
}

/// What a person said to a call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decided {
    /// What.
    pub decision: Decision,
    /// Who, if that is known.
    pub by: Option<String>,
}

/// What a person found out about a call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Resolved {
    /// What.
    pub resolution: Resolution,
    /// Who, if that is known.
    pub by: Option<String>,
}

/// How far a [`Call`] has come.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CallProgress {
    /// A person is to be asked, again.
    ToAsk,
    /// A person is asked.
    Asked,
    /// A person agreed.
    Approved,
    /// A person refused; the call is not yet closed.
    Refused(String),
    /// A person gave other arguments; they are not yet checked.
    Edited(Value),
    /// A person gave the output; it is not yet checked.
    Answered(Value),
    /// It is being made.
    Intended,
    /// It was intended, and nobody knows whether it was carried out, for this reason.
    Unknown(String),
    /// A person found out what became of it; the call is not yet closed.
    Resolved(Resolution),
    /// It has ended.
    Returned(ToolResult),
}

impl Call {
    pub(super) fn new(planned: PlannedCall, progress: CallProgress) -> Self {
        Self {
            planned,
            progress,
            key: None,
            effect: None,
            milliseconds: 0,
            reused: None,
            inherited: false,
            asked: None,
            decided: None,
            resolved: None,
            undo: None,
        }
    }

    /// What came of it, if it has ended.
    #[must_use]
    pub fn result(&self) -> Option<&ToolResult> {
        match &self.progress {
            CallProgress::Returned(result) => Some(result),
            _ => None,
        }
    }

    /// What it returned, if it did.
    #[must_use]
    pub fn output(&self) -> Option<&Value> {
        match self.result() {
            Some(ToolResult::Output { output }) => Some(output),
            _ => None,
        }
    }

    /// Whether a person gave its output, in the tool's place.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        matches!(&self.decided, Some(Decided { decision: Decision::Answer { .. }, .. }))
    }

    /// Opens again what a person said that can't be used.
    pub(super) fn reject(&mut self, reason: &str) {
        if matches!(self.progress, CallProgress::Resolved(_)) {
            self.resolved = None;
            self.progress = CallProgress::Unknown(reason.to_owned());
        } else {
            let asked = self.asked.get_or_insert_default();
            asked.rejected = Some(reason.to_owned());
            asked.rejections += 1;
            self.decided = None;
            self.progress = CallProgress::ToAsk;
        }
    }

    /// Whether a person was asked about just this: the answer to one question is none to another.
    pub(super) fn is_under(&self, key: Option<&IdempotencyKey>) -> bool {
        self.progress == CallProgress::Asked && (key.is_none() || self.key.is_none() || key == self.key.as_ref())
    }
}
