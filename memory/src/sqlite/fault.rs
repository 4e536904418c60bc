//! SQLite's failures as sentences.

use cicerone_core::memory::{MemoryError, MemoryErrorKind};
use rusqlite::ErrorCode;

use MemoryErrorKind::{Corrupt, Unavailable};

/// What went wrong in the store: SQLite itself, or something that has its sentence already.
#[derive(Debug)]
pub(super) enum Fault {
    Sqlite(rusqlite::Error),
    Told(MemoryError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<MemoryError> for Fault {
    fn from(error: MemoryError) -> Self {
        Self::Told(error)
    }
}

impl Fault {
    /// The error of someone who wanted to `act` (on) the store at `place`.
    pub(super) fn at(self, act: &str, place: &str) -> MemoryError {
        let error = match self {
            Self::Told(error) => return error,
            Self::Sqlite(error) => error,
        };
        let (kind, why) = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => {
                (Unavailable, "the disk is full, so nothing of it was kept; free some space and resume the run")
            }
            Some(ErrorCode::SystemIoFailure) => (
                Unavailable,
                "the disk failed or is full, so nothing of it was kept; check the disk and its free space, then \
                 resume the run",
            ),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                (Unavailable, "another process has kept it locked for too long; try again when that one is done")
            }
            Some(ErrorCode::ReadOnly) => (Unavailable, READ_ONLY),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                (Unavailable, "it can't be created or opened; check that its folder exists and may be written to")
            }
            Some(ErrorCode::TooBig) => (Unavailable, "an event is too big for SQLite, which takes up to a gigabyte"),
            Some(ErrorCode::NotADatabase) => {
                (Corrupt, "the file is no SQLite database; give another path, or restore the file if it was one")
            }
            Some(ErrorCode::DatabaseCorrupt) => (Corrupt, "the file is damaged; restore it from a copy"),
            _ => (Unavailable, "SQLite failed"),
        };
        MemoryError::new(kind, format!("can't {act} `{place}`: {why}")).with_source(error)
    }
}

/// Why nothing can be appended to a file that opens for reading only.
pub(super) const READ_ONLY: &str = "it is read-only, and a journal must be written; check the permissions of the file \
                                    and its folder, or give another path";
