//! One run as a row of a database's list.

use cicerone_core::memory::{MemoryError, MemoryErrorKind, RunSummary};
use serde_json::json;

use crate::line::is_of_newer;

/// A run's line in the list as it is stored. Integers are those of [`RunSummary`], bit for bit.
pub(crate) struct Listed {
    pub(crate) run: String,
    pub(crate) task: String,
    pub(crate) status: String,
    pub(crate) events: i64,
    pub(crate) started: i64,
    pub(crate) updated: i64,
    pub(crate) thread: Option<String>,
}

impl Listed {
    /// The summary that the row holds.
    // By way of JSON, since that is how a summary is made from parts outside the core, and how names become statuses.
    pub(crate) fn parse(self) -> Result<RunSummary, MemoryError> {
        let Self { run, task, status, events, started, updated, thread } = self;
        let summary = json!({
            "run": run,
            "thread": thread,
            "task": task,
            "status": status,
            "events": events.cast_unsigned(),
            "started": started.cast_unsigned(),
            "updated": updated.cast_unsigned(),
        });
        serde_json::from_value(summary).map_err(|error| {
            let (kind, hint) = if is_of_newer(&error) {
                (MemoryErrorKind::Version, "it was written by a newer version of Cicerone; update to list it")
            } else {
                (MemoryErrorKind::Corrupt, "its line in the list can't be read; restore the store from a copy")
            };
            let message = format!("run `{run}` of status `{status}` can't be listed: {hint}");
            MemoryError::new(kind, message).with_source(error)
        })
    }
}
