//! Where a process can be stopped.

use serde::{Deserialize, Serialize};

/// A place in the work of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    /// The events of this append are not durable yet.
    BeforeAppend(u32),
    /// They are, and nothing has been done since.
    AfterAppend(u32),
    /// A tool is about to act: it has changed nothing yet.
    BeforeTool(u32),
    /// What it does is committed, and nobody knows of it.
    AfterTool(u32),
}

impl Place {
    /// All places in a process that appends so many times and uses tools so many times.
    pub(crate) fn all(appends: u32, tools: u32) -> Vec<Self> {
        let appends = (1..=appends).flat_map(|number| [Self::BeforeAppend(number), Self::AfterAppend(number)]);
        let tools = (1..=tools).flat_map(|number| [Self::BeforeTool(number), Self::AfterTool(number)]);
        appends.chain(tools).collect()
    }
}
