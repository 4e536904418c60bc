//! Runs as examples to train a model on, one line each, in the form that OpenAI's fine-tuning takes.

use std::{fmt, io::Write, sync::Arc};

use serde_json::{Value, json};

use super::{
    messages,
    redaction::{Place, Redactions},
};
use crate::{
    error::{Error, ErrorKind},
    event::{End, Event},
    memory::{Memory, RunFilter},
    tool::ToolSpec,
    trace::Trace,
};

/// Turns runs into lines of `{"messages": […], "tools": […]}`.
///
/// Whatever policy planned a run, its calls stand in the line as tool calls with their results, so runs of a planner
/// that writes whole plans can train a model that calls tools. Runs that ended with an answer are taken, unless
/// [`keep`](Self::keep) says otherwise.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use cicerone_core::{Agent, export::{FineTuning, each_text}, memory::RunFilter, policy::ReAct, scripted::ScriptedModel};
///
/// let model = ScriptedModel::new().reply("Good day, Ada.");
/// let agent = Agent::builder(model).planner(ReAct::default()).build()?;
/// agent.run("Greet Ada").await?;
///
/// let training = FineTuning::new(agent.kit().tools.specs())
///     .system("You are polite.")
///     .redact(|_place, value| each_text(value, &mut |text| *text = text.replace("Ada", "someone")));
/// let mut file = Vec::new();
/// assert_eq!(training.export(agent.memory(), &RunFilter::default(), &mut file).await?, 1);
/// assert!(String::from_utf8(file)?.contains(r#"{"role":"user","content":"Greet someone"}"#));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct FineTuning {
    tools: Vec<Arc<ToolSpec>>,
    system: Option<String>,
    keep: Arc<Keep>,
    redactions: Redactions,
}

type Keep = dyn Fn(&Trace) -> bool + Send + Sync;

impl FineTuning {
    /// Examples for a model that is given these tools: those of the agent that ran, `agent.kit().tools.specs()`.
    #[must_use]
    pub fn new(tools: &[Arc<ToolSpec>]) -> Self {
        Self { tools: tools.to_vec(), system: None, keep: Arc::new(ended_well), redactions: Redactions::default() }
    }

    /// What the model is told to be, at the beginning of each example.
    #[must_use]
    pub fn system(mut self, text: impl Into<String>) -> Self {
        self.system = Some(text.into());
        self
    }

    /// Which runs are taken, in place of those that ended with an answer.
    #[must_use]
    pub fn keep(mut self, keep: impl Fn(&Trace) -> bool + Send + Sync + 'static) -> Self {
        self.keep = Arc::new(keep);
        self
    }

    /// Changes each text and each value before it is written; several do so one after another.
    #[must_use]
    pub fn redact(mut self, redaction: impl Fn(Place<'_>, &mut Value) + Send + Sync + 'static) -> Self {
        self.redactions.add(redaction);
        self
    }

    /// The example that a run makes; none if it is not taken.
    ///
    /// # Errors
    /// If the run called a tool that is not among those given.
    pub fn example(&self, trace: &Trace) -> Result<Option<Value>, Error> {
        if !(self.keep)(trace) {
            return Ok(None);
        }
        for entry in trace.entries() {
            if let Event::ToolIntended { planned, .. } = &entry.event
                && !self.tools.iter().any(|tool| tool.name == planned.tool)
            {
                let message = format!("run {} called `{}`, which is not among the tools", trace.run(), planned.tool);
                let error = Error::new(ErrorKind::Configuration, message);
                return Err(error.with_hint("give the tools of the agent that ran, or leave its runs out with `keep`"));
            }
        }
        let messages = messages::of(trace, self.system.as_deref(), &self.redactions);
        let tools: Vec<Value> = self.tools.iter().map(|tool| function(tool)).collect();
        // An empty list of tools is refused by servers.
        Ok(Some(if tools.is_empty() {
            json!({ "messages": messages })
        } else {
            json!({ "messages": messages, "tools": tools })
        }))
    }

    /// Writes an example for each run of a memory that is taken, the oldest first, and says how many there are.
    ///
    /// # Errors
    /// If the memory can't be read, a run called a tool that is not given, or `to` can't be written to.
    pub async fn export(&self, memory: &impl Memory, runs: &RunFilter, to: &mut impl Write) -> Result<u64, Error> {
        let unread = |error: crate::memory::MemoryError| {
            Error::new(ErrorKind::Memory, format!("the runs could not be read: {error}")).with_source(error)
        };
        let unwritten = |error: std::io::Error| {
            Error::new(ErrorKind::Memory, format!("the examples could not be written: {error}")).with_source(error)
        };
        let mut written = 0;
        for summary in memory.runs(runs).await.map_err(unread)?.into_iter().rev() {
            let entries = memory.read(&summary.run, 0).await.map_err(unread)?;
            if let Some(example) = self.example(&Trace::new(summary.run, entries))? {
                writeln!(to, "{example}").map_err(unwritten)?;
                written += 1;
            }
        }
        to.flush().map_err(unwritten)?;
        Ok(written)
    }
}

impl fmt::Debug for FineTuning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tools: Vec<&str> = self.tools.iter().map(|tool| tool.name.as_str()).collect();
        f.debug_struct("FineTuning").field("tools", &tools).finish_non_exhaustive()
    }
}

fn ended_well(trace: &Trace) -> bool {
    if trace.entries().iter().any(|entry| matches!(entry.event, Event::RollbackBegun { .. })) {
        return false;
    }
    let end = trace.entries().iter().rev().find_map(|entry| match &entry.event {
        Event::Finished(end) => Some(end),
        _ => None,
    });
    matches!(end, Some(End::Completed { .. }))
}

fn function(tool: &ToolSpec) -> Value {
    json!({
        "type": "function",
        "function": { "name": tool.name, "description": tool.description, "parameters": tool.args_schema },
    })
}
