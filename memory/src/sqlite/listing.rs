//! Listing runs.

use cicerone_core::memory::{RunFilter, RunSummary};
use rusqlite::{Connection, Row, ToSql};

use super::fault::Fault;
use crate::listed::Listed;

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

fn summary(row: &Row<'_>) -> Result<RunSummary, Fault> {
    let text = |column| row.get::<_, String>(column);
    let number = |column| row.get::<_, i64>(column);
    let listed = Listed {
        run: text(0)?,
        task: text(1)?,
        status: text(2)?,
        events: number(3)?,
        started: number(4)?,
        updated: number(5)?,
        thread: row.get(6)?,
    };
    Ok(listed.parse()?)
}
