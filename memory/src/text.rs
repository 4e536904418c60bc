//! What can be found of an event that a database keeps.

use cicerone_core::{event::Event, memory::findable};

/// What can be found of an event, ready to be written beside it.
pub(crate) struct Text {
    pub(crate) position: u64,
    pub(crate) text: String,
}

impl Text {
    pub(crate) fn of(event: &Event, position: u64) -> Option<Self> {
        findable(event).map(|text| Self { position, text })
    }
}
