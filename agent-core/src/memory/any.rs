//! A memory without its type.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;

use super::{Found, Memory, MemoryError, Recall, RunFilter, RunSummary};
use crate::{event::Entry, run::RunId, thread::ThreadId};

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

    async fn search(&self, query: &Recall) -> Result<Vec<Found>, MemoryError> {
        self.0.search(query).await
    }

    async fn forget(&self, thread: &ThreadId) -> Result<u64, MemoryError> {
        self.0.forget(thread).await
    }
}

type Answer<'a, T> = BoxFuture<'a, Result<T, MemoryError>>;

trait Erased: Send + Sync {
    fn append<'a>(&'a self, run: &'a RunId, at: u64, entries: &'a [Entry]) -> Answer<'a, ()>;
    fn read<'a>(&'a self, run: &'a RunId, from: u64) -> Answer<'a, Vec<Entry>>;
    fn runs<'a>(&'a self, filter: &'a RunFilter) -> Answer<'a, Vec<RunSummary>>;
    fn search<'a>(&'a self, query: &'a Recall) -> Answer<'a, Vec<Found>>;
    fn forget<'a>(&'a self, thread: &'a ThreadId) -> Answer<'a, u64>;
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

    fn search<'a>(&'a self, query: &'a Recall) -> Answer<'a, Vec<Found>> {
        Box::pin(M::search(self, query))
    }

    fn forget<'a>(&'a self, thread: &'a ThreadId) -> Answer<'a, u64> {
        Box::pin(M::forget(self, thread))
    }
}
