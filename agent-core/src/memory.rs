//! Where journals are kept.

mod error;
mod in_process;
mod summary;

pub use error::{MemoryError, MemoryErrorKind};
pub use in_process::InProcess;
pub use summary::{RunFilter, RunStatus, RunSummary};

use futures::future::BoxFuture;
use std::{fmt, sync::Arc};

use crate::{event::Entry, run::RunId};

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
    /// Appends `entries` to the journal of `run`, all or none. They are durable when this returns.
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
}

/// Any [`Memory`], its type forgotten; cheap to clone.
#[derive(Clone)]
pub struct AnyMemory(Arc<dyn Erased>);

impl AnyMemory {
    /// Forgets the type of `memory`.
    #[must_use]
    pub fn new(memory: impl Memory) -> Self {
        Self(Arc::new(memory))
    }
}

impl fmt::Debug for AnyMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyMemory")
    }
}

impl Memory for AnyMemory {
    async fn append(&self, run: &RunId, at: u64, entries: &[Entry]) -> Result<(), MemoryError> {
        self.0.append(run, at, entries).await
    }

    async fn read(&self, run: &RunId, from: u64) -> Result<Vec<Entry>, MemoryError> {
        self.0.read(run, from).await
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunSummary>, MemoryError> {
        self.0.runs(filter).await
    }
}

type Answer<'a, T> = BoxFuture<'a, Result<T, MemoryError>>;

trait Erased: Send + Sync {
    fn append<'a>(&'a self, run: &'a RunId, at: u64, entries: &'a [Entry]) -> Answer<'a, ()>;
    fn read<'a>(&'a self, run: &'a RunId, from: u64) -> Answer<'a, Vec<Entry>>;
    fn runs<'a>(&'a self, filter: &'a RunFilter) -> Answer<'a, Vec<RunSummary>>;
}

impl<M: Memory> Erased for M {
    fn append<'a>(&'a self, run: &'a RunId, at: u64, entries: &'a [Entry]) -> Answer<'a, ()> {
        Box::pin(M::append(self, run, at, entries))
    }

    fn read<'a>(&'a self, run: &'a RunId, from: u64) -> Answer<'a, Vec<Entry>> {
        Box::pin(M::read(self, run, from))
    }

    fn runs<'a>(&'a self, filter: &'a RunFilter) -> Answer<'a, Vec<RunSummary>> {
        Box::pin(M::runs(self, filter))
    }
}
