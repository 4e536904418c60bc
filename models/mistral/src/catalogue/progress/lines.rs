//! Progress in a log.

use std::fmt;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use super::{Progress, ProgressEvent};

/// A line for each note and for every tenth of the bytes.
///
/// ```
/// use cicerone_mistral::catalogue::Progress as _;
/// use cicerone_mistral::catalogue::progress::{ProgressEvent, ProgressLines};
///
/// let lines = ProgressLines::new(std::io::stderr());
/// lines.report(&ProgressEvent::Note("looking for the model".into()));
/// ```
pub struct ProgressLines {
    state: Mutex<State>,
}

struct State {
    out: Box<dyn Write + Send>,
    doing: &'static str,
    tenths: u64,
}

impl ProgressLines {
    /// Writes to `out`.
    pub fn new(out: impl Write + Send + 'static) -> Self {
        Self { state: Mutex::new(State { out: Box::new(out), doing: "", tenths: 0 }) }
    }
}

impl State {
    fn line(&mut self, text: &str) {
        // There is nobody to tell if standard error is closed.
        let _ = writeln!(self.out, "{text}");
    }

    fn show(&mut self, doing: &'static str, done: u64, total: u64) {
        let tenths = done.saturating_mul(10).checked_div(total).unwrap_or(10);
        if (self.doing, self.tenths) == (doing, tenths) {
            return;
        }
        (self.doing, self.tenths) = (doing, tenths);
        const MEBIBYTE: u64 = 1 << 20;
        self.line(&format!("{doing}: {} % ({} of {} MiB)", tenths * 10, done / MEBIBYTE, total / MEBIBYTE));
    }
}

impl Progress for ProgressLines {
    fn report(&self, event: &ProgressEvent) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            ProgressEvent::Note(text) => state.line(text),
            ProgressEvent::Bytes { done, total } => state.show("downloading", *done, *total),
            ProgressEvent::Verifying { done, total } => state.show("verifying", *done, *total),
            ProgressEvent::Finished => state.doing = "",
        }
    }
}

impl fmt::Debug for ProgressLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgressLines").finish_non_exhaustive()
    }
}
