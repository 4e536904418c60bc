//! A journal as JSON Lines: a header, then one entry a line.

use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};

use crate::{
    agent::journal::begun,
    error::{Error, ErrorKind},
    event::{Entry, Event, FORMAT_VERSION},
    memory::{Memory, MemoryErrorKind},
    run::RunId,
    trace::Trace,
};

/// A journal that was read from JSON Lines, whole and sound, and is in no memory yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Journal {
    trace: Trace,
}

/// The first line of a file.
#[derive(Serialize, Deserialize)]
struct Header {
    /// The version of the format, under the name by which a file is recognised.
    cicerone_journal: u32,
    run: RunId,
    /// How many lines follow: a file that was cut off has fewer.
    events: u64,
}

/// Only this much is read before the version is known.
#[derive(Deserialize)]
struct Version {
    cicerone_journal: u32,
}

/// Writes a journal: a line with the format's version and the run's name, then a line for each entry.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use cicerone_core::{Agent, export, memory::{InProcess, Memory}, policy::ReAct, scripted::ScriptedModel};
///
/// let model = ScriptedModel::new().reply("Good day.");
/// let run = Agent::builder(model).planner(ReAct::default()).build()?.run("Greet me").await?;
/// let mut file = Vec::new();
/// export::write_journal(&run.trace, &mut file)?;
///
/// let other = InProcess::default();
/// export::read_journal("greeting.jsonl", &file[..])?.keep_in(&other).await?;
/// assert_eq!(other.read(&run.id, 0).await?, run.trace.entries());
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If `to` can't be written to.
pub fn write_journal(trace: &Trace, to: &mut impl Write) -> Result<(), Error> {
    let failed = |error: std::io::Error| {
        let message = format!("the journal of run {} could not be exported: {error}", trace.run());
        Error::new(ErrorKind::Memory, message).with_source(error)
    };
    let events = trace.entries().len() as u64;
    let header = Header { cicerone_journal: FORMAT_VERSION, run: *trace.run(), events };
    let mut line = |json: serde_json::Result<String>| {
        let mut json = json.map_err(std::io::Error::from)?;
        json.push('\n');
        to.write_all(json.as_bytes())
    };
    line(serde_json::to_string(&header)).map_err(failed)?;
    trace.entries().iter().try_for_each(|entry| line(serde_json::to_string(entry))).map_err(failed)?;
    to.flush().map_err(failed)
}

/// Reads what [`write_journal`] wrote; `name` names the file in errors.
///
/// # Errors
/// If a newer version wrote it, if it was cut off, or if a line can't be read: which file, which line, and why.
pub fn read_journal(name: &str, from: impl BufRead) -> Result<Journal, Error> {
    let mut lines = (1..).zip(from.lines());
    let mut next = || -> Result<Option<(u64, String)>, Error> {
        let Some((number, line)) = lines.next() else { return Ok(None) };
        let line =
            line.map_err(|error| wrong(name, number, &format!("it can't be read: {error}")).with_source(error))?;
        Ok(Some((number, line)))
    };
    let Some((_, line)) = next()? else { return Err(wrong(name, 1, "the file is empty")) };
    let header = header(name, &line)?;
    let mut entries: Vec<Entry> = Vec::new();
    while let Some((number, line)) = next()? {
        if entries.len() as u64 == header.events {
            return Err(wrong(
                name,
                number,
                &format!("the journal has {} events, and this is one more", header.events),
            ));
        }
        let entry = serde_json::from_str(&line).map_err(|error| {
            wrong(name, number, &format!("this is no event of a journal: {error}")).with_source(error)
        })?;
        if entries.is_empty() != matches!(entry, Entry { event: Event::RunStarted(_), .. }) {
            return Err(wrong(name, number, "a journal begins with `run_started`, and has it once"));
        }
        entries.push(entry);
    }
    let read = entries.len() as u64;
    if read < header.events {
        let message = format!("the file ends after {read} of {} events: it was cut off", header.events);
        return Err(wrong(name, read + 1, &message).with_hint("export the run again"));
    }
    begun(&header.run, &entries).map_err(|error| wrong(name, 2, &error.to_string()))?;
    Ok(Journal { trace: Trace::new(header.run, entries) })
}

impl Journal {
    /// The run and its entries.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Adds the run to a memory, all of it or nothing, under its own name.
    ///
    /// # Errors
    /// If the memory has a run of this name, or fails.
    pub async fn keep_in(&self, memory: &impl Memory) -> Result<RunId, Error> {
        let run = *self.trace.run();
        memory.append(&run, 0, self.trace.entries()).await.map_err(|error| match error.kind() {
            MemoryErrorKind::Conflict => {
                let message = format!("run {run} is in this memory already; nothing was imported");
                Error::new(ErrorKind::Conflict, message).with_source(error)
            }
            _ => Error::new(ErrorKind::Memory, format!("run {run} could not be imported: {error}")).with_source(error),
        })?;
        Ok(run)
    }
}

fn header(name: &str, line: &str) -> Result<Header, Error> {
    let unknown = |error: serde_json::Error| {
        let message = format!("this is not the first line of an exported journal: {error}");
        wrong(name, 1, &message)
            .with_hint("a journal begins with its version, its run and its length")
            .with_source(error)
    };
    let version: Version = serde_json::from_str(line).map_err(unknown)?;
    if version.cicerone_journal > FORMAT_VERSION {
        let newer = version.cicerone_journal;
        let message = format!("a newer version wrote it, in format {newer}; this one reads up to {FORMAT_VERSION}");
        return Err(wrong(name, 1, &message).with_hint("update to import it"));
    }
    serde_json::from_str(line).map_err(unknown)
}

fn wrong(name: &str, line: u64, what: &str) -> Error {
    Error::new(ErrorKind::Memory, format!("`{name}`, line {line}: {what}"))
}
