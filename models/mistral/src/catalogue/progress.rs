//! How a caller learns what takes so long.

mod bar;
mod lines;

use std::io::IsTerminal as _;

pub use bar::ProgressBar;
pub use lines::ProgressLines;

/// Listens to a fetch. Any `Fn(&ProgressEvent)` will do.
///
/// ```
/// use cicerone_mistral::catalogue::{Progress, ProgressEvent};
///
/// fn takes(_: &dyn Progress) {}
/// takes(&|event: &ProgressEvent| {
///     if let ProgressEvent::Note(text) = event {
///         eprintln!("{text}");
///     }
/// });
/// ```
pub trait Progress: Send + Sync {
    /// Called for every event, from the task that fetches: be quick.
    fn report(&self, event: &ProgressEvent);
}

/// Something that happened during a fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProgressEvent {
    /// A sentence for a person, such as that a source was passed over.
    Note(String),
    /// So many of the file's bytes are here.
    Bytes {
        /// The bytes that are here, of earlier downloads too.
        done: u64,
        /// The file's length.
        total: u64,
    },
    /// So many of the file's bytes have been hashed.
    Verifying {
        /// The bytes that are hashed.
        done: u64,
        /// The file's length.
        total: u64,
    },
    /// The file is there and verified, or the fetch has failed: nothing more will come.
    Finished,
}

impl<F: Fn(&ProgressEvent) + Send + Sync> Progress for F {
    fn report(&self, event: &ProgressEvent) {
        self(event);
    }
}

/// Says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn report(&self, _event: &ProgressEvent) {}
}

/// A bar if standard error is a terminal, plain lines otherwise.
pub fn stderr() -> Box<dyn Progress> {
    if std::io::stderr().is_terminal() {
        Box::new(ProgressBar::new())
    } else {
        Box::new(ProgressLines::new(std::io::stderr()))
    }
}
