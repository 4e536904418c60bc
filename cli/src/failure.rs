//! Why the command ends early.

use std::io;

use cicerone::{memory::MemoryError, mistral::catalogue::CatalogueError};

/// Why the command ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something went wrong: the sentence for the user.
    Told(String),
    /// Whoever reads the output has enough, as `head` does after ten lines.
    ReaderLeft,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Told(message)
    }
}

// The errors of the framework say what to do; nothing is to be added to them.

impl From<MemoryError> for Failure {
    fn from(error: MemoryError) -> Self {
        Self::Told(error.to_string())
    }
}

impl From<cicerone::Error> for Failure {
    fn from(error: cicerone::Error) -> Self {
        Self::Told(error.to_string())
    }
}

impl From<CatalogueError> for Failure {
    fn from(error: CatalogueError) -> Self {
        Self::Told(error.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Told(format!("can't write this as JSON: {error}"))
    }
}

impl From<io::Error> for Failure {
    /// The error of a write to standard output, which is all that the command writes itself.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderLeft,
            _ => Self::Told(format!("can't write to standard output: {error}")),
        }
    }
}
