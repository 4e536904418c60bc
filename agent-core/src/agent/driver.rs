//! The driver: performs a machine's actions on tokio and appends what comes of them.

mod model;
mod person;
mod recover;
mod rollback;

pub(super) use model::warm_up;

use std::time::{Duration, Instant};

use futures::{
    StreamExt,
    channel::mpsc,
    future::{self, BoxFuture, Either},
    stream::FuturesUnordered,
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::{
    agent::{
        Agent, LONGEST_REQUEST, Outcome, Update,
        decide::{Spoken, no_run, now, refused},
        opening::{Before, Opening},
        start::What,
        waiting::Waiting,
    },
    error::{Error, ErrorKind},
    event::{CallId, End, Entry, Event, FORMAT_VERSION, RunStarted},
    machine::{Action, Machine},
    memory::{Memory, MemoryError, MemoryErrorKind},
    model::Usage,
    run::RunId,
    state::CallProgress,
    trace::Trace,
};

pub(super) type Updates = mpsc::UnboundedSender<Update>;

/// How long calls that are under way may go on after a run was cancelled.
const GRACE: Duration = Duration::from_secs(5);

/// A run that has ended or waits, its output not yet read as a type.
pub(super) struct Ended {
    pub(super) run: RunId,
    pub(super) outcome: Outcome,
    pub(super) output: Option<Value>,
    pub(super) trace: Trace,
    pub(super) usage: Usage,
    pub(super) model_calls: u32,
}

pub(super) async fn drive(
    agent: Agent,
    what: What,
    spoken: Spoken,
    before: Before,
    output_schema: Option<Value>,
    cancel: CancellationToken,
    updates: Option<Updates>,
) -> Result<Ended, Error> {
    let opening = match &what {
        What::Task(_) if !spoken.said.is_empty() => {
            let error = refused("a run that has not begun has no calls to decide on".to_owned());
            return Err(error.with_hint("resume the run that waits"));
        }
        What::Task(task) => {
            check_task(task)?;
            let looked = cancel.run_until_cancelled(Opening::of(&agent, task, before)).await;
            let cancelled = || Err(Error::new(ErrorKind::Cancelled, "the run was cancelled before it began"));
            looked.unwrap_or_else(cancelled)?
        }
        What::Resume(run) | What::Rollback(run, _) => Opening::taken_up(*run),
    };
    let run = opening.run;
    let mut driver = Driver {
        machine: agent.machine(run),
        run,
        stopping: cancel.child_token(),
        cancel,
        updates,
        entries: Vec::new(),
        models: FuturesUnordered::new(),
        tools: FuturesUnordered::new(),
        begun: Instant::now(),
        asked_back: matches!(what, What::Rollback(..)),
        agent,
    };
    match what {
        What::Task(task) => {
            let started = opening.begins(driver.agent.started(task));
            let started = RunStarted { output_schema, ..started };
            driver.append(vec![Event::RunStarted(Box::new(started))]).await?;
        }
        What::Resume(_) => {
            driver.take_up(spoken).await?;
            driver.recover().await?;
        }
        What::Rollback(_, reason) => {
            driver.take_up(spoken).await?;
            driver.recover_undo().await?;
            driver.roll_back(&reason).await?;
        }
    }
    let driven = driver.go_on().await;
    driver.end(driven)
}

/// Whether a task can be run at all.
pub(super) fn check_task(task: &str) -> Result<(), Error> {
    if task.trim().is_empty() {
        return Err(Error::new(ErrorKind::Request, "the request is empty").with_hint("say what you want"));
    }
    if task.len() > LONGEST_REQUEST {
        let message = format!("the request has {} bytes; at most {LONGEST_REQUEST} can be planned for", task.len());
        return Err(Error::new(ErrorKind::Request, message).with_hint("shorten it, or split it into several"));
    }
    Ok(())
}

/// A run under way.
struct Driver {
    agent: Agent,
    run: RunId,
    machine: Machine,
    cancel: CancellationToken,
    // What tools see: it is cancelled when the run is stopped, for whatever reason.
    stopping: CancellationToken,
    updates: Option<Updates>,
    entries: Vec<Entry>,
    // Apart from the tools, since decoding is dropped at once when a run is cancelled and tools are not.
    models: FuturesUnordered<BoxFuture<'static, Event>>,
    tools: FuturesUnordered<BoxFuture<'static, Arrival>>,
    begun: Instant,
    /// Whether somebody asked to have the run undone, and is told what came of that.
    asked_back: bool,
}

/// What a call or a question to a person comes to.
enum Arrival {
    Event(Event),
    /// The call was not carried out, and may be made again.
    Retry(CallId),
    /// Nobody knows what became of the call, for this reason.
    Unknown(CallId, String),
    /// Nobody can say now.
    Nothing,
}

impl Driver {
    /// Reads the journal, takes what persons have said since, and takes up what was under way.
    async fn take_up(&mut self, spoken: Spoken) -> Result<(), Error> {
        self.entries = self.agent.0.memory.read(&self.run, 0).await.map_err(|error| self.memory_failed(error))?;
        if self.entries.is_empty() {
            return Err(no_run(self.run));
        }
        for entry in &self.entries {
            self.machine.apply(&entry.event);
        }
        if let Some(started) = &self.machine.state().started
            && started.format > FORMAT_VERSION
        {
            let message = format!("run {} was written by a newer version, in format {}", self.run, started.format);
            return Err(Error::new(ErrorKind::Memory, message).with_hint("update to resume it"));
        }
        if let Some(started) = &self.machine.state().started
            && started.policy != self.agent.0.policy.name()
        {
            let (then, now) = (&started.policy, self.agent.0.policy.name());
            let message = format!("run {} was begun by the policy `{then}`, and this agent's is `{now}`", self.run);
            return Err(Error::new(ErrorKind::Configuration, message).with_hint("resume it with the same policy"));
        }
        self.machine.interrupted();
        self.take(spoken).await
    }

    /// Performs actions until there are none and nothing is under way.
    async fn go_on(&mut self) -> Result<(), Error> {
        loop {
            self.perform().await?;
            let state = self.machine.state();
            let ended = state.end.is_some() && state.rolling_back().is_none();
            if ended || (self.models.is_empty() && self.tools.is_empty()) {
                return Ok(());
            }
            match self.arrival().await {
                Some(Arrival::Event(event)) => self.append(vec![event]).await?,
                Some(Arrival::Retry(call)) => self.retry(vec![call]).await?,
                Some(Arrival::Unknown(call, reason)) => self.unknown(call, reason).await?,
                Some(Arrival::Nothing) => {}
                None => self.stop().await?,
            }
        }
    }

    /// Performs all actions that the machine has now.
    async fn perform(&mut self) -> Result<(), Error> {
        loop {
            let actions = self.machine.actions();
            if actions.is_empty() {
                return Ok(());
            }
            // All events of one round are one append: what is intended is durable before any of it begins.
            let events = actions.iter().map(|action| self.event_of(action)).collect();
            self.append(events).await?;
            for action in actions {
                match action {
                    Action::Record(_) => {}
                    Action::Ask { call, ask, .. } => self.ask_model(call, &ask),
                    Action::Approve { planned, .. } => self.ask_person(planned.call),
                    Action::Call { planned, .. } => self.call(planned.call),
                    Action::Retry(call) => self.call(call),
                    Action::Undo(call) => self.undo(call, false),
                }
            }
        }
    }

    /// The next thing that comes of what is under way; none if the run is to be stopped.
    async fn arrival(&mut self) -> Option<Arrival> {
        // What is being undone is neither cancelled nor out of time.
        if self.machine.state().rolling_back().is_some() {
            return Some(self.tools.next().await.unwrap_or(Arrival::Nothing));
        }
        let left = self.agent.0.budget.wall_time.map(|most| most.saturating_sub(self.begun.elapsed()));
        let late = left.map_or_else(|| Either::Left(future::pending()), |left| Either::Right(tokio::time::sleep(left)));
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => None,
            () = late => None,
            Some(arrival) = self.tools.next() => Some(arrival),
            Some(event) = self.models.next() => Some(Arrival::Event(event)),
        }
    }

    /// Ends a run that was cancelled or is out of time: tools get a moment, and each open call its one result.
    async fn stop(&mut self) -> Result<(), Error> {
        self.models.clear();
        let end = if self.cancel.is_cancelled() {
            End::Failed { kind: ErrorKind::Cancelled, message: "the run was cancelled".to_owned() }
        } else {
            let most = self.agent.0.budget.wall_time.unwrap_or_default();
            End::Failed { kind: ErrorKind::TimeLimit, message: format!("the run took longer than {most:?}") }
        };
        self.stopping.cancel();
        let mut grace = std::pin::pin!(tokio::time::sleep(GRACE));
        // Questions to a person are not waited for, calls are.
        while self.machine.state().calls.iter().any(|call| call.progress == CallProgress::Intended) {
            let arrival = tokio::select! {
                () = &mut grace => None,
                arrival = self.tools.next() => arrival,
            };
            match arrival {
                Some(Arrival::Event(event @ Event::ToolReturned { .. })) => self.append(vec![event]).await?,
                Some(Arrival::Unknown(call, reason)) => self.unknown(call, reason).await?,
                Some(_) => {}
                None => break,
            }
        }
        self.tools.clear();
        let events = self.machine.ending(end);
        self.append(events).await
    }

    async fn append(&mut self, events: Vec<Event>) -> Result<(), Error> {
        let time = now();
        let entries: Vec<Entry> = events.into_iter().map(|event| Entry { time, event }).collect();
        let at = self.entries.len() as u64;
        self.agent.0.memory.append(&self.run, at, &entries).await.map_err(|error| self.memory_failed(error))?;
        for entry in entries {
            self.machine.apply(&entry.event);
            if matches!(entry.event, Event::RollbackBegun { .. }) {
                // What was under way has its result by now, and must not get a second one.
                self.models.clear();
                self.tools.clear();
            }
            if let Some(updates) = &self.updates {
                // Nobody listening any more is no reason to stop.
                let _ = updates.unbounded_send(Update::Entry(entry.clone()));
            }
            self.entries.push(entry);
        }
        Ok(())
    }

    fn memory_failed(&self, error: MemoryError) -> Error {
        let kind = if error.kind() == MemoryErrorKind::Conflict { ErrorKind::Conflict } else { ErrorKind::Memory };
        let message = format!("the journal of run {} could not be kept: {error}", self.run);
        Error::new(kind, message).with_source(error).with_trace(self.trace())
    }

    fn trace(&self) -> Trace {
        Trace::new(self.run, self.entries.clone())
    }

    /// What an action is in the journal. When a question expires takes a clock, which the machine does not have.
    fn event_of(&self, action: &Action) -> Event {
        let mut event = action.event();
        if let (Event::ApprovalAsked { expires, .. }, Action::Approve { within, .. }) = (&mut event, action) {
            let within = within.or(self.agent.0.approval_expires);
            let milliseconds = within.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
            *expires = milliseconds.map(|time| now().saturating_add(time));
        }
        event
    }

    fn end(self, driven: Result<(), Error>) -> Result<Ended, Error> {
        let trace = self.trace();
        driven?;
        let state = self.machine.state();
        let waiting = Waiting::all(state);
        let (outcome, output) = match &state.end {
            _ if !waiting.is_empty() => (Outcome::Waiting(waiting), None),
            Some(_) if self.asked_back => (Outcome::RolledBack(rollback::report(state)), None),
            Some(End::Completed { answer, output }) => (Outcome::Completed(answer.clone()), output.clone()),
            Some(End::NeedsInput { questions }) => (Outcome::NeedsInput(questions.clone()), None),
            Some(End::Failed { kind, message }) => return Err(Error::new(*kind, message.clone()).with_trace(trace)),
            None => {
                let message = format!("the policy `{}` has no next move", self.agent.0.policy.name());
                return Err(Error::new(ErrorKind::Plan, message).with_trace(trace));
            }
        };
        Ok(Ended { run: self.run, outcome, output, trace, usage: state.usage, model_calls: state.model_calls })
    }
}

fn milliseconds(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}
