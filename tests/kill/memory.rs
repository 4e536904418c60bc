//! A memory that stops its process around appends.

use std::sync::{Arc, OnceLock};

use cicerone::{
    RunId,
    event::Entry,
    memory::{self, AnyMemory, Memory, MemoryError, RunFilter, RunSummary},
};

use crate::{
    place::Place,
    watch::{self, Orders, Said},
};

/// Another memory, watched; clones know the same run.
#[derive(Clone)]
pub(crate) struct Watched {
    inner: AnyMemory,
    run: Arc<OnceLock<RunId>>,
    ahead: u64,
}

impl Watched {
    /// The memory of a child.
    pub(crate) async fn open(orders: &Orders) -> Result<Self, MemoryError> {
        Ok(Self { inner: memory::open(&orders.store).await?, run: Arc::default(), ahead: orders.ahead })
    }

    /// The journal of the run that this process has appended to.
    pub(crate) async fn journal(&self) -> Result<Vec<Entry>, MemoryError> {
        match self.run.get() {
            Some(run) => self.inner.read(run, 0).await,
            None => Ok(Vec::new()),
        }
    }
}

impl Memory for Watched {
    async fn append(&self, run: &RunId, at: u64, entries: &[Entry]) -> Result<(), MemoryError> {
        let number = watch::appending();
        if at == 0 {
            watch::say(&Said::Begins(*run));
        }
        self.run.get_or_init(|| *run);
        let timed = |entry: &Entry| Entry { time: entry.time + self.ahead, event: entry.event.clone() };
        let entries: Vec<Entry> = entries.iter().map(timed).collect();
        watch::reach(Place::BeforeAppend(number));
        self.inner.append(run, at, &entries).await?;
        watch::reach(Place::AfterAppend(number));
        Ok(())
    }

    async fn read(&self, run: &RunId, from: u64) -> Result<Vec<Entry>, MemoryError> {
        self.inner.read(run, from).await
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunSummary>, MemoryError> {
        self.inner.runs(filter).await
    }
}
