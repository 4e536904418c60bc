//! Going on when the server went away and came back.

use std::time::Duration;

use cicerone_core::memory::MemoryError;
use sqlx::{PgConnection, PgPool};
use tokio::time::{Instant, sleep, timeout_at};

use super::fault::Fault;

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Something to be asked of the server, as often as it takes to get an answer.
pub(super) trait Job: Send {
    /// What the server answers.
    type Answer: Send;

    /// Asks once.
    fn attempt(&mut self, connection: &mut PgConnection) -> impl Future<Output = Result<Self::Answer, Fault>> + Send;

    /// Hears that an attempt has failed in a way that doesn't tell whether it was made.
    fn doubt(&mut self) {}

    /// What it is, up to the name of the store: `append to run … in`.
    fn what(&self) -> String;
}

/// Attempts a job until it is answered, is refused, or `patience` is over.
pub(super) async fn attempt<R: Send>(
    mut job: impl Job<Answer = R>,
    pool: &PgPool,
    patience: Duration,
    place: &str,
) -> Result<R, MemoryError> {
    let deadline = Instant::now() + patience;
    let mut pause = FIRST_PAUSE;
    let mut last = Fault::Silence;
    loop {
        let once = async { job.attempt(&mut *pool.acquire().await?).await };
        let fault = match timeout_at(deadline, once).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(fault)) => fault,
            // What failed before says more than that time is up.
            Err(_) => return Err(last.at(&job.what(), place)),
        };
        if !fault.may_pass() || Instant::now() + pause >= deadline {
            return Err(fault.at(&job.what(), place));
        }
        if fault.leaves_in_doubt() {
            job.doubt();
        }
        tracing::debug!(place, ?fault, "trying again");
        last = fault;
        sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}
