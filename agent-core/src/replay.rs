//! Replaying a run without its model and its tools: does this agent still decide what the journal says?

use std::{collections::VecDeque, fmt};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    agent::{Agent, journal::begun},
    difference::Difference,
    error::{Error, ErrorKind},
    event::{CallId, End, Entry, Event, ToolResult},
    machine::{Action, Machine},
    run::RunId,
    state::{CallProgress, Undo},
    trace::Trace,
};

/// What came of a replay.
///
/// What came from outside (answers, outputs, what a person said) is taken from the journal; what the planner decided
/// is decided again, by the agent as it is now, and compared byte for byte.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Replay {
    /// How many events were followed, from the first.
    pub events: u64,
    /// How many of them the agent decided again, and the same.
    pub decided: u64,
    /// Where the run was taken up again after an interruption that the journal shows: a request made once more.
    pub resumed: Vec<u64>,
    /// The first event that the agent does not come to, if there is one.
    pub divergence: Option<Divergence>,
}

/// Where a journal and the agent that replays it part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Divergence {
    /// The position of the event. A [fork](Agent::fork) at it keeps what is still the same.
    pub at: u64,
    /// What the agent does there now; `None` if it waits.
    pub expected: Option<Event>,
    /// What the journal says.
    pub found: Event,
}

impl Replay {
    /// Replays these entries, wherever they come from.
    ///
    /// # Errors
    /// As [`Agent::replay`].
    pub fn of(agent: &Agent, trace: &Trace) -> Result<Self, Error> {
        let started = begun(trace.run(), trace.entries())?;
        agent.goes_on_with(trace.run(), started)?;
        // What was taken over from another run was decided by that one's agent.
        let inherited = started.forked_from.map_or(0, |forked| forked.at);
        let course = Course {
            machine: agent.machine(*trace.run()),
            round: VecDeque::new(),
            given: false,
            stop: Stop::of(trace.entries()),
            replay: Self::default(),
        };
        Ok(course.follow(trace.entries(), inherited))
    }
}

impl Agent {
    /// Replays a run of this agent's memory: without model and tools, without writing anything.
    ///
    /// The journal may end anywhere, and may have been written by several processes that took it up one after another.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use cicerone_core::{Agent, memory::InProcess, policy::ReAct, scripted::ScriptedModel};
    ///
    /// let journals = InProcess::default();
    /// let agent = |model| Agent::builder(model).planner(ReAct::default()).memory(journals.clone());
    /// let run = agent(ScriptedModel::new().reply("Good day.")).build()?.run("Greet me").await?;
    ///
    /// let same = agent(ScriptedModel::new()).build()?;
    /// assert_eq!(same.replay(run.id).await?.divergence, None);
    ///
    /// let other = agent(ScriptedModel::new()).system("You are gruff.").build()?;
    /// let divergence = other.replay(run.id).await?.divergence.unwrap();
    /// assert_eq!(divergence.at, 1, "the prompt is not the same");
    /// # Ok::<(), cicerone_core::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such run, if it can't be read, or if another policy planned it. A divergence is no error.
    pub async fn replay(&self, run: RunId) -> Result<Replay, Error> {
        let entries = self.journal(&run).await?;
        Replay::of(self, &Trace::new(run, entries))
    }
}

impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.divergence {
            None => write!(f, "the same in all {} events, {} of them decisions", self.events, self.decided),
            Some(divergence) => write!(f, "the same in {} events; {divergence}", self.events),
        }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = json(&self.found);
        write!(f, "at event {} the journal has `{}`", self.at, kind(&found))?;
        let Some(expected) = self.expected.as_ref().map(json) else {
            return f.write_str(", which this agent does not come to: it waits");
        };
        // Values that differ in nothing but the order of their fields are still not the same bytes.
        let whole = || Difference { path: String::new(), left: Some(found.clone()), right: Some(expected.clone()) };
        if kind(&found) == kind(&expected) {
            let difference = Difference::first(&found, &expected).unwrap_or_else(whole);
            write!(f, ", and so has this agent, but not the same")?;
            if !difference.path.is_empty() {
                write!(f, " at {}", difference.path)?;
            }
            return write!(f, "\n{}", difference.sides("journal", "now"));
        }
        write!(f, ", and this agent `{}`\n{}", kind(&expected), whole().sides("journal", "now"))
    }
}

/// A replay under way.
struct Course {
    machine: Machine,
    /// What the machine does next, the first first: one round of actions, which a driver appends together.
    round: VecDeque<Event>,
    /// Whether events follow each other that a person gave when the run was forked or taken up.
    given: bool,
    /// How a driver ended the run, if it did.
    stop: Option<Stop>,
    replay: Replay,
}

impl Course {
    fn follow(mut self, entries: &[Entry], inherited: u64) -> Replay {
        for (at, entry) in entries.iter().enumerate() {
            let event = &entry.event;
            let next = (at as u64) >= inherited && self.round.front().is_some_and(|next| same(next, event));
            let followed = match event {
                Event::RunStarted(_) => at == 0,
                _ if (at as u64) < inherited => true,
                _ if next => {
                    self.round.pop_front();
                    self.replay.decided += 1;
                    self.given = false;
                    true
                }
                Event::ToolReturned { result: ToolResult::Output { .. } | ToolResult::Failed { .. }, .. }
                    if self.stop.as_ref().is_some_and(|stop| at >= stop.from) =>
                {
                    self.fits(event)
                }
                // Whoever takes up a rollback writes down again what they undo.
                Event::UndoIntended { call } if self.is_being_undone(*call) => true,
                _ if is_decided(event) => {
                    let decided = self.decides(event, at);
                    self.replay.decided += u64::from(decided);
                    self.given &= !decided;
                    decided
                }
                _ => {
                    // A worker that takes a run up says first what it takes up and what it finds.
                    let is_first = matches!(
                        event,
                        Event::ApprovalGiven { .. }
                            | Event::CallResolved { .. }
                            | Event::OutcomeUnknown { .. }
                            | Event::ToolRetried { .. }
                            | Event::RollbackBegun { .. }
                    );
                    (self.given || is_first || self.round.is_empty()) && self.fits(event)
                }
            };
            if !followed {
                let expected = self.round.pop_front();
                self.replay.divergence = Some(Divergence { at: at as u64, expected, found: event.clone() });
                return self.replay;
            }
            self.machine.apply(event);
            self.replay.events += 1;
            if (at as u64) < inherited {
                self.given = true;
            }
            if self.round.is_empty() || !(next || is_decided(event)) {
                self.round = self.machine.actions().iter().map(Action::event).collect();
            }
        }
        self.replay
    }

    /// Whether the machine does this now: as the next of its round, or as the first of one that begins anew because
    /// the run was interrupted.
    fn decides(&mut self, event: &Event, at: usize) -> bool {
        let mut interrupted = self.machine.clone();
        interrupted.interrupted();
        for (machine, again) in [(self.machine.clone(), false), (interrupted, true)] {
            let mut round: VecDeque<Event> = machine.actions().iter().map(Action::event).collect();
            if round.front().is_some_and(|next| same(next, event)) {
                round.pop_front();
                if again {
                    self.replay.resumed.push(at as u64);
                }
                (self.machine, self.round) = (machine, round);
                return true;
            }
        }
        self.is_stopped(event, at)
    }

    /// Whether the driver ended the run here, which the machine does not decide: each open call gets its one result.
    fn is_stopped(&mut self, event: &Event, at: usize) -> bool {
        let Some(stop) = self.stop.take_if(|stop| at >= stop.from) else { return false };
        let mut ending: VecDeque<Event> = self.machine.abandoned().chain([stop.last]).collect();
        let stopped = ending.pop_front().is_some_and(|next| same(&next, event));
        if stopped {
            self.round = ending;
        }
        stopped
    }

    fn is_being_undone(&self, call: CallId) -> bool {
        self.machine.state().call(call).is_some_and(|call| call.undo == Some(Undo::Intended))
    }

    /// Whether something waits for this event.
    fn fits(&self, event: &Event) -> bool {
        let state = self.machine.state();
        match event {
            Event::ModelAnswered { call, .. } | Event::ModelFailed { call, .. } => {
                state.asking.is_some_and(|(asked, _)| asked == *call)
            }
            Event::ToolReturned { call, .. } | Event::ToolRetried { call } | Event::OutcomeUnknown { call, .. } => {
                state
                    .call(*call)
                    .is_some_and(|call| matches!(call.progress, CallProgress::Intended | CallProgress::Unknown(_)))
            }
            Event::CallResolved { call, .. } => state.call(*call).is_some_and(|call| {
                matches!(call.progress, CallProgress::Unknown(_)) || matches!(call.undo, Some(Undo::Unknown(_)))
            }),
            Event::ApprovalGiven { call, .. } => {
                state.call(*call).is_some_and(|call| call.progress == CallProgress::Asked)
            }
            _ => true,
        }
    }
}

/// An end that came from the driver: the run was cancelled, rolled back or out of time.
struct Stop {
    /// Where the results begin that calls had while they were given a moment.
    from: usize,
    /// The event that ends the run, or begins to undo it.
    last: Event,
}

impl Stop {
    fn of(entries: &[Entry]) -> Option<Self> {
        let by_driver =
            |end: &End| matches!(end, End::Failed { kind: ErrorKind::Cancelled | ErrorKind::TimeLimit, .. });
        let at = entries.iter().position(|entry| match &entry.event {
            Event::Finished(end) | Event::RollbackBegun { end: Some(end), .. } => by_driver(end),
            _ => false,
        })?;
        let (before, last) = (entries.get(..at)?, entries.get(at)?);
        let results = before.iter().rev().take_while(|entry| matches!(entry.event, Event::ToolReturned { .. }));
        Some(Self { from: before.len() - results.count(), last: last.event.clone() })
    }
}

/// Whether the machine decides such an event; the others are told to it.
fn is_decided(event: &Event) -> bool {
    match event {
        Event::ModelAsked { .. }
        | Event::PlanMade { .. }
        | Event::AnswerRejected { .. }
        | Event::ApprovalAsked { .. }
        | Event::DecisionRejected { .. }
        | Event::ToolIntended { .. }
        | Event::ToolReused { .. }
        | Event::ToolReturned { result: ToolResult::Denied { .. } | ToolResult::Abandoned, .. }
        | Event::UndoIntended { .. }
        | Event::RolledBack { .. }
        | Event::RollbackBegun { end: Some(_), .. }
        | Event::Finished(_) => true,
        Event::RunStarted(_)
        | Event::ModelAnswered { .. }
        | Event::ModelFailed { .. }
        | Event::ApprovalGiven { .. }
        | Event::ToolRetried { .. }
        | Event::OutcomeUnknown { .. }
        | Event::CallResolved { .. }
        | Event::RollbackBegun { end: None, .. }
        | Event::UndoReturned { .. }
        | Event::UndoUnknown { .. }
        | Event::ToolReturned { result: ToolResult::Output { .. } | ToolResult::Failed { .. }, .. } => false,
    }
}

/// Whether a decision is what the journal has, but for the time at which a question expires, which takes a clock.
fn same(one: &Event, other: &Event) -> bool {
    let mut one = one.clone();
    if let (Event::ApprovalAsked { expires, .. }, Event::ApprovalAsked { expires: then, .. }) = (&mut one, other) {
        *expires = *then;
    }
    // Values that differ in the order of their fields are equal, and their bytes are not.
    matches!((serde_json::to_vec(&one), serde_json::to_vec(other)), (Ok(one), Ok(other)) if one == other)
}

fn json(event: &Event) -> Value {
    // Events are written to journals, so they can be; one that could not would differ from all others.
    serde_json::to_value(event).unwrap_or_default()
}

fn kind(event: &Value) -> &str {
    event.get("event").and_then(Value::as_str).unwrap_or("an event that can't be written")
}
