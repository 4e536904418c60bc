//! Looking into what earlier runs said and saw.

use cicerone_core::{
    memory::{AnyMemory, Memory, MemoryErrorKind, Recall, Scope},
    tool::{Effect, Tool, ToolContext, ToolError},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A tool by which a model looks into earlier runs: their tasks, answers and tools' outputs.
///
/// It sees what the run that calls it may see: a run of a thread what is in the thread, any other what is in no thread.
/// What it finds is quoted, and no more to be trusted than what the tools of those runs returned.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use cicerone_core::{Agent, memory::InProcess, policy::{Answer, PlanExecute}, scripted::ScriptedModel};
/// use cicerone_tools::RecallTool;
///
/// let memory = InProcess::default();
/// let model = ScriptedModel::new()
///     .reply("# what is known of Graz\nrecall(\"Graz\")\nend")
///     .reply("# what is known of Graz\nrecall(\"Graz\")\nend");
/// let agent = Agent::builder(model)
///     .tool(RecallTool::new(memory.clone()))
///     .planner(PlanExecute::default().answer(Answer::Report(None)))
///     .memory(memory)
///     .build()?;
/// agent.run("Which hotel in Graz did I like?").await?;
/// let run = agent.run("What did I ask of Graz?").await?;
/// let seen = run.trace.outputs("recall").next().map(ToString::to_string).unwrap_or_default();
/// assert!(seen.contains("Which hotel in Graz did I like?"));
/// # Ok::<(), cicerone_core::Error>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RecallTool {
    memory: AnyMemory,
    most: u32,
}

impl RecallTool {
    /// A tool that looks into `memory`, and finds at most five things at a time.
    #[must_use]
    pub fn new(memory: impl Memory) -> Self {
        Self { memory: AnyMemory::new(memory), most: 5 }
    }

    /// Finds at most so many things at a time.
    #[must_use]
    pub fn most(mut self, findings: u32) -> Self {
        self.most = findings;
        self
    }
}

/// What to look for.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct About {
    /// Words that stand in what is looked for.
    pub about: String,
}

/// What was found, the best first.
#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Recalled {
    /// Each from another place.
    pub findings: Vec<Quotation>,
}

/// A piece of what an earlier run said or saw.
#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Quotation {
    /// The run.
    pub run: String,
    /// The piece.
    pub text: String,
}

impl Tool for RecallTool {
    type Args = About;
    type Output = Recalled;

    fn name(&self) -> &str {
        "recall"
    }

    fn description(&self) -> &str {
        "Look up what was said or found in earlier conversations."
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    async fn call(&self, cx: &ToolContext, args: About) -> Result<Recalled, ToolError> {
        let query = Recall::new(args.about).scope(Scope::of(cx.thread())).except(*cx.run()).limit(self.most);
        let found = self.memory.search(&query).await.map_err(|error| match error.kind() {
            MemoryErrorKind::Unsupported => ToolError::fatal(error.to_string()),
            _ => ToolError::fatal(format!("what was said before can't be looked up now: {error}")),
        })?;
        let findings = found.into_iter().map(|found| Quotation { run: found.run.to_string(), text: found.excerpt });
        Ok(Recalled { findings: findings.collect() })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use cicerone_core::{
        RunId, ThreadId,
        event::{CallId, Entry, Event, ToolResult},
        memory::InProcess,
        tool::State,
    };

    fn seen(text: &str) -> Entry {
        let result = ToolResult::Output { output: text.into() };
        Entry { time: 1, event: Event::ToolReturned { call: CallId(1), result, milliseconds: 1 } }
    }

    #[tokio::test]
    async fn a_run_does_not_find_itself_and_finds_at_most_so_many() {
        let memory = InProcess::default();
        let cx = ToolContext::detached(State::default());
        memory.append(cx.run(), 0, &[seen("Graz, now")]).await.unwrap();
        for text in ["Graz, once", "Graz, twice", "Vienna"] {
            memory.append(&RunId::new(), 0, &[seen(text)]).await.unwrap();
        }
        let about = || About { about: "Hotels in GRAZ!".into() };
        let texts = |recalled: Recalled| recalled.findings.into_iter().map(|found| found.text).collect::<Vec<_>>();
        let tool = RecallTool::new(memory.clone());
        assert_eq!(texts(tool.call(&cx, about()).await.unwrap()), ["Graz, twice", "Graz, once"]);
        assert_eq!(texts(tool.clone().most(1).call(&cx, about()).await.unwrap()), ["Graz, twice"]);
        // What is in no thread is not seen from within one.
        let cx = cx.in_thread(ThreadId::new());
        assert_eq!(texts(tool.call(&cx, about()).await.unwrap()), [""; 0]);
    }
}
