//! The one error of the travel world.

use std::error::Error;
use std::fmt;

/// What went wrong, for callers that branch on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorldErrorKind {
    /// No city of the inventory has this name.
    UnknownCity,
    /// Origin and destination are the same city.
    SameCity,
    /// A date lies before today or too far ahead, or a stay ends before it starts.
    Date,
    /// An argument makes no sense: nobody travels, a name is empty.
    Argument,
    /// No offer has this id.
    UnknownItem,
    /// The offer exists, and too few seats or rooms are left.
    SoldOut,
    /// No booking has this reference.
    UnknownReference,
    /// An idempotency key has served for another order.
    KeyReused,
    /// The file belongs to something else; nothing was changed in it.
    ForeignFile,
    /// Another program keeps the file locked; the same call may work in a moment.
    Busy,
    /// The file cannot be read or written.
    Storage,
}

/// An error of the travel world: a kind, a sentence that says what to do, and the cause where there is one.
#[derive(Debug)]
pub struct WorldError {
    kind: WorldErrorKind,
    sentence: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl WorldError {
    pub(super) fn new(kind: WorldErrorKind, sentence: impl Into<String>) -> Self {
        Self { kind, sentence: sentence.into(), source: None }
    }

    pub(super) fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> WorldErrorKind {
        self.kind
    }

    /// Whether the same call may work a moment later without any change.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.kind == WorldErrorKind::Busy
    }
}

impl fmt::Display for WorldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl Error for WorldError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

impl From<rusqlite::Error> for WorldError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
        let (kind, sentence) = match error.sqlite_error_code() {
            Some(DatabaseBusy | DatabaseLocked) => {
                (WorldErrorKind::Busy, "Another program is writing to the travel inventory. Try again in a moment.")
            }
            _ => (
                WorldErrorKind::Storage,
                "The travel inventory could not be read or written. Check the file's folder, its permissions and the \
                 free disk space.",
            ),
        };
        Self::new(kind, sentence).because(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_file_is_retryable_and_keeps_its_cause() {
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        let error = WorldError::from(rusqlite::Error::SqliteFailure(busy, None));
        assert_eq!(error.kind(), WorldErrorKind::Busy);
        assert!(error.is_retryable());
        assert!(error.source().is_some());
        let error = WorldError::from(rusqlite::Error::InvalidQuery);
        assert_eq!(error.kind(), WorldErrorKind::Storage);
        assert!(!error.is_retryable());
    }
}
