//! A recorded conversation, held again by an agent.

use std::{
    fs,
    future::IntoFuture as _,
    path::{Path, PathBuf},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use cicerone::{
    Error,
    agent::Start,
    event::End,
    message::{Message, Part, Role, ToolCall},
    prelude::*,
    prompts::{PromptError, Template},
    state::State,
    tool::AnyTool,
};

use crate::{
    compare::{state_differs, text_differs},
    crash::{Crash, Mortal},
    recorded::{END, Recorded},
    recording::{Exchange, Recording},
    tables::Tables,
    tools,
    world::World,
};

/// What the model is told of a call of a tool that there isn't; other calls reach their tools.
static REJECTED: LazyLock<Result<Template, PromptError>> = LazyLock::new(|| {
    let unknown = "{% for call in calls if not call.known %}Unknown action {{ call.tool }}";
    Template::new("rejected", format!("{unknown}{{% else %}}{{{{ reason }}}}{{% endfor %}}"))
});

/// All that it takes to hold a recorded conversation again.
pub(crate) struct Stage {
    pub(crate) tables: Arc<Tables>,
    /// What the model is told to be.
    pub(crate) policy: String,
    pub(crate) tools: Vec<AnyTool>,
    /// A folder for the worlds' files.
    pub(crate) folder: PathBuf,
    /// How many worlds there have been.
    pub(crate) worlds: AtomicU64,
}

impl Stage {
    /// Holds the conversation again in a fresh world, each of the user's turns as one run, and compares. A process that
    /// dies is followed by another one, which has nothing but the journals and the file of the world.
    ///
    /// # Errors
    /// The first difference to the recording.
    pub(crate) async fn play<M>(&self, recording: &Recording, memory: &Mortal<M>) -> Result<(), String>
    where
        M: Memory + Clone,
    {
        let place = self.folder.join(format!("world-{}.jsonl", self.worlds.fetch_add(1, Ordering::Relaxed)));
        let mut process = self.process(recording, memory, &place)?;
        let mut history: Vec<Message> = Vec::new();
        let mut ended = Ok(());
        for exchange in recording.exchanges.iter().filter(|exchange| !exchange.answers.is_empty()) {
            let begin = |agent: &Agent| agent.run(&exchange.said).history(history.clone());
            let mut lived = lives(begin(&process.agent), memory).await;
            let run = loop {
                if let Some(run) = lived {
                    break run;
                }
                process = self.process(recording, memory, &place)?;
                let interrupted = memory.interrupted().await.map_err(|error| error.to_string())?;
                let next = interrupted.map_or_else(|| begin(&process.agent), |run| process.agent.resume(run));
                lived = lives(next, memory).await;
            };
            history = conversation(&run);
            ended = check_end(exchange, &run);
            if ended.is_err() {
                break;
            }
        }
        compare(recording, &history, ended, &process)?;
        fs::remove_file(&place).map_err(|error| format!("{} can't be removed: {error}", place.display()))
    }

    fn process<M: Memory + Clone>(
        &self,
        recording: &Recording,
        memory: &Mortal<M>,
        place: &Path,
    ) -> Result<Process, String> {
        let world = World::open(&self.tables, place).map_err(|error| format!("the world can't be opened: {error}"))?;
        let rejected = REJECTED.as_ref().map_err(ToString::to_string)?.clone();
        // Recorded models read whole answers of tools, and make mistakes as they like.
        let policy = ReAct::default().rejected(rejected).tries(u32::MAX).shown(usize::MAX).until(tools::LAST);
        let agent = Agent::builder(Recorded::new(recording))
            .system(&self.policy)
            .tools(self.tools.clone())
            .planner(policy)
            .memory(memory.clone())
            .state(world.clone())
            .budget(Budget::default().steps(u32::MAX).model_calls(u32::MAX))
            .approver(|_: PlannedCall| async { Verdict::Approve })
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Process { agent, world })
    }
}

/// What is gone when a process dies.
struct Process {
    agent: Agent,
    world: World,
}

/// The run, unless the process dies before its end.
async fn lives<M: Memory>(run: Start, memory: &Mortal<M>) -> Option<Result<Run, Error>> {
    tokio::select! {
        biased;
        () = memory.death() => None,
        run = run.into_future() => Some(run),
    }
}

/// All that was said so far, without the instructions.
fn conversation(run: &Result<Run, Error>) -> Vec<Message> {
    let trace = match run {
        Ok(run) => Some(&run.trace),
        Err(error) => error.trace(),
    };
    let mut state = State::default();
    for entry in trace.map(|trace| trace.entries()).unwrap_or_default() {
        state.apply(&entry.event);
    }
    let mut said: Vec<Message> = state.conversation.iter().skip(1).cloned().collect();
    // The call with which a run ends is not told to the model any more; the conversation has its result all the same.
    if let (Some(End::Completed { answer, .. }), Some(last)) = (&state.end, said.last()) {
        let calls =
            last.parts.iter().filter_map(|part| if let Part::ToolCall(call) = part { Some(call) } else { None });
        let result =
            |call: &ToolCall| Part::ToolResult { id: call.id.clone(), content: answer.clone(), is_error: false };
        let parts: Vec<Part> = calls.map(result).collect();
        if !parts.is_empty() {
            said.push(Message { role: Role::Tool, parts });
        }
    }
    said
}

/// Whether a run ended as its part of the recording does.
fn check_end(exchange: &Exchange, run: &Result<Run, Error>) -> Result<(), String> {
    let Some(last) = exchange.answers.last() else { return Ok(()) };
    let expected = match &last.call {
        None => Some(last.text.trim()),
        Some((call, output)) if call.tool == tools::LAST && !output.starts_with("Error: ") => Some(output.as_str()),
        Some(_) => None,
    };
    match (run, expected) {
        (Ok(run), Some(expected)) => match &run.outcome {
            Outcome::Completed(answer) if answer == expected || expected.is_empty() => Ok(()),
            other => Err(format!("the run ended with {other:?}; recorded is {expected:?}")),
        },
        (Ok(run), None) => Err(format!("the run ended with {:?}, where the recording breaks off", run.outcome)),
        (Err(error), None) if error.to_string().contains(END) => Ok(()),
        (Err(error), _) => Err(format!("the run failed: {error}")),
    }
}

/// The first difference between a recording and what came of it.
fn compare(
    recording: &Recording,
    history: &[Message],
    ended: Result<(), String>,
    process: &Process,
) -> Result<(), String> {
    let told: Vec<&str> = history
        .iter()
        .flat_map(|message| &message.parts)
        .filter_map(|part| if let Part::ToolResult { content, .. } = part { Some(content.as_str()) } else { None })
        .collect();
    for (at, (call, recorded)) in recording.calls().enumerate() {
        let place = format!("call {} ({})", at + 1, call.tool);
        match told.get(at) {
            Some(here) => text_differs(recorded, here).map_or(Ok(()), |how| Err(format!("{place}: {how}")))?,
            None => {
                return Err(format!(
                    "{place} was not made{}",
                    ended.err().map(|why| format!(": {why}")).unwrap_or_default()
                ));
            }
        }
    }
    let calls = recording.calls().count();
    if told.len() > calls {
        return Err(format!("{} calls were made; recorded are {calls}", told.len()));
    }
    ended?;
    let state = process.world.difference();
    if let Some(how) = state_differs(&recording.final_tables(), &state) {
        return Err(format!("final state: {how}"));
    }
    let tools = &process.agent.kit().tools;
    let is_write = |tool: &str| tools.get(tool).is_some_and(|tool| tool.spec().writes());
    let writes = recording.calls().filter(|(call, output)| is_write(&call.tool) && !output.starts_with("Error: "));
    let (writes, made) = (writes.count(), process.world.writes());
    if writes == made { Ok(()) } else { Err(format!("{made} writes were made; recorded are {writes}")) }
}

/// Every point at which a process can die that appends so often in a whole conversation.
pub(crate) fn crashes(appends: u64) -> impl Iterator<Item = Crash> {
    let once = (1..=appends).flat_map(|number| [Crash::Before(number), Crash::After(number)]);
    once.chain([Crash::AfterEach(2), Crash::AfterEach(3)])
}
