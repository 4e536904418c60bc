//! Journals in a PostgreSQL database.

mod address;
mod again;
mod fault;
mod forget;
mod journal;
mod listing;
mod schema;
mod search;

use std::{fmt, sync::Arc, time::Duration};

use cicerone_core::{
    RunId, ThreadId,
    event::Entry,
    memory::{Found, Memory, MemoryError, Recall, RunFilter, RunSummary},
};
use sqlx::{ConnectOptions, Connection, PgPool, postgres::PgPoolOptions};
use tokio::time::timeout;

use self::{
    address::Address,
    again::Job,
    fault::Fault,
    forget::Forgetting,
    journal::{Appending, Reading},
    listing::Listing,
    search::Searching,
};
use crate::append::Append;

const PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait for a connection before it is tried anew: the server may have moved meanwhile.
const CONNECTED_WITHIN: Duration = Duration::from_secs(5);

/// Enough for many runs at once: an append takes one for a millisecond or two. A server has a hundred by default.
const CONNECTIONS: u32 = 10;

/// A memory in a PostgreSQL database, for agents on several machines.
///
/// Every append is one transaction, and durable when it returns. Any number of processes and machines may use the
/// database at the same time. Clones share up to ten connections, which belong to the Tokio runtime that made them:
/// open the store in the runtime that uses it.
///
/// A server that goes away and comes back, as when it is restarted, is waited for: see [`patience`](Self::patience).
/// If the connection is lost while an append is under way, the store finds out whether it was made, and makes it if
/// not: it is never made twice, and never reported as a conflict with itself. A future may be dropped at any time. An
/// append that had begun is then made or not, as a whole, and which of them is known only by reading.
///
/// The tables are in a schema of their own, `cicerone`, so that the database may hold others. They explain
/// themselves with `\d+ cicerone.*`, and `SELECT position, kind, body FROM cicerone.events WHERE run = '…'` prints a
/// run.
#[derive(Clone)]
pub struct Postgres {
    place: Arc<str>,
    pool: PgPool,
    patience: Duration,
}

impl Postgres {
    /// Opens the store in the database at `url`, such as `postgres://ada:secret@db.example:5432/trips`. In a database
    /// without one its tables are created; that of an older version is brought up to date.
    ///
    /// `?sslmode=verify-full` demands an encrypted connection and checks the server's certificate; without it, one is
    /// used if the server offers it. A password that is not in the address is taken from `PGPASSWORD` or `~/.pgpass`.
    /// It is never printed: not by errors, nor by `Debug`.
    ///
    /// # Errors
    /// At once, without waiting for a server that is down:
    /// - [`Unavailable`](cicerone_core::memory::MemoryErrorKind::Unavailable) if `url` is no such address, the server
    ///   can't be reached or refuses the user, or the database isn't there, is read-only or is not encoded in UTF-8;
    /// - [`Version`](cicerone_core::memory::MemoryErrorKind::Version) if a newer version has written it.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use cicerone_memory::Postgres;
    ///
    /// // Nobody listens on port 1.
    /// let error = Postgres::connect("postgres://ada:secret@127.0.0.1:1/trips").await.unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "can't open `postgres://127.0.0.1:1/trips`: the server does not answer; check that it runs, and the host \
    ///      and port, then try again",
    /// );
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn connect(url: &str) -> Result<Self, MemoryError> {
        let Address { options, place } = Address::parse(url)?;
        // Not through the pool, which would wait for a server that isn't there.
        let prepare = async {
            let mut connection = options.connect().await?;
            schema::prepare(&mut connection, &place).await?;
            Ok(connection.close().await?)
        };
        let prepared = timeout(PATIENCE, prepare).await.unwrap_or(Err(Fault::Silence));
        prepared.map_err(|fault| fault.at("open", &place))?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(CONNECTED_WITHIN)
            .after_connect(|connection, _| {
                Box::pin(async {
                    sqlx::query(DURABLE).execute(connection).await?;
                    Ok(())
                })
            })
            .connect_lazy_with(options);
        Ok(Self { place: place.into(), pool, patience: PATIENCE })
    }

    /// How long to wait for a server that has gone away before an operation fails: 30 seconds, unless said otherwise.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    async fn ask<R: Send>(&self, job: impl Job<Answer = R>) -> Result<R, MemoryError> {
        again::attempt(job, &self.pool, self.patience, &self.place).await
    }
}

/// A commit is on the disk when it returns, whatever was written: unlike a file, a server may crash while its agents go
/// on, and they would find less than they wrote. This holds even where the server's default is to be faster; stricter
/// settings, which wait for a standby, are kept.
const DURABLE: &str = "SELECT set_config('synchronous_commit', 'on', false) \
                       WHERE current_setting('synchronous_commit') = 'off'";

impl Memory for Postgres {
    async fn append(&self, run: &RunId, at: u64, entries: &[Entry]) -> Result<(), MemoryError> {
        self.ask(Appending::new(Append::new(*run, at, entries)?)).await
    }

    async fn read(&self, run: &RunId, from: u64) -> Result<Vec<Entry>, MemoryError> {
        self.ask(Reading { run: *run, from }).await
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunSummary>, MemoryError> {
        self.ask(Listing(filter.clone())).await
    }

    async fn search(&self, query: &Recall) -> Result<Vec<Found>, MemoryError> {
        self.ask(Searching(query.clone())).await
    }

    /// Deletes a thread: nobody who asks the server is given anything of it from then on. What the server keeps on its
    /// disk is its administrator's: deleted rows until they are vacuumed and overwritten, its log, copies.
    ///
    /// If the connection is lost meanwhile, runs that the lost attempt has deleted are not counted.
    async fn forget(&self, thread: &ThreadId) -> Result<u64, MemoryError> {
        self.ask(Forgetting(thread.clone())).await
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Postgres").field(&self.place).finish()
    }
}
