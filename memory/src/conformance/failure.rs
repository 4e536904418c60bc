//! What a case says when it fails.

use std::{error::Error as StdError, fmt};

use cicerone_core::memory::{MemoryError, MemoryErrorKind};

/// A case that failed, and what was seen in it.
pub struct Failure {
    case: &'static str,
    flaw: Flaw,
}

impl Failure {
    pub(super) fn new(case: &'static str, flaw: Flaw) -> Self {
        Self { case, flaw }
    }

    /// What the memory should have done.
    #[must_use]
    pub fn case(&self) -> &'static str {
        self.case
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "case `{}`: {}", self.case, self.flaw.message)
    }
}

impl fmt::Debug for Failure {
    // A test that returns the failure prints it this way: the sentence, not the struct.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut source = self.source();
        while let Some(cause) = source {
            write!(f, "\n  because: {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.flaw.source.as_ref().map(|source| source as _)
    }
}

/// What is wrong with a memory.
pub(super) struct Flaw {
    message: String,
    source: Option<MemoryError>,
}

impl Flaw {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }
}

impl From<MemoryError> for Flaw {
    fn from(error: MemoryError) -> Self {
        Self { message: format!("the store failed ({:?}): {error}", error.kind()), source: Some(error) }
    }
}

/// A flaw with this message unless `holds`.
pub(super) fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), Flaw> {
    if holds { Ok(()) } else { Err(Flaw::new(message())) }
}

/// A flaw unless `result` is a conflict; `what` says what should have been one.
pub(super) fn ensure_conflict(result: Result<(), MemoryError>, what: impl FnOnce() -> String) -> Result<(), Flaw> {
    match result {
        Err(error) if error.kind() == MemoryErrorKind::Conflict => Ok(()),
        Err(error) => Err(Flaw {
            message: format!("{} failed ({:?}), where it should be a conflict", what(), error.kind()),
            source: Some(error),
        }),
        Ok(()) => Err(Flaw::new(format!("{} was made, where it should be a conflict", what()))),
    }
}
