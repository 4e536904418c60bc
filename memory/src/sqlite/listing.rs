//! Listing runs.

use cicerone_core::memory::{MemoryError, MemoryErrorKind, RunFilter, RunSummary};
use rusqlite::{Connection, Row, ToSql};
use serde_json::{Value, json};

use super::{fault::Fault, line::is_of_newer};

// A statement for each kind of filter, so that each goes along an index in the order of the answer: nothing is sorted,
// and a limit ends it.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT run, task, status, events, started, updated, thread FROM runs ",
            $condition,
            " ORDER BY run DESC LIMIT :limit"
        )
    };
}
pub(super) const ALL: &str = select!("");
pub(super) const OF_STATUS: &str = select!("WHERE status = :status");
pub(super) const OF_THREAD: &str = select!("WHERE thread = :thread");
// The `+` keeps it from the index of statuses: a thread has fewer runs than a status.
pub(super) const OF_BOTH: &str = select!("WHERE thread = :thread AND +status = :status");

/// The runs that `filter` lets through, the newest first.
pub(super) fn list(connection: &Connection, filter: &RunFilter) -> Result<Vec<RunSummary>, Fault> {
    let limit = filter.limit.map_or(-1, i64::from);
    let status = filter.status.map(|status| status.as_str());
    let thread = filter.thread.as_ref().map(|thread| thread.as_str());
    let mut parameters: Vec<(&str, &dyn ToSql)> = vec![(":limit", &limit)];
    parameters.extend(status.as_ref().map(|status| (":status", status as &dyn ToSql)));
    parameters.extend(thread.as_ref().map(|thread| (":thread", thread as &dyn ToSql)));
    let mut select = connection.prepare_cached(match (thread, status) {
        (None, None) => ALL,
        (None, Some(_)) => OF_STATUS,
        (Some(_), None) => OF_THREAD,
        (Some(_), Some(_)) => OF_BOTH,
    })?;
    let mut rows = select.query(parameters.as_slice())?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        runs.push(summary(row)?);
    }
    Ok(runs)
}

// By way of JSON, since that is how a summary is made from parts outside the core, and how names become statuses.
fn summary(row: &Row<'_>) -> Result<RunSummary, Fault> {
    let text = |column| row.get::<_, String>(column);
    let number = |column| row.get::<_, i64>(column).map(i64::cast_unsigned);
    let (run, status): (String, String) = (text(0)?, text(2)?);
    let summary: Value = json!({
        "run": run,
        "thread": row.get::<_, Option<String>>(6)?,
        "task": text(1)?,
        "status": status,
        "events": number(3)?,
        "started": number(4)?,
        "updated": number(5)?,
    });
    serde_json::from_value(summary).map_err(|error| {
        let (kind, hint) = if is_of_newer(&error) {
            (MemoryErrorKind::Version, "it was written by a newer version of Cicerone; update to list it")
        } else {
            (MemoryErrorKind::Corrupt, "its line in the list can't be read; restore the store from a copy")
        };
        let message = format!("run `{run}` of status `{status}` can't be listed: {hint}");
        MemoryError::new(kind, message).with_source(error).into()
    })
}
