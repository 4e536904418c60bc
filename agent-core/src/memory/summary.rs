//! Runs in a list.

use serde::{Deserialize, Serialize};

use crate::{
    event::{End, Entry, Event},
    run::RunId,
    thread::ThreadId,
};

/// Which runs to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunFilter {
    /// Only runs of this status.
    pub status: Option<RunStatus>,
    /// Only runs of this thread.
    pub thread: Option<ThreadId>,
    /// At most so many, the newest.
    pub limit: Option<u32>,
}

impl RunFilter {
    /// Only runs of this status.
    #[must_use]
    pub fn status(mut self, status: RunStatus) -> Self {
        self.status = Some(status);
        self
    }

    /// Only runs of this thread.
    #[must_use]
    pub fn thread(mut self, thread: ThreadId) -> Self {
        self.thread = Some(thread);
        self
    }

    /// At most so many, the newest.
    #[must_use]
    pub fn limit(mut self, runs: u32) -> Self {
        self.limit = Some(runs);
        self
    }

    /// Whether a run is among them, the limit aside.
    #[must_use]
    pub fn lets_through(&self, run: &RunSummary) -> bool {
        self.status.is_none_or(|status| status == run.status)
            && self.thread.as_ref().is_none_or(|thread| run.thread.as_ref() == Some(thread))
    }
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunStatus {
    /// It has not ended: it is going on, was interrupted, or waits for a person.
    Open,
    /// It ended with an answer.
    Completed,
    /// It ended with a question back to the user.
    NeedsInput,
    /// It failed or was cancelled.
    Failed,
    /// It had ended, and what it did was undone.
    RolledBack,
}

impl RunStatus {
    /// The status of a run whose journal ends with this event.
    #[must_use]
    pub fn after(last: &Event) -> Self {
        match last {
            Event::Finished(End::Completed { .. }) => Self::Completed,
            Event::Finished(End::NeedsInput { .. }) => Self::NeedsInput,
            Event::Finished(End::Failed { .. }) => Self::Failed,
            Event::RolledBack { .. } => Self::RolledBack,
            _ => Self::Open,
        }
    }

    /// The status as one word, for lists and stores.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Completed => "completed",
            Self::NeedsInput => "needs_input",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
        }
    }
}

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunSummary {
    /// Its name.
    pub run: RunId,
    /// The conversation that it belongs to, if it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ThreadId>,
    /// What was asked for.
    pub task: String,
    /// How far it has come.
    pub status: RunStatus,
    /// How many events its journal has.
    pub events: u64,
    /// When it began, in milliseconds since 1970-01-01 UTC.
    pub started: u64,
    /// When its last event was written, likewise.
    pub updated: u64,
}

impl RunSummary {
    /// The summary of a journal of `events` entries, from its first and last one.
    #[must_use]
    pub fn of(run: RunId, first: &Entry, last: &Entry, events: u64) -> Self {
        let (task, thread) = match &first.event {
            Event::RunStarted(started) => (started.task.clone(), started.thread.clone()),
            _ => (String::new(), None),
        };
        let status = RunStatus::after(&last.event);
        Self { run, thread, task, status, events, started: first.time, updated: last.time }
    }
}
