//! One event as a row of a database's table, and back.

use std::fmt;

use cicerone_core::{
    RunId,
    event::{Entry, Event, FORMAT_VERSION},
    memory::{MemoryError, MemoryErrorKind},
};

/// An entry as it is stored.
pub(crate) struct Line {
    /// [`Entry::time`], bit for bit: integers of databases have a sign.
    pub(crate) time: i64,
    /// [`Entry::event`] as JSON.
    pub(crate) body: String,
}

impl Line {
    pub(crate) fn of(entry: &Entry, run: RunId, position: u64) -> Result<Self, MemoryError> {
        let refuse = |error: serde_json::Error| {
            let message = format!("event {position} of run {run} can't be kept as JSON: {error}");
            MemoryError::new(MemoryErrorKind::Unavailable, message).with_source(error)
        };
        let body = serde_json::to_string(&entry.event).map_err(refuse)?;
        // Some values can be written and not read, such as one that is nested deeper than the parser goes. A run
        // that fails now can be mended; a journal that can't be read can't.
        serde_json::from_str::<Event>(&body).map_err(refuse)?;
        Ok(Self { time: entry.time.cast_signed(), body })
    }
}

/// The entry that a row holds.
pub(crate) fn parse(run: RunId, position: u64, time: i64, body: &str) -> Result<Entry, MemoryError> {
    let event = serde_json::from_str(body).map_err(|error| {
        let why = error.to_string();
        if is_of_newer(&error) {
            newer(run, &format!("its event {position} is of a kind that this one doesn't know: {why}"))
        } else {
            corrupt(run, position, &why)
        }
        .with_source(error)
    })?;
    Ok(Entry { time: time.cast_unsigned(), event })
}

/// Whether a parser stumbled over a variant that it doesn't know, and a newer version does: formats grow by variants,
/// on the outside and within.
pub(crate) fn is_of_newer(error: &serde_json::Error) -> bool {
    // Serde says only in words what it missed.
    error.to_string().starts_with("unknown variant")
}

/// Checks the version of the format that a run was written in.
pub(crate) fn check_format(run: RunId, format: u32) -> Result<(), MemoryError> {
    if format > FORMAT_VERSION {
        return Err(newer(run, &format!("its journal is of version {format}, this one reads {FORMAT_VERSION}")));
    }
    Ok(())
}

/// The error of a journal that can't be read at a position.
pub(crate) fn corrupt(run: impl fmt::Display, position: u64, why: &str) -> MemoryError {
    MemoryError::new(MemoryErrorKind::Corrupt, format!("event {position} of run {run} can't be read: {why}"))
}

fn newer(run: RunId, why: &str) -> MemoryError {
    let message = format!("run {run} was written by a newer version of Cicerone: {why}; update to read it");
    MemoryError::new(MemoryErrorKind::Version, message)
}
