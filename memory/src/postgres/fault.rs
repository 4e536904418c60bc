//! PostgreSQL's failures as sentences.

use std::borrow::Cow;

use cicerone_core::memory::{MemoryError, MemoryErrorKind};

use MemoryErrorKind::{Corrupt, Unavailable};

/// What went wrong with the store: the server or the way to it, or something that has its sentence already.
#[derive(Debug)]
pub(super) enum Fault {
    Sqlx(sqlx::Error),
    /// Nothing was heard for as long as one is willing to wait.
    Silence,
    Told(MemoryError),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sqlx(error)
    }
}

impl From<MemoryError> for Fault {
    fn from(error: MemoryError) -> Self {
        Self::Told(error)
    }
}

impl Fault {
    /// Whether it may be over in a moment: the server is restarted, or two transactions were in each other's way.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Sqlx(sqlx::Error::Database(_)) => {
                matches!(
                    self.code().as_deref(),
                    Some(
                        // It shuts down, has crashed, or is starting; nobody spoke for too long.
                        "57P01" | "57P02" | "57P03" | "57P05" | "25P03"
                    // Too many connections.
                    | "53300"
                    // Of two transactions one has to begin again.
                    | "40001" | "40P01" | "23505"
                    )
                ) || self.code().is_some_and(|code| code.starts_with("08"))
            }
            Self::Sqlx(error) => is_about_connection(error),
            Self::Silence => true,
            Self::Told(_) => false,
        }
    }

    /// Whether the server may have done what was asked all the same.
    pub(super) fn leaves_in_doubt(&self) -> bool {
        match self {
            // A server that goes down may have committed before it says so.
            Self::Sqlx(sqlx::Error::Database(_)) => {
                self.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08"))
            }
            Self::Sqlx(error) => is_about_connection(error),
            Self::Silence => true,
            Self::Told(_) => false,
        }
    }

    /// The error of someone who wanted to `act` (on) the store at `place`.
    pub(super) fn at(self, act: &str, place: &str) -> MemoryError {
        let (kind, why) = match &self {
            Self::Sqlx(error) => match error {
                sqlx::Error::Database(_) => self.refusal(),
                sqlx::Error::Tls(_) => (
                    Unavailable,
                    "no encrypted connection can be made; check the certificates, or `sslmode` in the address".into(),
                ),
                sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound => {
                    (Corrupt, "its tables hold something that was never written there; restore them from a copy".into())
                }
                error if is_about_connection(error) => (Unavailable, SILENT.into()),
                _ => (Unavailable, "the connection can't be used".into()),
            },
            Self::Silence => (Unavailable, SILENT.into()),
            Self::Told(_) => (Unavailable, "".into()),
        };
        let error = MemoryError::new(kind, format!("can't {act} `{place}`: {why}"));
        match self {
            Self::Sqlx(cause) => error.with_source(cause),
            Self::Silence => error,
            Self::Told(told) => told,
        }
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Sqlx(sqlx::Error::Database(error)) => error.code(),
            _ => None,
        }
    }

    /// What the server itself has refused.
    fn refusal(&self) -> (MemoryErrorKind, Cow<'static, str>) {
        let code = self.code().unwrap_or_default();
        let why = match &*code {
            "28P01" | "28000" => "the server refuses the user or the password; check both in the address",
            "3D000" => "the server has no such database; create it, or give another",
            "42501" => {
                "the user may not do that; as the database's owner: GRANT CREATE ON DATABASE … TO the user who opens \
                 it first, GRANT ALL ON SCHEMA cicerone and its tables to the others"
            }
            "25006" => READ_ONLY,
            "53100" => "the server's disk is full, so nothing of it was kept; free some space and resume the run",
            "53300" => "the server has no connection left; raise its `max_connections`, or close other programs",
            "57P03" => "the server is starting or stopping; try again in a moment",
            "42P07" => "its schema `cicerone` is another program's; give another database",
            "3F000" | "42P01" | "42703" => {
                "its tables are gone or were changed; restore them from a copy, or open the store again if it may be new"
            }
            "54000" => "an event is too big for PostgreSQL, which takes up to a gigabyte",
            "XX001" | "XX002" => return (Corrupt, "the database is damaged; restore it from a copy".into()),
            _ if self.leaves_in_doubt() => SILENT,
            _ => {
                let said = match self {
                    Self::Sqlx(sqlx::Error::Database(error)) => error.message(),
                    _ => "",
                };
                return (Unavailable, format!("PostgreSQL failed: {said} ({code})").into());
            }
        };
        (Unavailable, why.into())
    }
}

/// Why nothing can be appended to a database that can be read only.
pub(super) const READ_ONLY: &str = "it is read-only, and a journal must be written; give the address of the primary \
                                    server, or check `default_transaction_read_only`";

const SILENT: &str = "the server does not answer; check that it runs, and the host and port, then try again";

/// Whether this is about the way to the server.
fn is_about_connection(error: &sqlx::Error) -> bool {
    use sqlx::Error::{Io, PoolTimedOut, Protocol, WorkerCrashed};
    matches!(error, Io(_) | Protocol(_) | PoolTimedOut | WorkerCrashed)
}
