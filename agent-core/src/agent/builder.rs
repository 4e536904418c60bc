//! Putting an agent together.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    budget::Budget,
    error::Error,
    event::PlannedCall,
    history::History,
    machine::OnFailure,
    memory::{AnyMemory, InProcess, Memory},
    model::{AnyModel, Model, Sampling},
    plan::Plan,
    policy::{AnyPolicy, Example, Kit, PlanExecute, Policy, Rules, Toolbox},
    reading::{Kinds, Reader},
    tool::{AnyTool, IntoTools, State, ToolError},
};

use super::{Agent, Approver, Parts, Verdict, approver::AnyApprover};

/// An agent in the making. What is wrong with it is said by [`build`](Self::build).
#[must_use = "an agent has to be built"]
pub struct AgentBuilder {
    model: AnyModel,
    instructions: String,
    tools: Result<Vec<AnyTool>, Error>,
    examples: Vec<(String, String)>,
    policy: AnyPolicy,
    memory: AnyMemory,
    history: History,
    recall: u32,
    budget: Budget,
    sampling: Sampling,
    state: State,
    readers: Vec<Arc<dyn Reader>>,
    rules: Rules,
    approver: AnyApprover,
    approval_expires: Option<Duration>,
    on_failure: OnFailure,
}

impl AgentBuilder {
    pub(super) fn new(model: AnyModel) -> Self {
        Self {
            model,
            instructions: String::new(),
            tools: Ok(Vec::new()),
            examples: Vec::new(),
            policy: Arc::new(PlanExecute::default()),
            memory: AnyMemory::new(InProcess::default()),
            history: History::default(),
            recall: 0,
            budget: Budget::default(),
            sampling: Sampling::default(),
            state: State::default(),
            readers: Vec::new(),
            rules: Rules::default(),
            approver: Arc::new(|_: PlannedCall| async { Verdict::Later }),
            approval_expires: None,
            on_failure: OnFailure::Keep,
        }
    }

    /// What the model is told to be, before anything else.
    pub fn system(mut self, instructions: impl Into<String>) -> Self {
        self.instructions = instructions.into();
        self
    }

    /// Adds tools: what [`tools!`](crate::tools) makes.
    pub fn tools(mut self, tools: impl IntoTools) -> Self {
        self.tools = self.tools.and_then(|mut all| {
            all.extend(tools.into_tools()?);
            Ok(all)
        });
        self
    }

    /// Adds one tool.
    pub fn tool(self, tool: impl crate::tool::Tool) -> Self {
        self.tools(tool)
    }

    /// Adds a worked example: a request, and its plan in the [notation](crate::plan::notation).
    ///
    /// It is checked like any plan when the agent is built, and shown to the model in the form that it writes itself.
    pub fn example(mut self, request: impl Into<String>, plan: impl Into<String>) -> Self {
        self.examples.push((request.into(), plan.into()));
        self
    }

    /// Sets the policy: [`PlanExecute`] unless said otherwise.
    pub fn planner(mut self, policy: impl Policy) -> Self {
        self.policy = Arc::new(policy);
        self
    }

    /// Sets where journals are kept: in this process unless said otherwise.
    pub fn memory(mut self, memory: impl Memory) -> Self {
        self.memory = AnyMemory::new(memory);
        self
    }

    /// Sets what a run of a [thread](super::Start::thread) is told of the runs before it: the words of the last six
    /// unless said otherwise.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use cicerone_core::{Agent, ThreadId, history::Window, policy::ReAct, scripted::ScriptedModel};
    ///
    /// let model = ScriptedModel::new().reply("Lisbon is in Portugal.").reply("About 550,000.");
    /// let agent = Agent::builder(model.clone()).planner(ReAct::default()).history(Window::of(3)).build()?;
    /// let chat = ThreadId::new();
    /// agent.run("Where is Lisbon?").thread(&chat).await?;
    /// agent.run("How many people live there?").thread(&chat).await?;
    ///
    /// let second = &model.requests()[1].messages;
    /// let said: Vec<String> = second[1..].iter().map(|message| message.text()).collect();
    /// assert_eq!(said, ["Where is Lisbon?", "Lisbon is in Portugal.", "How many people live there?"]);
    /// # Ok::<(), cicerone_core::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn history(mut self, history: impl Into<History>) -> Self {
        self.history = history.into();
        self
    }

    /// Shows the model, behind the request, at most so many things that earlier runs said or saw and that share words
    /// with it; none unless said otherwise.
    ///
    /// A run of a thread is shown what is in the thread, any other what is in no thread, so that one user's words never
    /// reach another. The memory must be able to [search](Memory::search).
    pub fn recall(mut self, findings: u32) -> Self {
        self.recall = findings;
        self
    }

    /// Sets the limits of each run.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Sets how the model's tokens are chosen: greedily unless said otherwise.
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// Adds a value that tools get with [`ToolContext::state`](crate::tool::ToolContext::state), one for each type.
    pub fn state<S: Send + Sync + 'static>(mut self, value: S) -> Self {
        self.state.insert(value);
        self
    }

    /// Adds a reader of requests.
    pub fn reader(mut self, reader: impl Reader) -> Self {
        self.readers.push(Arc::new(reader));
        self
    }

    /// Adds a rule for plans: what the domain knows and schemas can't say.
    ///
    /// A plan is put to it, with the request, before anything of it runs. [`ToolError::ask`] puts the message to the
    /// user as a question, [`ToolError::fatal`] ends the run. [`ToolError::retry`] is a doubt: it sends the plan back
    /// to the model with the message, once for each request; a model that writes the same again means it.
    ///
    /// ```
    /// # use cicerone_core::{Agent, plan::Plan, scripted::ScriptedModel, tool::ToolError};
    /// let agent = Agent::builder(ScriptedModel::new()).rule(|plan: &Plan, _request: &str| {
    ///     let pays = |step: &&cicerone_core::plan::Step| step.tool == "pay";
    ///     match plan.steps.iter().filter(pays).count() {
    ///         0 | 1 => Ok(()),
    ///         many => Err(ToolError::ask(format!("Do you want to pay {many} times?"))),
    ///     }
    /// });
    /// ```
    pub fn rule(mut self, rule: impl Fn(&Plan, &str) -> Result<(), ToolError> + Send + Sync + 'static) -> Self {
        self.rules.add(rule);
        self
    }

    /// Sets who is asked before calls that need approval. Without one, a run that gets there waits.
    pub fn approver(mut self, approver: impl Approver) -> Self {
        self.approver = Arc::new(approver);
        self
    }

    /// Sets how long a call may be decided on: without limit unless said otherwise. Then it counts as refused. A tool
    /// can give its calls another time with [`Approval::AskWithin`](crate::tool::Approval::AskWithin).
    pub fn approval_expires(mut self, after: Duration) -> Self {
        self.approval_expires = Some(after);
        self
    }

    /// Sets what becomes of the writes of a run that fails for good or is cancelled: they stay unless said otherwise.
    /// An error that a run recovers from undoes nothing.
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// Checks everything and makes the agent.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), with what to change: a tool that can't be used,
    /// two of the same name, an argument grounded in nothing, an example whose plan is not valid.
    pub fn build(self) -> Result<Agent, Error> {
        let tools = Toolbox::new(self.tools?)?;
        let examples = self
            .examples
            .iter()
            .map(|(request, plan)| Example::read(request, plan, &tools, &self.readers))
            .collect::<Result<Vec<_>, _>>()?;
        let kit = Kit {
            instructions: self.instructions,
            tools,
            examples,
            model: self.model.info(),
            sampling: self.sampling,
            reads: Kinds::of(&self.readers),
            rules: self.rules,
        };
        self.policy.prepare(&kit)?;
        Ok(Agent(Arc::new(Parts {
            model: self.model,
            kit: Arc::new(kit),
            policy: self.policy,
            memory: self.memory,
            history: self.history,
            recall: self.recall,
            budget: self.budget,
            state: self.state,
            readers: self.readers,
            approver: self.approver,
            approval_expires: self.approval_expires,
            on_failure: self.on_failure,
        })))
    }
}

impl fmt::Debug for AgentBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentBuilder").field("model", &self.model).field("policy", &self.policy).finish_non_exhaustive()
    }
}
