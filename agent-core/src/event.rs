//! What a run's journal is made of.

mod decision;

pub use decision::{Decision, Resolution};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::ErrorKind,
    history::Summary,
    message::Message,
    model::{ModelInfo, Response},
    plan::{Plan, StepId},
    reading::Mention,
    run::RunId,
    thread::ThreadId,
    tool::{Effect, IdempotencyKey, ToolErrorKind},
};

/// The version of the journal's format that this version of the framework writes.
pub const FORMAT_VERSION: u32 = 1;

/// One line of a journal: an event and when it was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Milliseconds since 1970-01-01 UTC.
    pub time: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Something that happened in a run.
///
/// A run is the list of its events and nothing else: the planner's state is a fold over them. For each tool call the
/// order is [`ToolIntended`](Event::ToolIntended), the effect itself, [`ToolReturned`](Event::ToolReturned); the
/// intention is durable before the effect begins. A call that needs approval has an
/// [`ApprovalAsked`](Event::ApprovalAsked) before that, and for each of these one [`ApprovalGiven`](Event::ApprovalGiven).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The run begins. Always the first event.
    RunStarted(Box<RunStarted>),
    /// The model is asked.
    ModelAsked {
        /// The number of this request within the run, from 1.
        call: u32,
        /// What for.
        purpose: Purpose,
        /// How many messages of the request before this one are sent again, from the first.
        kept: usize,
        /// The messages after them.
        messages: Vec<Message>,
    },
    /// The model answered.
    ModelAnswered {
        /// The request's number.
        call: u32,
        /// What it said.
        response: Response,
    },
    /// The model failed.
    ModelFailed {
        /// The request's number.
        call: u32,
        /// Why.
        message: String,
    },
    /// The model's answer was a valid plan, in place of any before it.
    PlanMade {
        /// The plan.
        plan: Plan,
    },
    /// The model's answer was not usable, or seemed incomplete; it is told why.
    AnswerRejected {
        /// The request's number.
        call: u32,
        /// What is wrong with it, for the model.
        reason: String,
        /// Whether it was valid, and only seemed to leave out something that was asked for.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        valid: bool,
    },
    /// A person is asked whether a call may be made.
    ApprovalAsked {
        /// The call.
        #[serde(flatten)]
        planned: PlannedCall,
        /// What the action is. The answer holds for this and nothing else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<IdempotencyKey>,
        /// What was asked for that this call serves, in the words of the plan.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
        /// Until when the answer is waited for, in milliseconds since 1970-01-01 UTC.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<u64>,
    },
    /// A person has answered.
    ApprovalGiven {
        /// The call.
        call: CallId,
        /// The key under which it was asked about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<IdempotencyKey>,
        /// What they said.
        decision: Decision,
        /// Who they are, if that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// What a person said can't be used, such as arguments that don't fit. What they were asked is open again.
    DecisionRejected {
        /// The call.
        call: CallId,
        /// What is wrong with it, for the person.
        reason: String,
    },
    /// A call is about to be made.
    ToolIntended {
        /// The call.
        #[serde(flatten)]
        planned: PlannedCall,
        /// What may happen twice.
        effect: Effect,
        /// What makes the call recognisable if it is repeated.
        key: IdempotencyKey,
    },
    /// A call is not made again: an earlier call of this run did the same, and its result stands.
    ToolReused {
        /// The call that is not made.
        #[serde(flatten)]
        planned: PlannedCall,
        /// The call whose result it takes.
        of: CallId,
    },
    /// A call that was intended is made again under its key: its worker is gone, and it may be repeated or was found
    /// not to have been carried out.
    ToolRetried {
        /// The call.
        call: CallId,
    },
    /// A call was intended, and whether it was carried out can't be said: a person has to find out.
    OutcomeUnknown {
        /// The call.
        call: CallId,
        /// Why, for the person.
        reason: String,
    },
    /// A person has found out what became of a call whose outcome was unknown.
    CallResolved {
        /// The call.
        call: CallId,
        /// What became of it.
        resolution: Resolution,
        /// Who found out, if that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// A call has ended: each call that was asked about or intended does so exactly once.
    ToolReturned {
        /// The call.
        call: CallId,
        /// What came of it.
        result: ToolResult,
        /// How long it took.
        milliseconds: u64,
    },
    /// What the run has done begins to be undone.
    RollbackBegun {
        /// Why.
        reason: String,
        /// How the run ends when that is done; none if it has ended already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        end: Option<End>,
    },
    /// A call is about to be undone.
    UndoIntended {
        /// The call.
        call: CallId,
    },
    /// That has ended.
    UndoReturned {
        /// The call.
        call: CallId,
        /// What came of it.
        result: UndoResult,
        /// How long it took.
        milliseconds: u64,
    },
    /// A call was being undone, or may have been made, and its tool can't tell: a person has to find out whether what
    /// it did is there.
    UndoUnknown {
        /// The call.
        call: CallId,
        /// Why it isn't known.
        reason: String,
    },
    /// All has been tried. If the run had not ended, it does now.
    RolledBack {
        /// The calls of which nothing is left.
        undone: Vec<CallId>,
        /// Those that could not be undone.
        left: Vec<CallId>,
    },
    /// The run has ended. Only a rollback can follow.
    Finished(End),
}

/// What came of undoing a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
#[non_exhaustive]
pub enum UndoResult {
    /// It is undone.
    Undone,
    /// The tool finds nothing of it: it was never made, or is undone already.
    NothingToUndo,
    /// It could not be undone.
    Failed {
        /// Why.
        message: String,
    },
}

/// How a run begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunStarted {
    /// The version of the journal's format: [`FORMAT_VERSION`] when it was written.
    pub format: u32,
    /// The conversation that the run belongs to, if it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ThreadId>,
    /// What the user asks for.
    pub task: String,
    /// What the agent's readers found in it.
    pub mentions: Vec<Mention>,
    /// What was said before, in this conversation.
    pub history: Vec<Message>,
    /// The summary at the beginning of the history, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
    /// What earlier runs said or saw that fits the task.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The name of the policy that plans.
    pub policy: String,
    /// The model that is asked.
    pub model: ModelInfo,
    /// The names of the tools.
    pub tools: Vec<String>,
    /// The schema of the output, if the caller wants a typed one.
    pub output_schema: Option<Value>,
    /// The run whose first events this one begins with, if it is a fork.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<ForkedFrom>,
}

/// Where a run was [forked](crate::Agent::fork) from another one.
///
/// The events before `at` were taken over. Calls among them were made by the other run, under its keys: they stand,
/// and are neither made again nor undone by the fork.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForkedFrom {
    /// The other run.
    pub run: RunId,
    /// How many of its events this run begins with.
    pub at: u64,
}

/// Something that an earlier run said or saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// The run.
    pub run: RunId,
    /// A piece of its task, its answer or a tool's output.
    pub text: String,
}

/// What a model is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Purpose {
    /// A plan for the whole request.
    Plan,
    /// Another plan for what is left.
    Revise,
    /// One choice among what was seen.
    Choose,
    /// A thought and the next calls.
    Decide,
    /// The answer to the user.
    Answer,
}

/// The number of a tool call within its run, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub u32);

/// A call whose arguments are bound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedCall {
    /// Its number.
    pub call: CallId,
    /// The step of the plan that it carries out, if it comes from one.
    pub step: Option<StepId>,
    /// The id that the model gave it, if it comes from a model's tool call.
    pub model_call: Option<String>,
    /// The tool.
    pub tool: String,
    /// The arguments.
    pub args: Value,
}

/// What came of a tool call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ToolResult {
    /// It returned.
    Output {
        /// What.
        output: Value,
    },
    /// It failed.
    Failed {
        /// Who can mend it.
        kind: ToolErrorKind,
        /// Why, for the model.
        message: String,
    },
    /// A person said no, or nothing in time.
    Denied {
        /// Why.
        reason: String,
    },
    /// The run ended before the call did. What it did is unknown unless its tool can look it up.
    Abandoned,
}

impl ToolResult {
    /// What a model is told of it, a text as it is and anything else as JSON, and whether that is a failure.
    #[must_use]
    pub fn told(&self) -> (String, bool) {
        match self {
            Self::Output { output } => (output.as_str().map_or_else(|| output.to_string(), str::to_owned), false),
            Self::Failed { message, .. } => (message.clone(), true),
            Self::Denied { reason } => (format!("denied: {reason}"), true),
            Self::Abandoned => ("abandoned".to_owned(), true),
        }
    }
}

/// How a run ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
#[non_exhaustive]
pub enum End {
    /// With an answer.
    Completed {
        /// The answer in words.
        answer: String,
        /// The typed output, if one was asked for.
        output: Option<Value>,
    },
    /// With a question back to the user: nothing was written, or what was is in the journal.
    NeedsInput {
        /// What the user is asked.
        questions: Vec<String>,
    },
    /// It failed.
    Failed {
        /// How.
        kind: ErrorKind,
        /// Why.
        message: String,
    },
}
