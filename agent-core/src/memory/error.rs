//! What can go wrong with a store of journals.

use std::{error::Error as StdError, fmt};

/// Why a journal could not be written or read.
#[derive(Debug)]
pub struct MemoryError {
    kind: MemoryErrorKind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kind of a [`MemoryError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MemoryErrorKind {
    /// The journal's length is not what the writer thinks: another worker has gone on with the run.
    Conflict,
    /// The store can't be opened, reached or written to: a wrong path, a full disk, a server that is down.
    Unavailable,
    /// The store holds something that can't be read.
    Corrupt,
    /// The store was written by a newer version.
    Version,
    /// The store can't do this at all: it keeps journals, and nothing else was made for it.
    Unsupported,
}

impl MemoryError {
    /// An error of this kind; `message` says what went wrong, where, and what to do.
    #[must_use]
    pub fn new(kind: MemoryErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// The error of a writer who wants to append at `at` to a journal of another `length`.
    #[must_use]
    pub fn conflict(run: &crate::RunId, at: u64, length: u64) -> Self {
        let why = if length < at { "it was forgotten meanwhile" } else { "another worker has gone on with it" };
        Self::new(MemoryErrorKind::Conflict, format!("run {run} has {length} events, not {at}: {why}"))
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> MemoryErrorKind {
        self.kind
    }
}

impl fmt::Display for MemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for MemoryError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
