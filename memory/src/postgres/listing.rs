//! Listing runs.

use cicerone_core::{
    ThreadId,
    memory::{MemoryError, MemoryErrorKind, RunFilter, RunStatus, RunSummary},
};
use sqlx::PgConnection;

use super::{again::Job, fault::Fault};
use crate::listed::Listed;

// A statement for each kind of filter, so that each goes along an index in the order of the answer: nothing is sorted,
// and a limit ends it.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT run::text, task, status, events, started, updated, thread FROM cicerone.runs ",
            $condition,
            " ORDER BY run DESC LIMIT $1"
        )
    };
}
const ALL: &str = select!("");
const OF_STATUS: &str = select!("WHERE status = $2");
const OF_THREAD: &str = select!("WHERE thread = $2");
const OF_BOTH: &str = select!("WHERE thread = $2 AND status = $3");

/// The runs that a filter lets through, the newest first.
pub(super) struct Listing(pub(super) RunFilter);

type Row = (String, String, String, i64, i64, i64, Option<String>);

impl Job for Listing {
    type Answer = Vec<RunSummary>;

    async fn attempt(&mut self, connection: &mut PgConnection) -> Result<Vec<RunSummary>, Fault> {
        // No limit is NULL.
        let limit = self.0.limit.map(i64::from);
        let (thread, status) = (self.0.thread.as_ref().map(ThreadId::as_str), self.0.status.map(RunStatus::as_str));
        let sql = match (thread, status) {
            (None, None) => ALL,
            (None, Some(_)) => OF_STATUS,
            (Some(_), None) => OF_THREAD,
            (Some(_), Some(_)) => OF_BOTH,
        };
        let query = sqlx::query_as(sql).bind(limit);
        let query = [thread, status].into_iter().flatten().fold(query, |query, wanted| query.bind(wanted));
        let rows: Vec<Row> = query.fetch_all(connection).await?;
        Ok(rows.into_iter().map(summary).collect::<Result<_, _>>()?)
    }

    fn what(&self) -> String {
        "list the runs in".to_owned()
    }
}

fn summary((run, task, status, events, started, updated, thread): Row) -> Result<RunSummary, MemoryError> {
    let task = serde_json::from_str(&task).map_err(|error| {
        let message = format!("run `{run}` can't be listed: its task is no JSON string; restore the store from a copy");
        MemoryError::new(MemoryErrorKind::Corrupt, message).with_source(error)
    })?;
    Listed { run, task, status, events, started, updated, thread }.parse()
}
