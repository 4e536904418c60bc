//! A run's journal, read back as a tree that explains every step.

use std::{fmt, sync::Arc};

use serde_json::Value;

use crate::{
    event::{CallId, Decision, End, Entry, Event, PlannedCall, Resolution, ToolResult, UndoResult},
    model::Usage,
    run::RunId,
};

/// The entries of a run; displays as a tree. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    run: RunId,
    entries: Arc<Vec<Entry>>,
}

impl Trace {
    /// The trace of these entries.
    #[must_use]
    pub fn new(run: RunId, entries: Vec<Entry>) -> Self {
        Self { run, entries: Arc::new(entries) }
    }

    /// The run.
    #[must_use]
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// The entries, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What was returned by the calls of this tool, in order.
    pub fn outputs<'t>(&'t self, tool: &'t str) -> impl Iterator<Item = &'t Value> {
        let of_tool = move |id: CallId| self.planned(id).is_some_and(|planned| planned.tool == tool);
        self.entries.iter().filter_map(move |entry| match &entry.event {
            Event::ToolReturned { call, result: ToolResult::Output { output }, .. } if of_tool(*call) => Some(output),
            _ => None,
        })
    }

    /// The sum of what the model's answers cost, and of a summary that was made for the run.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let mut sum = Usage::default();
        for entry in self.entries.iter() {
            match &entry.event {
                Event::ModelAnswered { response, .. } => sum += response.usage,
                Event::RunStarted(started) => {
                    sum += started.summary.as_ref().map(|summary| summary.usage).unwrap_or_default();
                }
                _ => {}
            }
        }
        sum
    }

    /// A call as it was made, or else as it was asked about: a person may have changed its arguments.
    fn planned(&self, id: CallId) -> Option<&PlannedCall> {
        self.entries.iter().rev().find_map(|entry| match &entry.event {
            Event::ToolIntended { planned, .. }
            | Event::ToolReused { planned, .. }
            | Event::ApprovalAsked { planned, .. }
                if planned.call == id =>
            {
                Some(planned)
            }
            _ => None,
        })
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "run {}", self.run)?;
        let begun = self.entries.first().map_or(0, |entry| entry.time);
        for entry in self.entries.iter() {
            let Some(line) = self.line(&entry.event) else { continue };
            let seconds = entry.time.saturating_sub(begun) as f64 / 1000.0;
            let mut lines = line.lines();
            writeln!(f, "{seconds:>8.2} s  {}", lines.next().unwrap_or_default())?;
            lines.try_for_each(|line| writeln!(f, "            {line}"))?;
        }
        Ok(())
    }
}

impl Trace {
    /// What an event is in a tree; nothing for those that another one says better.
    fn line(&self, event: &Event) -> Option<String> {
        Some(match event {
            Event::RunStarted(started) => {
                format!("task: {}\n{} with {}", started.task, started.policy, started.model.name)
            }
            Event::ModelAsked { .. } | Event::ToolIntended { .. } | Event::UndoIntended { .. } => return None,
            Event::ModelAnswered { call, response } => {
                let usage = &response.usage;
                let cost = format!(
                    "model {call}: {} of {} prompt tokens computed, {} out, {:.1} s",
                    usage.computed_prompt_tokens,
                    usage.prompt_tokens,
                    usage.output_tokens,
                    usage.milliseconds as f64 / 1000.0
                );
                format!("{cost}\n{}", indented(&response.content()))
            }
            Event::ModelFailed { call, message } => format!("model {call} failed: {message}"),
            Event::PlanMade { plan } => format!("plan of {} steps", plan.steps.len()),
            Event::AnswerRejected { call, reason, valid } => {
                let verdict = if *valid { "to reconsider" } else { "rejected" };
                format!("model {call} {verdict}: {reason}")
            }
            Event::ApprovalAsked { planned, .. } => format!("asked: {}", call_text(planned)),
            Event::ApprovalGiven { call, decision, by, .. } => {
                let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
                match decision {
                    Decision::Approve => format!("approved{by}: call {}", call.0),
                    Decision::Deny { reason } => format!("denied{by}: call {}, {reason}", call.0),
                    Decision::Edit { args } => format!("approved{by} with other arguments: call {}, {args}", call.0),
                    Decision::Answer { output } => format!("answered{by}: call {}, {output}", call.0),
                    Decision::Expire => format!("not decided on in time: call {}", call.0),
                }
            }
            Event::DecisionRejected { call, reason } => format!("not usable: call {}, {reason}", call.0),
            Event::ToolRetried { call } => format!("again: call {}", call.0),
            Event::OutcomeUnknown { call, reason } => format!("outcome unknown: call {}, {reason}", call.0),
            Event::CallResolved { call, resolution, by } => {
                let what = if *resolution == Resolution::NotDone { "not done" } else { "done" };
                let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
                format!("found to be {what}{by}: call {}", call.0)
            }
            Event::ToolReused { planned, of } => format!("{} = as call {}", call_text(planned), of.0),
            Event::ToolReturned { call, result, milliseconds } => {
                let made = self.planned(*call).map_or_else(|| format!("call {}", call.0), call_text);
                format!("{made}\n  {} ({milliseconds} ms)", result_text(result))
            }
            Event::RollbackBegun { reason, .. } => format!("undoing what was done: {reason}"),
            Event::UndoReturned { call, result, milliseconds } => {
                let made = self.planned(*call).map_or_else(|| format!("call {}", call.0), call_text);
                match result {
                    UndoResult::Undone => format!("undone: {made} ({milliseconds} ms)"),
                    UndoResult::NothingToUndo => format!("nothing to undo: {made} ({milliseconds} ms)"),
                    UndoResult::Failed { message } => format!("not undone: {made}\n  {message}"),
                }
            }
            Event::UndoUnknown { call, reason } => format!("undoing unknown: call {}, {reason}", call.0),
            Event::RolledBack { undone, left } => format!("rolled back: {} undone, {} left", undone.len(), left.len()),
            Event::Finished(End::Completed { answer, .. }) => format!("completed\n{}", indented(answer)),
            Event::Finished(End::NeedsInput { questions }) => format!("needs input: {}", questions.join(" ")),
            Event::Finished(End::Failed { kind, message }) => format!("failed ({kind:?}): {message}"),
        })
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

/// The call in one line: `book_flight(flight: "F-1")`.
#[must_use]
pub fn call_text(planned: &PlannedCall) -> String {
    action_text(&planned.tool, &planned.args)
}

/// The same of a call that is not in a run.
pub(crate) fn action_text(tool: &str, args: &Value) -> String {
    let args = args
        .as_object()
        .map(|args| args.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(", "));
    format!("{tool}({})", args.unwrap_or_default())
}

pub(crate) fn result_text(result: &ToolResult) -> String {
    match result {
        ToolResult::Output { output } => {
            let text = match output.as_array() {
                Some(items) => format!("{} found: {output}", items.len()),
                None => output.to_string(),
            };
            match text.char_indices().nth(160) {
                Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
                None => text,
            }
        }
        ToolResult::Failed { message, .. } => format!("failed: {message}"),
        ToolResult::Denied { reason } => format!("denied: {reason}"),
        ToolResult::Abandoned => "abandoned when the run ended".to_owned(),
    }
}
