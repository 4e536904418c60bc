//! What two runs did differently.

mod align;
mod display;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    difference::Difference,
    event::{CallId, End, ForkedFrom, ToolResult},
    model::Usage,
    run::RunId,
    state::{Action, Call, State},
    trace::Trace,
};

/// Two runs beside each other: how far they are the same, and what each did.
///
/// Times, durations, costs, names of runs and models, keys and the ids that backends give to calls don't count, and of
/// results that came one after another the order does not. It displays as text.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use cicerone_core::{Agent, diff::Diff, policy::ReAct, scripted::ScriptedModel};
///
/// let model = ScriptedModel::new().reply("Good day.").reply("Hello!");
/// let agent = Agent::builder(model).planner(ReAct::default()).build()?;
/// let (one, other) = (agent.run("Greet me").await?, agent.run("Greet me").await?);
///
/// let diff = Diff::of(&one.trace, &other.trace);
/// assert_eq!(diff.same, 2, "both began, and asked the same");
/// assert!(diff.to_string().contains("Hello!"));
/// # Ok::<(), cicerone_core::Error>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Diff {
    /// The one run.
    pub left: Side,
    /// The other.
    pub right: Side,
    /// How many events are the same, from the first.
    pub same: u64,
    /// The first event that is not, if there is one.
    pub first: Option<FirstDifference>,
    /// The calls of both, matched by what they are.
    pub calls: Vec<MatchedCall>,
}

/// One of the runs of a [`Diff`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Side {
    /// Its name.
    pub run: RunId,
    /// What was asked for.
    pub task: String,
    /// Which model was asked.
    pub model: String,
    /// Which run it was forked from, and where.
    pub forked_from: Option<ForkedFrom>,
    /// How many events it has.
    pub events: u64,
    /// How it ended, if it has.
    pub end: Option<End>,
    /// How often the model was asked.
    pub model_calls: u32,
    /// What its answers cost.
    pub usage: Usage,
}

/// Where two runs part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FirstDifference {
    /// The position of the event in both.
    pub at: u64,
    /// What kind of event the left one has there; `None` if it has no more.
    pub left: Option<String>,
    /// What kind of event the right one has there.
    pub right: Option<String>,
    /// Where the two events differ.
    pub difference: Difference,
}

/// A call of one run, and the call of the other that is the same: the same tool with the same arguments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MatchedCall {
    /// The tool.
    pub tool: String,
    /// The arguments.
    pub args: Value,
    /// The left run's; `None` if it has no such call.
    pub left: Option<Made>,
    /// The right run's.
    pub right: Option<Made>,
}

/// What became of a call in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Made {
    /// Its number in that run.
    pub call: CallId,
    /// What came of it, if it has ended.
    pub result: Option<ToolResult>,
    /// The earlier call whose result it took, if it was not made.
    pub reused: Option<CallId>,
}

impl Diff {
    /// Compares two runs.
    #[must_use]
    pub fn of(left: &Trace, right: &Trace) -> Self {
        let (same, first) = align::first_difference(left.entries(), right.entries());
        let (one, other) = (state_of(left), state_of(right));
        let calls = matched(&one.calls, &other.calls);
        Self { left: Side::of(left, one), right: Side::of(right, other), same, first, calls }
    }

    /// Whether the runs are the same, but for what does not count.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.first.is_none()
    }
}

impl Side {
    fn of(trace: &Trace, state: State) -> Self {
        let started = state.started.as_deref();
        Self {
            run: *trace.run(),
            task: started.map(|started| started.task.clone()).unwrap_or_default(),
            model: started.map(|started| started.model.name.clone()).unwrap_or_default(),
            forked_from: started.and_then(|started| started.forked_from),
            events: state.length,
            end: state.end,
            model_calls: state.model_calls,
            usage: state.usage,
        }
    }
}

impl MatchedCall {
    /// Whether both runs made it, with the same result.
    #[must_use]
    pub fn is_same(&self) -> bool {
        match (&self.left, &self.right) {
            (Some(left), Some(right)) => left.result == right.result,
            _ => false,
        }
    }
}

fn state_of(trace: &Trace) -> State {
    trace.entries().iter().fold(State::default(), |mut state, entry| {
        state.apply(&entry.event);
        state
    })
}

/// The left run's calls in order, each with the first of the right run's that is the same and not taken yet; then
/// what only the right one has.
fn matched(left: &[Call], right: &[Call]) -> Vec<MatchedCall> {
    let mut open: BTreeMap<Action, Vec<&Call>> = BTreeMap::new();
    for call in right.iter().rev() {
        open.entry(Action::of(&call.planned.tool, &call.planned.args)).or_default().push(call);
    }
    let entry = |call: &Call, left: Option<&Call>, right: Option<&Call>| MatchedCall {
        tool: call.planned.tool.clone(),
        args: call.planned.args.clone(),
        left: left.map(made),
        right: right.map(made),
    };
    let mut all = Vec::with_capacity(left.len().max(right.len()));
    for call in left {
        let twin = open.get_mut(&Action::of(&call.planned.tool, &call.planned.args)).and_then(Vec::pop);
        all.push(entry(call, Some(call), twin));
    }
    let mut rest: Vec<&Call> = open.into_values().flatten().collect();
    rest.sort_by_key(|call| call.planned.call);
    all.extend(rest.into_iter().map(|call| entry(call, None, Some(call))));
    all
}

fn made(call: &Call) -> Made {
    Made { call: call.planned.call, result: call.result().cloned(), reused: call.reused }
}
