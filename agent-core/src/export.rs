//! Journals outside a memory: as JSON Lines that come back as they were, and as examples to train a model on.

mod fine_tuning;
mod journal;
mod messages;
mod redaction;

pub use fine_tuning::FineTuning;
pub use journal::{Journal, read_journal, write_journal};
pub use redaction::{Place, each_text};
