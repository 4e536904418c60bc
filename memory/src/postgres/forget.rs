//! Deleting a thread.

use cicerone_core::ThreadId;
use sqlx::PgConnection;

use super::{again::Job, fault::Fault};

/// The runs of a thread, to be deleted; gives how many there were.
pub(super) struct Forgetting(pub(super) ThreadId);

impl Job for Forgetting {
    type Answer = u64;

    // What belongs to a run goes with it. Whoever appends to one just now is waited for, or gets a conflict: both lock
    // the run's row first.
    async fn attempt(&mut self, connection: &mut PgConnection) -> Result<u64, Fault> {
        let deleted = sqlx::query("DELETE FROM cicerone.runs WHERE thread = $1").bind(self.0.as_str());
        Ok(deleted.execute(connection).await?.rows_affected())
    }

    fn what(&self) -> String {
        "forget a thread in".to_owned()
    }
}
