//! A memory at which a process dies.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use cicerone::{
    RunId,
    event::Entry,
    memory::{Memory, MemoryError, MemoryErrorKind, RunFilter, RunSummary},
};
use tokio::sync::Notify;

/// Where a process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crash {
    /// Before the `n`th append of a conversation, from 1: what led to it was done, and is not written down.
    Before(u64),
    /// After it: it is durable, and nothing that follows was done.
    After(u64),
    /// After each `n`th append, again and again.
    AfterEach(u64),
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Before(number) => write!(f, "before append {number}"),
            Self::After(number) => write!(f, "after append {number}"),
            Self::AfterEach(step) => write!(f, "after each {step} appends"),
        }
    }
}

/// A memory at which the process dies: whoever appends there waits forever, as the dead do, and is dropped. Clones are
/// the same memory.
#[derive(Clone, Debug)]
pub(crate) struct Mortal<M> {
    journals: M,
    crash: Option<Crash>,
    life: Arc<Life>,
}

#[derive(Debug, Default)]
struct Life {
    appends: AtomicU64,
    died: Notify,
    deaths: AtomicUsize,
    last: Mutex<Option<RunId>>,
}

impl<M: Memory> Mortal<M> {
    pub(crate) fn new(journals: M, crash: Option<Crash>) -> Self {
        Self { journals, crash, life: Arc::default() }
    }

    /// How many appends there were.
    pub(crate) fn appends(&self) -> u64 {
        self.life.appends.load(Ordering::Relaxed)
    }

    /// Returns when the process has died.
    pub(crate) async fn death(&self) {
        self.life.died.notified().await;
    }

    /// The run that was appended to last, if its journal holds anything.
    pub(crate) async fn interrupted(&self) -> Result<Option<RunId>, MemoryError> {
        let Some(run) = *self.life.last.lock().unwrap_or_else(PoisonError::into_inner) else { return Ok(None) };
        Ok((!self.journals.read(&run, 0).await?.is_empty()).then_some(run))
    }

    /// How often the process has died.
    pub(crate) fn deaths(&self) -> usize {
        self.life.deaths.load(Ordering::Relaxed)
    }

    async fn die(&self) -> ! {
        self.life.deaths.fetch_add(1, Ordering::Relaxed);
        self.life.died.notify_one();
        loop {
            std::future::pending::<()>().await;
        }
    }
}

impl<M: Memory> Memory for Mortal<M> {
    async fn append(&self, run: &RunId, at: u64, entries: &[Entry]) -> Result<(), MemoryError> {
        let number = self.life.appends.fetch_add(1, Ordering::Relaxed) + 1;
        *self.life.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(*run);
        if self.crash == Some(Crash::Before(number)) {
            self.die().await;
        }
        self.journals.append(run, at, entries).await?;
        match self.crash {
            Some(Crash::After(crash)) if crash == number => self.die().await,
            Some(Crash::AfterEach(step)) if number.is_multiple_of(step) => self.die().await,
            _ => Ok(()),
        }
    }

    async fn read(&self, run: &RunId, from: u64) -> Result<Vec<Entry>, MemoryError> {
        // Through text, as another process reads it.
        let entries = self.journals.read(run, from).await?;
        let text = serde_json::to_string(&entries).map_err(unreadable)?;
        serde_json::from_str(&text).map_err(unreadable)
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunSummary>, MemoryError> {
        self.journals.runs(filter).await
    }
}

fn unreadable(error: serde_json::Error) -> MemoryError {
    MemoryError::new(MemoryErrorKind::Corrupt, format!("a journal can't be read back: {error}")).with_source(error)
}
