//! An append to a journal that a database keeps.

use cicerone_core::{
    RunId,
    event::{Entry, Event, FORMAT_VERSION},
    memory::{MemoryError, RunSummary},
};

use crate::{line::Line, text::Text};

/// An append, ready to be written: whatever can fail without the database has been done.
pub(crate) struct Append {
    pub(crate) run: RunId,
    pub(crate) at: u64,
    pub(crate) lines: Vec<Line>,
    pub(crate) texts: Vec<Text>,
    /// The run's line in the list. Its task, start, thread and format count only if this is the first append.
    pub(crate) summary: Option<RunSummary>,
    pub(crate) format: u32,
}

impl Append {
    pub(crate) fn new(run: RunId, at: u64, entries: &[Entry]) -> Result<Self, MemoryError> {
        let lines = (0..).zip(entries).map(|(index, entry)| Line::of(entry, run, at.saturating_add(index)));
        let lines = lines.collect::<Result<Vec<_>, _>>()?;
        let texts =
            (0..).zip(entries).filter_map(|(index, entry)| Text::of(&entry.event, at.saturating_add(index))).collect();
        let length = at.saturating_add(lines.len() as u64);
        let ends = entries.first().zip(entries.last());
        let summary = ends.map(|(first, last)| RunSummary::of(run, first, last, length));
        let format = match entries.first() {
            Some(Entry { event: Event::RunStarted(started), .. }) => started.format,
            _ => FORMAT_VERSION,
        };
        Ok(Self { run, at, lines, texts, summary, format })
    }
}
