//! Listing runs.

use cicerone_core::memory::{MemoryError, MemoryErrorKind, RunFilter, RunSummary};
use rusqlite::{Connection, Row, params};
use serde_json::{Value, json};

use super::{fault::Fault, line::is_of_newer};

// Two statements, so that each goes along an index in the order of the answer: nothing is sorted, and a limit ends it.
pub(super) const ALL: &str = "SELECT run, task, status, events, started, updated FROM runs ORDER BY run DESC LIMIT ?";
pub(super) const OF_STATUS: &str = "SELECT run, task, status, events, started, updated FROM runs WHERE status = ?2 \
                                    ORDER BY run DESC LIMIT ?1";

/// The runs that `filter` lets through, the newest first.
pub(super) fn list(connection: &Connection, filter: &RunFilter) -> Result<Vec<RunSummary>, Fault> {
    let limit = filter.limit.map_or(-1, i64::from);
    let mut select = connection.prepare_cached(if filter.status.is_some() { OF_STATUS } else { ALL })?;
    let mut rows = match filter.status {
        Some(status) => select.query(params![limit, status.as_str()])?,
        None => select.query([limit])?,
    };
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
