//! Journals in one SQLite file.

mod durability;
mod fault;
mod forget;
mod journal;
mod listing;
mod search;
mod store;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests;
mod worker;

use std::{fmt, path::Path, sync::Arc};

use cicerone_core::{
    RunId, ThreadId,
    event::Entry,
    memory::{Found, Memory, MemoryError, Recall, RunFilter, RunSummary},
};
use rusqlite::Connection;

use self::{durability::Reads, fault::Fault, worker::Worker};
use crate::append::Append;

/// A memory in one SQLite file, or in an in-memory database.
///
/// Every append is one transaction. It is on the disk when it returns, with all before it, unless it holds only what can
/// be had again, such as what a read returned or the model said: then it has left the process, and is flushed with the
/// next one. Any number of processes may use the file at the
/// same time; a writer waits up to ten seconds for another one's transaction. Within a process, clones share one
/// connection, which lives on a thread of its own and is closed soon after the last clone is dropped.
///
/// A future may be dropped at any time. An append that had begun is then finished or undone as a whole; whether it
/// was made is known only by reading, as after a crash.
///
/// The file can be looked at with any SQLite shell: its tables explain themselves with `.schema`, and
/// `SELECT position, kind, body FROM events WHERE run = '…'` prints a run.
#[derive(Clone)]
pub struct Sqlite {
    place: Arc<str>,
    worker: Worker,
    reads: Reads,
}

impl Sqlite {
    /// Opens the store in the file at `path`. If there is none it is created, and its folder too.
    ///
    /// This waits for the disk, once; in a server, open the store before the first request.
    ///
    /// # Errors
    /// In each case the file is left as it is:
    /// - [`Unavailable`](cicerone_core::memory::MemoryErrorKind::Unavailable) if `path` is a folder or another
    ///   program's database, or can't be created or written to;
    /// - [`Corrupt`](cicerone_core::memory::MemoryErrorKind::Corrupt) if the file is no SQLite database, or a damaged
    ///   one;
    /// - [`Version`](cicerone_core::memory::MemoryErrorKind::Version) if a newer version has written it.
    ///
    /// ```
    /// use cicerone_core::memory::MemoryErrorKind;
    /// use cicerone_memory::Sqlite;
    ///
    /// let error = Sqlite::open(std::env::temp_dir()).unwrap_err();
    /// assert_eq!(error.kind(), MemoryErrorKind::Unavailable);
    /// assert!(error.to_string().contains("is a folder"));
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, MemoryError> {
        let path = path.as_ref();
        Self::on(path.display().to_string(), store::connect(path)?)
    }

    /// A new store that is gone with its last clone.
    ///
    /// # Errors
    /// If the system gives no memory or no thread.
    pub fn in_memory() -> Result<Self, MemoryError> {
        let place = ":memory:".to_owned();
        let connection = Connection::open_in_memory().map_err(|error| Fault::from(error).at("open", &place))?;
        Self::on(place, connection)
    }

    fn on(place: String, mut connection: Connection) -> Result<Self, MemoryError> {
        store::prepare(&mut connection).map_err(|fault| fault.at("open", &place))?;
        let worker = Worker::start(connection).map_err(|fault| fault.at("open", &place))?;
        Ok(Self { place: place.into(), worker, reads: Reads::default() })
    }

    async fn ask<R: Send + 'static>(
        &self,
        what: impl FnOnce() -> String,
        job: impl FnOnce(&mut Connection) -> Result<R, Fault> + Send + 'static,
    ) -> Result<R, MemoryError> {
        self.worker.run(job).await.map_err(|fault| fault.at(&what(), &self.place))
    }
}

impl Memory for Sqlite {
    async fn append(&self, run: &RunId, at: u64, entries: &[Entry]) -> Result<(), MemoryError> {
        let run = *run;
        let (append, durability) = (Append::new(run, at, entries)?, self.reads.durability(run, entries));
        self.ask(
            || format!("append to run {run} in"),
            move |connection| journal::append(connection, append, durability),
        )
        .await
    }

    async fn read(&self, run: &RunId, from: u64) -> Result<Vec<Entry>, MemoryError> {
        let run = *run;
        self.ask(|| format!("read run {run} in"), move |connection| journal::read(connection, run, from)).await
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunSummary>, MemoryError> {
        let filter = filter.clone();
        self.ask(|| "list the runs in".to_owned(), move |connection| listing::list(connection, &filter)).await
    }

    async fn search(&self, query: &Recall) -> Result<Vec<Found>, MemoryError> {
        let query = query.clone();
        self.ask(|| "search".to_owned(), move |connection| search::search(connection, &query)).await
    }

    /// Deletes a thread, and writes the file anew without it: nothing of it is left in the file or its log. That takes
    /// about as long as copying the file, and as much space meanwhile.
    async fn forget(&self, thread: &ThreadId) -> Result<u64, MemoryError> {
        let thread = thread.clone();
        self.ask(|| "forget a thread in".to_owned(), move |connection| forget::forget(connection, thread.as_str()))
            .await
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sqlite").field(&self.place).finish()
    }
}
