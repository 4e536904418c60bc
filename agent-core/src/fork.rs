//! Forking a run: another one that begins with the same events, and has one thing different.

use std::{
    fmt,
    future::IntoFuture,
    time::{SystemTime, UNIX_EPOCH},
};

use futures::future::BoxFuture;
use serde_json::Value;

use crate::{
    agent::{Agent, Run, Start, journal::begun},
    error::{Error, ErrorKind},
    event::{CallId, Entry, Event, FORMAT_VERSION, ForkedFrom, ToolResult},
    memory::{Memory, MemoryError},
    model::Response,
    run::RunId,
    state::{Call, CallProgress, State},
};

/// A fork before it begins: await it, or [`begin`](Self::begin) it to stream it or to have its output as a type.
///
/// [`Agent::fork`] makes one.
#[must_use = "a fork begins when it is awaited"]
pub struct Fork {
    agent: Agent,
    run: RunId,
    at: u64,
    task: Option<String>,
    change: Change,
}

/// What is different in a fork, but for its agent and its task.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Change {
    answer: Option<Response>,
    outputs: Vec<(CallId, Value)>,
}

impl Change {
    /// What the model answers to the request that is under way at the position, in place of what it answered.
    pub fn answer(mut self, answer: impl Into<Response>) -> Self {
        self.answer = Some(answer.into());
        self
    }

    /// What a call returned, in place of what it did: of one that is under way at the position, or that returned
    /// before it and after which nothing was decided. The tool is not called.
    pub fn output(mut self, call: CallId, output: Value) -> Self {
        self.outputs.push((call, output));
        self
    }
}

/// Writes the journal of a new run that begins with the first `at` events of `run`, for the same agent, and gives its
/// name.
///
/// It takes the journal alone, so a program that does not know the run's tools can do it. An agent that does goes on
/// with it: [`Agent::resume`]. [`Agent::fork`] does both, and can change the agent and the task.
///
/// # Errors
/// As [`Fork::begin`]. An output that the tool can't return is noticed by nobody, since the tool is not known.
pub async fn fork(memory: &impl Memory, run: RunId, at: u64, change: &Change) -> Result<RunId, Error> {
    let unread = |error: MemoryError| {
        Error::new(ErrorKind::Memory, format!("run {run} could not be read: {error}")).with_source(error)
    };
    let entries = memory.read(&run, 0).await.map_err(unread)?;
    if entries.is_empty() {
        let error = Error::new(ErrorKind::Request, format!("there is no run {run} in this memory"));
        return Err(error.with_hint("`cicerone runs` lists them"));
    }
    let forked = Origin { run, at, entries: &entries, agent: None, task: None }.journal(change)?;
    keep(memory, run, &forked).await
}

async fn keep(memory: &impl Memory, run: RunId, forked: &[Entry]) -> Result<RunId, Error> {
    let name = RunId::new();
    memory.append(&name, 0, forked).await.map_err(|error| {
        Error::new(ErrorKind::Memory, format!("the fork of run {run} could not be kept: {error}")).with_source(error)
    })?;
    Ok(name)
}

impl Agent {
    /// A new run that begins with the first `at` events of `run`, and goes on by itself from there.
    ///
    /// What differs is this agent (its model, its prompts, its tools), or what is changed with [`Fork::task`],
    /// [`Fork::answer`] or [`Fork::output`]. What is done stands: a write that `run` made before is not made again, a
    /// repetition takes its result, and the fork never undoes it. Where a call was under way there can be no fork,
    /// unless its output is given: it was made under the other run's key, so this one could not take it up.
    /// [`positions`] lists where it can be. The fork belongs to the same thread, and is forgotten with it.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use cicerone_core::{Agent, policy::ReAct, scripted::ScriptedModel};
    ///
    /// let model = ScriptedModel::new().reply("Good day.");
    /// let agent = Agent::builder(model).planner(ReAct::default()).build()?;
    /// let run = agent.run("Greet me").await?;
    /// assert_eq!(run.output()?, "Good day.");
    ///
    /// // Its events are: the run started, the model was asked, it answered, the run ended.
    /// let fork = agent.fork(run.id, 2).answer("Good evening.").await?;
    /// assert_eq!(fork.output()?, "Good evening.");
    /// # Ok::<(), cicerone_core::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fork(&self, run: RunId, at: u64) -> Fork {
        Fork { agent: self.clone(), run, at, task: None, change: Change::default() }
    }
}

impl Fork {
    /// Another request, at position 1: everything later was decided for the first one.
    pub fn task(mut self, task: impl Into<String>) -> Self {
        self.task = Some(task.into());
        self
    }

    /// As [`Change::answer`].
    pub fn answer(mut self, answer: impl Into<Response>) -> Self {
        self.change = self.change.answer(answer);
        self
    }

    /// As [`Change::output`].
    pub fn output(mut self, call: CallId, output: Value) -> Self {
        self.change = self.change.output(call, output);
        self
    }

    /// Writes the journal of the new run, and gives the rest of it, to be awaited or streamed.
    ///
    /// # Errors
    /// If the other run does not exist or can't be forked there, which says where it can be; if a change does not fit
    /// the position; if the journal can't be written. Nothing is written then.
    pub async fn begin(self) -> Result<Start, Error> {
        let entries = self.agent.journal(&self.run).await?;
        let (agent, task) = (Some(&self.agent), self.task.as_deref());
        let origin = Origin { run: self.run, at: self.at, entries: &entries, agent, task };
        let forked = origin.journal(&self.change)?;
        let run = keep(self.agent.memory(), self.run, &forked).await?;
        Ok(self.agent.resume(run))
    }
}

/// What a fork begins with.
struct Origin<'a> {
    run: RunId,
    at: u64,
    entries: &'a [Entry],
    /// The agent that goes on, if it is known, and its task, if that is another.
    agent: Option<&'a Agent>,
    task: Option<&'a str>,
}

impl Origin<'_> {
    /// The entries that the new run begins with.
    fn journal(&self, change: &Change) -> Result<Vec<Entry>, Error> {
        let entries = self.entries;
        let taken = usize::try_from(self.at).ok().and_then(|at| entries.get(..at)).filter(|taken| !taken.is_empty());
        let Some(taken) = taken else {
            let message = format!("run {} has {} events and can't be forked at {}", self.run, entries.len(), self.at);
            return Err(refused(message).with_hint(where_to(entries, self.at)));
        };
        let mut forked = taken.to_vec();
        let state = fold(taken);
        let given: Vec<CallId> = change.outputs.iter().map(|(call, _)| *call).collect();
        if let Some(obstacle) = obstacle(&state, &given) {
            let message = format!("run {} can't be forked at {}: {obstacle}", self.run, self.at);
            return Err(refused(message).with_hint(where_to(entries, self.at)));
        }
        self.begin_anew(&mut forked)?;
        for (call, output) in &change.outputs {
            self.put(*call, output, &state, &mut forked)?;
        }
        if let Some(response) = &change.answer {
            let Some((call, _)) = state.asking else {
                let message = format!("the model is not being asked at {} in run {}", self.at, self.run);
                return Err(refused(message).with_hint(answers(entries)));
            };
            forked.push(now(Event::ModelAnswered { call, response: response.clone() }));
        }
        Ok(forked)
    }

    /// The first event: how the fork begins.
    fn begin_anew(&self, forked: &mut [Entry]) -> Result<(), Error> {
        let mut started = begun(&self.run, self.entries)?.clone();
        started.format = FORMAT_VERSION;
        if let Some(agent) = self.agent {
            let task = self.task.unwrap_or(&started.task);
            let fresh = agent.begins(task)?;
            if self.at > 1 {
                if self.task.is_some() {
                    let message = format!("what run {} did before {} was decided for its own task", self.run, self.at);
                    return Err(refused(message).with_hint("to change the task, fork at 1"));
                }
                agent.goes_on_with(&self.run, &started)?;
            } else {
                (started.task, started.mentions) = (fresh.task, fresh.mentions);
            }
            (started.policy, started.model, started.tools) = (fresh.policy, fresh.model, fresh.tools);
        }
        started.forked_from = Some(ForkedFrom { run: self.run, at: self.at });
        if let Some(first) = forked.first_mut() {
            first.event = Event::RunStarted(Box::new(started));
        }
        Ok(())
    }

    /// Puts an output in the place of a call's own.
    fn put(&self, call: CallId, output: &Value, state: &State, forked: &mut Vec<Entry>) -> Result<(), Error> {
        let entries = self.entries;
        let Some(known) = state.call(call) else {
            let calls: Vec<String> = state.calls.iter().map(name).collect();
            let calls = if calls.is_empty() { "none".to_owned() } else { calls.join(", ") };
            let message = format!("run {} has no call {} before {}", self.run, call.0, self.at);
            return Err(refused(message).with_hint(format!("it has {calls}")));
        };
        self.check_output(known, output)?;
        let result = ToolResult::Output { output: output.clone() };
        if matches!(known.progress, CallProgress::Intended | CallProgress::Unknown(_)) {
            forked.push(now(Event::ToolReturned { call, result, milliseconds: 0 }));
            return Ok(());
        }
        if let Some(of) = known.reused {
            let message = format!("{} was not made in run {}", name(known), self.run);
            return Err(refused(message).with_hint(format!("it took the result of call {}: change that one's", of.0)));
        }
        let made = matches!(known.result(), Some(ToolResult::Output { .. } | ToolResult::Failed { .. }));
        let Some(returned) = returned(forked, call).filter(|_| made) else {
            return Err(refused(format!("{} was not made before {} in run {}", name(known), self.at, self.run)));
        };
        if !forked.iter().skip(returned).all(|entry| matches!(entry.event, Event::ToolReturned { .. })) {
            let message =
                format!("what run {} did after {returned} was decided by what call {} returned", self.run, call.0);
            let at = (returned..entries.len())
                .find(|at| obstacle(&fold(entries.get(..*at).unwrap_or_default()), &[call]).is_none());
            return Err(refused(message).with_hint(format!("to change it, fork at {}", at.unwrap_or(returned))));
        }
        if let Some(Entry { event: Event::ToolReturned { result: before, .. }, .. }) = forked.get_mut(returned) {
            *before = result;
        }
        Ok(())
    }

    fn check_output(&self, call: &Call, output: &Value) -> Result<(), Error> {
        let Some(tool) = self.agent.and_then(|agent| agent.kit().tools.get(&call.planned.tool)) else { return Ok(()) };
        let schema = jsonschema::validator_for(&tool.spec().output_schema).ok();
        match schema.and_then(|schema| schema.iter_errors(output).next().map(|wrong| wrong.to_string())) {
            Some(wrong) => Err(refused(format!("that is nothing that {} can return: {wrong}", name(call)))),
            None => Ok(()),
        }
    }
}

impl IntoFuture for Fork {
    type Output = Result<Run, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.begin().await?.await })
    }
}

impl fmt::Debug for Fork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fork").field("run", &self.run).field("at", &self.at).finish_non_exhaustive()
    }
}

/// Where a run with this journal can be [forked](Agent::fork) without a change of its calls: the numbers of events
/// after which it has not ended and no call is under way.
#[must_use]
pub fn positions(entries: &[Entry]) -> Vec<u64> {
    let mut state = State::default();
    let possible = entries.iter().filter_map(|entry| {
        state.apply(&entry.event);
        obstacle(&state, &[]).is_none().then_some(state.length)
    });
    possible.collect()
}

/// Why a run can't be forked in this state, if the outputs of these calls are given.
fn obstacle(state: &State, given: &[CallId]) -> Option<String> {
    if state.end.is_some() {
        return Some("it has ended there".to_owned());
    }
    if state.rollback.is_some() {
        return Some("what it did is being undone there".to_owned());
    }
    state.calls.iter().find_map(|call| {
        let called = name(call);
        match &call.progress {
            CallProgress::Asked | CallProgress::ToAsk => None,
            CallProgress::Intended | CallProgress::Unknown(_) if given.contains(&call.planned.call) => None,
            CallProgress::Unknown(_) => Some(format!("what became of {called} is not known there")),
            CallProgress::Intended => Some(format!("{called} is being made there, under that run's key")),
            // A person agreed to one such call, and it is made by the other run.
            CallProgress::Approved | CallProgress::Edited(_) => {
                Some(format!("{called} was approved for that run and is not made yet"))
            }
            CallProgress::Answered(_) | CallProgress::Resolved(_) => {
                Some(format!("what a person said of {called} is not closed yet"))
            }
            CallProgress::Refused(_) => Some(format!("{called} was refused and is not closed yet")),
            CallProgress::Returned(ToolResult::Abandoned) => Some(format!("{called} was abandoned, as the run ended")),
            CallProgress::Returned(_) => None,
        }
    })
}

fn fold(entries: &[Entry]) -> State {
    entries.iter().fold(State::default(), |mut state, entry| {
        state.apply(&entry.event);
        state
    })
}

fn returned(entries: &[Entry], wanted: CallId) -> Option<usize> {
    entries.iter().position(|entry| matches!(&entry.event, Event::ToolReturned { call, .. } if *call == wanted))
}

fn name(call: &Call) -> String {
    format!("call {} ({})", call.planned.call.0, call.planned.tool)
}

fn refused(message: String) -> Error {
    Error::new(ErrorKind::Request, message)
}

/// The positions nearest to one that is none.
fn where_to(entries: &[Entry], at: u64) -> String {
    let positions = positions(entries);
    let before = positions.iter().rev().find(|position| **position < at);
    let after = positions.iter().find(|position| **position > at);
    match (before, after) {
        (Some(before), Some(after)) => format!("it can be at {before} and at {after}"),
        (Some(nearest), None) | (None, Some(nearest)) => format!("it can be at {nearest}"),
        (None, None) => "there is nowhere that it can be".to_owned(),
    }
}

fn answers(entries: &[Entry]) -> String {
    let answers = entries.iter().enumerate().filter(|(_, entry)| matches!(entry.event, Event::ModelAnswered { .. }));
    let positions: Vec<String> = answers.map(|(at, _)| at.to_string()).collect();
    if positions.is_empty() {
        "it answered nowhere".to_owned()
    } else {
        format!("it answers at {}", positions.join(", "))
    }
}

fn now(event: Event) -> Entry {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    Entry { time: u64::try_from(time).unwrap_or(u64::MAX), event }
}
