//! Policies: who decides what a run does next.

pub(crate) mod kit;
mod limits;
mod plan_execute;
mod progress;
mod react;
mod report;

pub use kit::{Example, Kit, Rules, Toolbox};
pub use plan_execute::{Answer, PlanExecute};
pub use react::ReAct;
pub(crate) use report::shortened;

use std::{fmt, sync::Arc};

use crate::{
    error::Error,
    event::{End, Purpose},
    message::Message,
    model::Expect,
    plan::{Plan, StepId},
    state::State,
};

/// Decides, from what is known of a run, what it does next. Pure: no I/O, no clock, no randomness.
///
/// Two policies come with the framework, [`PlanExecute`] and [`ReAct`]; a third is a type that implements this.
pub trait Policy: Send + Sync + fmt::Debug + 'static {
    /// Its name, for the journal.
    fn name(&self) -> &'static str;

    /// Checks what it needs of the agent, once, when the agent is built.
    ///
    /// # Errors
    /// With a kind of [`Configuration`](crate::ErrorKind::Configuration).
    fn prepare(&self, kit: &Kit) -> Result<(), Error> {
        let _ = kit;
        Ok(())
    }

    /// The next moves; none while it waits for calls that are under way.
    ///
    /// Calls that are under way or done are in `state` and not to be proposed again.
    fn next(&self, state: &State, kit: &Kit) -> Vec<Move>;
}

/// What a [`Policy`] wants to happen.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Move {
    /// Ask the model.
    Ask(Ask),
    /// Take this plan from the model's last answer.
    Plan(Plan),
    /// Tell the model that its last answer can't be used.
    Reject(String),
    /// Tell the model that its last answer, though valid, seems to leave out something.
    Reconsider(String),
    /// Call a tool.
    Call(Propose),
    /// End the run.
    Finish(End),
}

/// A question to the model.
#[derive(Clone, Debug)]
pub struct Ask {
    /// What for.
    pub purpose: Purpose,
    /// How many messages of the conversation so far are sent again, from the first.
    pub keep: usize,
    /// The messages after them.
    pub messages: Vec<Message>,
    /// What the answer must be.
    pub expect: Expect,
}

/// A call that a policy wants to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Propose {
    /// The step that it carries out.
    pub step: Option<StepId>,
    /// The id that the model gave it.
    pub model_call: Option<String>,
    /// The tool.
    pub tool: String,
    /// The arguments.
    pub args: serde_json::Value,
}

/// A policy without its type.
pub(crate) type AnyPolicy = Arc<dyn Policy>;
