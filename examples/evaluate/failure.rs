//! Why nothing was evaluated.

use std::{fmt, process::ExitCode};

/// A sentence, and whether the command line is at fault.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    usage: bool,
}

impl Failure {
    /// What was asked for can't be done, whatever the state of the world.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), usage: true }
    }

    /// It could have been done.
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), usage: false }
    }

    pub(crate) fn code(&self) -> ExitCode {
        if self.usage { ExitCode::from(2) } else { ExitCode::FAILURE }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
