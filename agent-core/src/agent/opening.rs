//! What a run is told of earlier ones when it begins.

use std::cmp::Reverse;

use crate::{
    agent::Agent,
    error::{Error, ErrorKind},
    event::{Event, Finding, RunStarted},
    history::{Exchange, History, Rolling, Summary, Window},
    memory::{AnyMemory, Memory, MemoryError, MemoryErrorKind, Recall, RunFilter, RunStatus, RunSummary, Scope},
    message::{Message, text_of},
    model::Usage,
    run::RunId,
    thread::ThreadId,
};

/// What a caller says of what was before a run: the conversation, and words besides.
#[derive(Default)]
pub(super) struct Before {
    pub(super) thread: Option<ThreadId>,
    pub(super) said: Vec<Message>,
}

/// The name of a run that is about to begin, and what it is told of earlier ones.
pub(super) struct Opening {
    pub(super) run: RunId,
    thread: Option<ThreadId>,
    history: Vec<Message>,
    summary: Option<Summary>,
    findings: Vec<Finding>,
}

impl Opening {
    /// Looks into the agent's memory for what a run of `task` is to know.
    pub(super) async fn of(agent: &Agent, task: &str, before: Before) -> Result<Self, Error> {
        let parts = &agent.0;
        let mut opening = Self::taken_up(RunId::new());
        if let Some(thread) = &before.thread {
            let thread = Thread { memory: &parts.memory, name: thread };
            if let Some(newest) = thread.runs(RunFilter::default().limit(1)).await?.first() {
                // The order of a conversation is that of its runs' names, whatever the clock says.
                opening.run = RunId::after(&newest.run);
            }
            match &parts.history {
                History::Nothing => {}
                History::Window(window) => opening.history = thread.window(window).await?,
                History::Rolling(rolling) => {
                    let (summary, exchanges) = thread.rolling(rolling, agent).await?;
                    opening.history.extend(summary.iter().flat_map(Summary::messages));
                    opening.history.extend(exchanges.iter().flat_map(|exchange| exchange.messages(false)));
                    opening.summary = summary;
                }
            }
        }
        if parts.recall > 0 {
            opening.findings = recall(agent, task, before.thread.as_ref(), &opening.history).await?;
        }
        opening.history.extend(before.said);
        opening.thread = before.thread;
        Ok(opening)
    }

    /// Of a run that has begun: its journal says the rest.
    pub(super) fn taken_up(run: RunId) -> Self {
        Self { run, thread: None, history: Vec::new(), summary: None, findings: Vec::new() }
    }

    /// How the run begins that would begin like this without it.
    pub(super) fn begins(self, started: RunStarted) -> RunStarted {
        let Self { thread, history, summary, findings, .. } = self;
        RunStarted { thread, history, summary, findings, ..started }
    }
}

/// A conversation in a memory.
struct Thread<'a> {
    memory: &'a AnyMemory,
    name: &'a ThreadId,
}

impl Thread<'_> {
    /// The runs of the thread that `filter` lets through, the newest first.
    async fn runs(&self, filter: RunFilter) -> Result<Vec<RunSummary>, Error> {
        let filter = filter.thread(self.name.clone());
        let mut runs = self.memory.runs(&filter).await.map_err(|error| self.failed(error))?;
        // A memory that knows no threads would show a stranger's conversation.
        runs.retain(|run| filter.lets_through(run));
        Ok(runs)
    }

    /// The runs that have ended, the newest first, at most so many.
    async fn ended(&self, most: Option<u32>) -> Result<Vec<RunSummary>, Error> {
        let mut runs = Vec::new();
        for status in [RunStatus::Completed, RunStatus::NeedsInput, RunStatus::Failed, RunStatus::RolledBack] {
            let filter = RunFilter { limit: most, ..RunFilter::default().status(status) };
            runs.extend(self.runs(filter).await?);
        }
        runs.sort_by_key(|run| Reverse(run.run));
        runs.truncate(most.map_or(usize::MAX, |most| most as usize));
        Ok(runs)
    }

    /// What is within a window.
    async fn window(&self, window: &Window) -> Result<Vec<Message>, Error> {
        let mut exchanges = Vec::new();
        for run in self.ended(Some(window.runs)).await? {
            exchanges.extend(self.exchange(&run, window.calls).await?);
        }
        Ok(window.through(&exchanges))
    }

    /// The summary of the conversation, made anew if it is due, and what was said since, the oldest first.
    async fn rolling(&self, rolling: &Rolling, agent: &Agent) -> Result<(Option<Summary>, Vec<Exchange>), Error> {
        let ended = self.ended(None).await?;
        let mut summary = match ended.first() {
            Some(newest) => self.summary_in(newest.run).await?,
            None => None,
        };
        let covered = summary.as_ref().map(|summary| summary.until);
        let mut open = Vec::new();
        for run in ended.iter().rev().filter(|run| covered.is_none_or(|until| run.run > until)) {
            open.extend(self.exchange(run, false).await?);
        }
        let mut cost = Usage::default();
        loop {
            let due: Vec<Exchange> = open.drain(..rolling.due(open.len())).collect();
            if due.is_empty() {
                break;
            }
            summary = rolling.sum_up(&agent.0.model, summary.as_ref(), &due).await?;
            cost += summary.as_ref().map_or_else(Usage::default, |summary| summary.usage);
        }
        if let Some(summary) = &mut summary {
            summary.usage = cost;
        }
        Ok((summary, open))
    }

    /// The summary with which a run began.
    async fn summary_in(&self, run: RunId) -> Result<Option<Summary>, Error> {
        let journal = self.memory.read(&run, 0).await.map_err(|error| self.failed(error))?;
        Ok(journal.into_iter().next().and_then(|first| match first.event {
            Event::RunStarted(started) => started.summary,
            _ => None,
        }))
    }

    /// What was said in a run; nothing if the thread was forgotten meanwhile.
    async fn exchange(&self, run: &RunSummary, calls: bool) -> Result<Option<Exchange>, Error> {
        // The last event is enough, unless its calls are wanted, or they were undone after its end.
        let whole = calls || run.status == RunStatus::RolledBack;
        let from = if whole { 0 } else { run.events.saturating_sub(1) };
        let journal = self.memory.read(&run.run, from).await.map_err(|error| self.failed(error))?;
        let exchange = Exchange::new(run.run, run.task.clone(), &journal);
        Ok(exchange.map(|exchange| if calls { exchange.with_calls(&journal) } else { exchange }))
    }

    fn failed(&self, error: MemoryError) -> Error {
        failed(&format!("what was said before in the thread `{}` can't be read", self.name), error)
    }
}

/// What earlier runs of the thread, or of no thread, said and saw that fits the task.
async fn recall(
    agent: &Agent,
    task: &str,
    thread: Option<&ThreadId>,
    history: &[Message],
) -> Result<Vec<Finding>, Error> {
    let most = agent.0.recall;
    // More than needed: some will be in the history already.
    let query = Recall::new(task).scope(Scope::of(thread)).limit(most.saturating_mul(3));
    let found = agent.0.memory.search(&query).await;
    let found = found.map_err(|error| failed("what fits the request can't be looked for", error))?;
    let said: Vec<String> = history.iter().map(|message| one_line(&text_of(&message.parts))).collect();
    let mut findings: Vec<Finding> = Vec::new();
    for found in found {
        let text = found.excerpt.trim_matches('…');
        let known = said.iter().any(|said| said.contains(text)) || findings.iter().any(|other| other.text == text);
        // The same request again tells nothing.
        if !known && text != one_line(task) && findings.len() < most as usize {
            findings.push(Finding { run: found.run, text: text.to_owned() });
        }
    }
    Ok(findings)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn failed(what: &str, error: MemoryError) -> Error {
    let kind = if error.kind() == MemoryErrorKind::Unsupported { ErrorKind::Configuration } else { ErrorKind::Memory };
    Error::new(kind, format!("{what}: {error}")).with_source(error)
}
