//! The agent: a model, tools and a policy, put together once and run many times.

mod approver;
mod builder;
mod decide;
mod driver;
pub(crate) mod journal;
mod opening;
mod outcome;
mod start;
mod stream;
mod waiting;

pub use approver::{Approver, Verdict};
pub use builder::AgentBuilder;
pub use decide::{decide, resolve};
pub use outcome::{Outcome, RolledBack, Run};
pub use start::Start;
pub use stream::{RunStream, Update};
pub use waiting::{Waiting, WaitingFor, waiting};

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    budget::Budget,
    event::{FORMAT_VERSION, RunStarted},
    history::History,
    machine::{Machine, OnFailure},
    memory::AnyMemory,
    model::{AnyModel, Model},
    policy::{AnyPolicy, Kit, kit},
    reading::Reader,
    run::RunId,
    tool::State,
};
use approver::AnyApprover;

/// The longest request, in bytes: some 4,000 tokens, which a small model on a CPU takes minutes to read.
pub const LONGEST_REQUEST: usize = 16 * 1024;

/// A model, tools and a policy, checked and ready to run; cheap to clone.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use cicerone_core::{Agent, scripted::ScriptedModel, tool::{Effect, FunctionTool, ToolError}};
/// use schemars::JsonSchema;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize, Serialize, JsonSchema)]
/// struct Place { city: String }
///
/// let weather = FunctionTool::new("weather", "The weather in a city.", |place: Place| async move {
///     Ok::<_, ToolError>(format!("18 °C and dry in {}", place.city))
/// });
/// let model = ScriptedModel::new()
///     .reply("# the weather in Lisbon\nweather(\"Lisbon\")\nend")
///     .reply("It is 18 °C and dry.");
/// let agent = Agent::builder(model).tool(weather.effect(Effect::Read)).build()?;
///
/// let run = agent.run("How is the weather in Lisbon?").await?;
/// assert_eq!(run.output()?, "It is 18 °C and dry.");
/// # Ok::<(), cicerone_core::Error>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Agent(Arc<Parts>);

struct Parts {
    model: AnyModel,
    kit: Arc<Kit>,
    policy: AnyPolicy,
    memory: AnyMemory,
    history: History,
    recall: u32,
    budget: Budget,
    state: State,
    readers: Vec<Arc<dyn Reader>>,
    approver: AnyApprover,
    approval_expires: Option<Duration>,
    on_failure: OnFailure,
}

impl Agent {
    /// Begins to put an agent together around `model`.
    pub fn builder(model: impl Model) -> AgentBuilder {
        AgentBuilder::new(AnyModel::new(model))
    }

    /// A run of `task`, to be awaited or streamed; nothing happens before that.
    pub fn run(&self, task: impl Into<String>) -> Start {
        Start::new(self.clone(), start::What::Task(task.into()))
    }

    /// The rest of a run that was interrupted or waits for a person, to be awaited or streamed.
    ///
    /// What the journal holds is not done again. A call that was under way is recovered by its tool's
    /// [`Effect`](crate::tool::Effect). What a person has decided since goes with it:
    /// `agent.resume(run).approve(call)`.
    pub fn resume(&self, run: RunId) -> Start {
        Start::new(self.clone(), start::What::Resume(run))
    }

    /// Undoes what a run has done, the last first, by [`Tool::compensate`](crate::tool::Tool::compensate): of a run that
    /// has ended, or of one that has not, which ends with it, as cancelled.
    ///
    /// Each undoing is in the journal before it begins and when it has ended, so it survives what a run survives: a
    /// rollback that was cut off is gone on with by calling this or [`resume`](Self::resume) again, and nothing is
    /// undone twice. What can't be undone is told, the rest is undone nevertheless, and calling this again tries what
    /// is left once more. What came of it is an [`Outcome::RolledBack`].
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use cicerone_core::{Agent, agent::Outcome, policy::ReAct, scripted::ScriptedModel};
    ///
    /// let agent = Agent::builder(ScriptedModel::new().reply("Done.")).planner(ReAct::default()).build()?;
    /// let run = agent.run("Nothing to write").await?;
    /// let Outcome::RolledBack(rollback) = agent.rollback(run.id, "changed my mind").await?.outcome else { panic!() };
    /// assert!(rollback.undone.is_empty() && rollback.left.is_empty());
    /// # Ok::<(), cicerone_core::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rollback(&self, run: RunId, reason: impl Into<String>) -> Start {
        Start::new(self.clone(), start::What::Rollback(run, reason.into()))
    }

    /// The planner of a run that has no events yet, for a driver other than this agent's own.
    ///
    /// A run is driven by appending events to its journal and applying each to the machine, in the same order:
    ///
    /// 1. The first is [`RunStarted`](crate::event::Event::RunStarted), with what [`started`](Self::started) gives.
    /// 2. The [actions](Machine::actions) are asked for, and the [event](crate::machine::Action::event) of each is
    ///    durable and applied, all of them before any of the actions is performed.
    /// 3. What comes of an action is one event: of a request [`ModelAnswered`](crate::event::Event::ModelAnswered) or
    ///    [`ModelFailed`](crate::event::Event::ModelFailed), of a question to a person [`ApprovalGiven`](crate::event::Event::ApprovalGiven), of
    ///    a call [`ToolReturned`](crate::event::Event::ToolReturned), in whatever order they come. After each, back to 2, until
    ///    there are no actions and nothing is under way.
    /// 4. A run that is broken off ends with the events of [`ending`](Machine::ending).
    /// 5. Who goes on with a run in another process applies its journal to a fresh machine, calls
    ///    [`interrupted`](Machine::interrupted), and takes up the calls of [`under_way`](Machine::under_way) by their
    ///    [`Effect`](crate::tool::Effect). A call that is made again has a
    ///    [`ToolRetried`](crate::event::Event::ToolRetried) in the journal first, which of two workers only one can
    ///    append; one of which nobody can say whether it was made an
    ///    [`OutcomeUnknown`](crate::event::Event::OutcomeUnknown).
    ///
    /// ```
    /// use cicerone_core::{
    ///     Agent, RunId,
    ///     event::{End, Event, ToolResult},
    ///     machine::Action,
    ///     model::Response,
    ///     scripted::ScriptedModel,
    ///     tool::{Effect, FunctionTool, ToolError},
    /// };
    /// # use schemars::JsonSchema;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Deserialize, Serialize, JsonSchema)]
    /// # struct Place { city: String }
    ///
    /// let weather = FunctionTool::new("weather", "The weather in a city.", |_: Place| async {
    ///     Ok::<_, ToolError>("dry".to_owned())
    /// });
    /// let agent = Agent::builder(ScriptedModel::new()).tool(weather.effect(Effect::Read)).build()?;
    ///
    /// let mut machine = agent.machine(RunId::new());
    /// let mut arrived = vec![Event::RunStarted(Box::new(agent.started("How is the weather in Lisbon?")))];
    /// let mut replies = ["# the weather in Lisbon\nweather(\"Lisbon\")\nend", "It is dry."].into_iter();
    /// while let Some(event) = arrived.pop() {
    ///     machine.apply(&event); // A real driver makes it durable first.
    ///     loop {
    ///         let actions = machine.actions();
    ///         if actions.is_empty() {
    ///             break;
    ///         }
    ///         actions.iter().for_each(|action| machine.apply(&action.event()));
    ///         arrived.extend(actions.into_iter().filter_map(|action| match action {
    ///             Action::Ask { call, .. } => {
    ///                 Some(Event::ModelAnswered { call, response: Response::text(replies.next()?) })
    ///             }
    ///             Action::Call { planned, .. } => {
    ///                 let result = ToolResult::Output { output: "dry".into() };
    ///                 Some(Event::ToolReturned { call: planned.call, result, milliseconds: 1 })
    ///             }
    ///             _ => None,
    ///         }));
    ///     }
    /// }
    /// let end = End::Completed { answer: "It is dry.".to_owned(), output: None };
    /// assert_eq!(machine.state().end, Some(end));
    /// # Ok::<(), cicerone_core::Error>(())
    /// ```
    #[must_use]
    pub fn machine(&self, run: RunId) -> Machine {
        Machine::new(run, Arc::clone(&self.0.policy), Arc::clone(&self.0.kit), self.0.budget, self.0.on_failure)
    }

    /// How a run of `task` begins: what this agent is, and what its readers find in the task. History and the schema
    /// of the output, which are empty, are the caller's to set.
    #[must_use]
    pub fn started(&self, task: impl Into<String>) -> RunStarted {
        let task = task.into();
        RunStarted {
            format: FORMAT_VERSION,
            thread: None,
            mentions: kit::mentions(&task, &self.0.readers),
            task,
            history: Vec::new(),
            summary: None,
            findings: Vec::new(),
            policy: self.0.policy.name().to_owned(),
            model: self.0.kit.model.clone(),
            tools: self.0.kit.tools.specs().iter().map(|tool| tool.name.clone()).collect(),
            output_schema: None,
            forked_from: None,
        }
    }

    /// Where its journals are kept.
    #[must_use]
    pub fn memory(&self) -> &AnyMemory {
        &self.0.memory
    }

    /// What a policy sees of it.
    #[must_use]
    pub fn kit(&self) -> &Kit {
        &self.0.kit
    }

    /// Asks the model for one token behind the prompt that all its requests share, so that the first request does not
    /// wait for that prompt to be computed. Worth calling while a program waits for its user.
    ///
    /// # Errors
    /// As a request to the model.
    pub async fn warm_up(&self) -> Result<(), crate::Error> {
        driver::warm_up(self).await
    }
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent")
            .field("model", &self.0.model)
            .field("policy", &self.0.policy)
            .field("tools", &self.0.kit.tools.specs().iter().map(|tool| &tool.name).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
