//! Where journals are kept.

mod any;
mod error;
mod in_process;
mod recall;
mod summary;

pub use any::AnyMemory;
pub use error::{MemoryError, MemoryErrorKind};
pub use in_process::InProcess;
pub use recall::{Found, Recall, Scope, findable, words_of};
pub use summary::{RunFilter, RunStatus, RunSummary};

use std::{future::ready, sync::Arc};

use crate::{event::Entry, run::RunId, thread::ThreadId};

/// A store of journals: append-only lists of [`Entry`]s, one for each run.
///
/// `append` at a position is the fence that keeps two workers from going on with the same run: one of them gets
/// [`MemoryErrorKind::Conflict`] and stops.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// use cicerone_core::{RunId, event::{End, Entry, Event}, memory::{InProcess, Memory, MemoryErrorKind}};
///
/// let memory = InProcess::default();
/// let run = RunId::new();
/// let end = Entry { time: 0, event: Event::Finished(End::NeedsInput { questions: vec![] }) };
/// memory.append(&run, 0, &[end.clone()]).await?;
/// let late = memory.append(&run, 0, &[end]).await.unwrap_err();
/// assert_eq!(late.kind(), MemoryErrorKind::Conflict);
/// assert_eq!(memory.read(&run, 0).await?.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no memory",
    label = "journals can't be kept here",
    note = "pass `InProcess::default()`, `Sqlite::open(path)?`, or implement `cicerone::Memory` for your store"
)]
pub trait Memory: Send + Sync + 'static {
    /// Appends `entries` to the journal of `run`, all or none.
    ///
    /// When this returns they survive the process. If they intend a write
    /// ([`ToolIntended`](crate::event::Event::ToolIntended), not of a read), say what a person decided or end the run,
    /// they and all before them survive the machine too: a write is not made before it is certain that its intention
    /// will be found. A store may lose other entries when the power fails, but only the last ones of a journal.
    ///
    /// # Errors
    /// [`MemoryErrorKind::Conflict`] if the journal's length is not `at`; others if the store fails.
    fn append(&self, run: &RunId, at: u64, entries: &[Entry]) -> impl Future<Output = Result<(), MemoryError>> + Send;

    /// The entries of `run` from the position `from` on; none if there is no such run.
    ///
    /// # Errors
    /// If the store fails, or holds what can't be read: the message says which run and position.
    fn read(&self, run: &RunId, from: u64) -> impl Future<Output = Result<Vec<Entry>, MemoryError>> + Send;

    /// The runs that `filter` lets through, the newest first.
    ///
    /// # Errors
    /// If the store fails.
    fn runs(&self, filter: &RunFilter) -> impl Future<Output = Result<Vec<RunSummary>, MemoryError>> + Send;

    /// The entries in which words of `query` occur, the best first; of equals, those of the newest run first.
    ///
    /// What is looked into is [`findable`]. The words are [`Recall::words`], and no text is an error.
    ///
    /// # Errors
    /// [`MemoryErrorKind::Unsupported`] unless the store implements it; others if the store fails.
    fn search(&self, query: &Recall) -> impl Future<Output = Result<Vec<Found>, MemoryError>> + Send {
        let _ = query;
        ready(Err(unsupported("look for words in its journals", "search")))
    }

    /// Deletes a thread: its runs' journals, their lines in the list, and what was kept to find them by. Gives how many
    /// runs there were.
    ///
    /// Nothing of it is left when this returns. A run of the thread that is under way gets
    /// [`MemoryErrorKind::Conflict`] at its next append.
    ///
    /// # Errors
    /// [`MemoryErrorKind::Unsupported`] unless the store implements it; others if the store fails. Then it is to be
    /// called again: some of the thread may be left.
    fn forget(&self, thread: &ThreadId) -> impl Future<Output = Result<u64, MemoryError>> + Send {
        let _ = thread;
        ready(Err(unsupported("forget a thread", "forget")))
    }
}

fn unsupported(what: &str, method: &str) -> MemoryError {
    let message = format!("this memory can't {what}; use one that implements `Memory::{method}`, such as SQLite");
    MemoryError::new(MemoryErrorKind::Unsupported, message)
}

#[diagnostic::do_not_recommend]
impl<M: Memory> Memory for Arc<M> {
    fn append(&self, run: &RunId, at: u64, entries: &[Entry]) -> impl Future<Output = Result<(), MemoryError>> + Send {
        M::append(self, run, at, entries)
    }

    fn read(&self, run: &RunId, from: u64) -> impl Future<Output = Result<Vec<Entry>, MemoryError>> + Send {
        M::read(self, run, from)
    }

    fn runs(&self, filter: &RunFilter) -> impl Future<Output = Result<Vec<RunSummary>, MemoryError>> + Send {
        M::runs(self, filter)
    }

    fn search(&self, query: &Recall) -> impl Future<Output = Result<Vec<Found>, MemoryError>> + Send {
        M::search(self, query)
    }

    fn forget(&self, thread: &ThreadId) -> impl Future<Output = Result<u64, MemoryError>> + Send {
        M::forget(self, thread)
    }
}
