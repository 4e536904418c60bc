//! What has to be true of a journal before an agent does anything with it.

use super::{Agent, driver};
use crate::{
    error::{Error, ErrorKind},
    event::{Entry, Event, FORMAT_VERSION, RunStarted},
    memory::Memory,
    run::RunId,
};

/// How the run began whose journal these entries are.
///
/// # Errors
/// If there are none, if they begin with something else, or if a newer version wrote them.
pub(crate) fn begun<'e>(run: &RunId, entries: &'e [Entry]) -> Result<&'e RunStarted, Error> {
    let Some(first) = entries.first() else {
        let error = Error::new(ErrorKind::Request, format!("there is no run {run} in this memory"));
        return Err(error.with_hint("`cicerone runs` lists them"));
    };
    let Event::RunStarted(started) = &first.event else {
        let message = format!("the journal of run {run} does not begin with `run_started`: its beginning is lost");
        return Err(Error::new(ErrorKind::Memory, message).with_hint("take it from a backup or an export"));
    };
    if started.format > FORMAT_VERSION {
        let message = format!(
            "run {run} was written by a newer version, in format {}; this one reads formats up to {FORMAT_VERSION}",
            started.format
        );
        return Err(Error::new(ErrorKind::Memory, message).with_hint("update to read it"));
    }
    Ok(started)
}

impl Agent {
    /// The journal of a run, as far as it is written; it begins as it must.
    pub(crate) async fn journal(&self, run: &RunId) -> Result<Vec<Entry>, Error> {
        let entries = self.0.memory.read(run, 0).await.map_err(|error| {
            let message = format!("the journal of run {run} could not be read: {error}");
            Error::new(ErrorKind::Memory, message).with_source(error)
        })?;
        begun(run, &entries)?;
        Ok(entries)
    }

    /// Whether a run that began so can go on with this agent: events of one policy mean nothing to another.
    pub(crate) fn goes_on_with(&self, run: &RunId, started: &RunStarted) -> Result<(), Error> {
        let (then, now) = (started.policy.as_str(), self.0.policy.name());
        if then == now {
            return Ok(());
        }
        let message = format!("run {run} was begun by the policy `{then}`, and this agent's is `{now}`");
        Err(Error::new(ErrorKind::Configuration, message).with_hint("use an agent with the same policy"))
    }

    /// How a run of this task would begin now, if it can be run at all.
    pub(crate) fn begins(&self, task: &str) -> Result<RunStarted, Error> {
        driver::check_task(task)?;
        Ok(self.started(task))
    }
}
