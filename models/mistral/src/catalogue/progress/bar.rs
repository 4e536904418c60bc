//! Progress on a terminal.

use std::time::Duration;

use indicatif::{ProgressDrawTarget, ProgressStyle};

use super::{Progress, ProgressEvent};

const DOWNLOADING: &str =
    "{spinner} {msg} {bar:30} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left";
const VERIFYING: &str = "{spinner} {msg} {bar:30} {percent} %";

/// A bar on standard error, with notes above it.
#[derive(Debug)]
pub struct ProgressBar {
    bar: indicatif::ProgressBar,
}

impl ProgressBar {
    /// A bar that appears with the first event.
    pub fn new() -> Self {
        Self { bar: indicatif::ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()) }
    }

    fn show(&self, doing: &'static str, template: &str, done: u64, total: u64) {
        if done >= total {
            return self.clear();
        }
        if self.bar.message() != doing {
            self.bar.reset();
            self.bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
            self.bar.set_message(doing);
            self.bar.set_length(total);
            // Where the work begins: what an earlier download left doesn't count as speed.
            self.bar.set_position(done);
            self.bar.reset_eta();
            self.bar.enable_steady_tick(Duration::from_millis(120));
        }
        self.bar.set_position(done);
    }

    fn clear(&self) {
        self.bar.disable_steady_tick();
        self.bar.set_message("");
        self.bar.finish_and_clear();
    }
}

impl Default for ProgressBar {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for ProgressBar {
    fn report(&self, event: &ProgressEvent) {
        match event {
            ProgressEvent::Note(text) => self.bar.suspend(|| eprintln!("{text}")),
            ProgressEvent::Bytes { done, total } => self.show("downloading", DOWNLOADING, *done, *total),
            ProgressEvent::Verifying { done, total } => self.show("verifying", VERIFYING, *done, *total),
            ProgressEvent::Finished => self.clear(),
        }
    }
}
