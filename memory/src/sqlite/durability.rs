//! Which appends wait for the disk.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use cicerone_core::{
    RunId,
    event::{CallId, Entry, Event},
    tool::Effect,
};
use rusqlite::Connection;

/// What a commit has to survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// A crash of the process. The log is written and not flushed: if the power fails, the last commits may be lost,
    /// and nothing else.
    Written,
    /// A power failure. The log is flushed with everything before it.
    Flushed,
}

impl Durability {
    /// Makes the commits that follow as durable as this. Not within a transaction.
    pub(super) fn set(self, connection: &Connection) -> Result<(), rusqlite::Error> {
        // On macOS only `fullfsync` reaches the disk itself.
        connection.execute_batch(match self {
            Self::Written => "PRAGMA synchronous = NORMAL",
            Self::Flushed => "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON",
        })
    }
}

/// The reads that were begun through this handle and have not returned: what a call returned does not say what it was.
#[derive(Clone, Debug, Default)]
pub(super) struct Reads(Arc<Mutex<HashSet<(RunId, CallId)>>>);

impl Reads {
    /// What an append of these entries has to survive.
    ///
    /// What follows a write's intention, or what a person said or was told, can't be undone or asked again: lost, the
    /// intention to book a flight that was then booked would be acted on again. So every append is flushed, but for
    /// those that are known to be of what can be had again: a journal that loses them at its end when the power fails
    /// is one that was interrupted a little earlier, whose model is asked again and whose reads are made again.
    pub(super) fn durability(&self, run: RunId, entries: &[Entry]) -> Durability {
        let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut flushed = false;
        for entry in entries {
            flushed |= match &entry.event {
                Event::ToolIntended { planned, effect: Effect::Read, .. } => {
                    reads.insert((run, planned.call));
                    false
                }
                Event::ToolReturned { call, .. } => !reads.remove(&(run, *call)),
                Event::RunStarted(_)
                | Event::ModelAsked { .. }
                | Event::ModelAnswered { .. }
                | Event::ModelFailed { .. }
                | Event::PlanMade { .. }
                | Event::AnswerRejected { .. }
                | Event::ToolReused { .. } => false,
                _ => true,
            };
        }
        if flushed { Durability::Flushed } else { Durability::Written }
    }
}
