//! The agent: a model, tools and a policy, put together once and run many times.

mod approver;
mod builder;
mod driver;
mod outcome;
mod start;
mod stream;

pub use approver::{Approver, Verdict};
pub use builder::AgentBuilder;
pub use outcome::{Outcome, Run, Waiting, WaitingFor};
pub use start::Start;
pub use stream::{RunStream, Update};

use std::{fmt, sync::Arc};

use crate::{
    budget::Budget,
    memory::AnyMemory,
    model::{AnyModel, Model},
    policy::{AnyPolicy, Kit},
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
    budget: Budget,
    state: State,
    readers: Vec<Arc<dyn Reader>>,
    approver: AnyApprover,
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
    /// [`Effect`](crate::tool::Effect).
    pub fn resume(&self, run: RunId) -> Start {
        Start::new(self.clone(), start::What::Resume(run))
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
