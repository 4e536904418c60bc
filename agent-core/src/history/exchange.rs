//! An earlier run, as what was said in it.

use crate::{
    event::{CallId, End, Entry, Event, PlannedCall},
    message::{Message, Part, Role, ToolCall},
    policy::shortened,
    run::RunId,
    state::State,
};

/// What was asked in a run that has ended, the calls that were made, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exchange {
    pub(crate) run: RunId,
    pub(crate) asked: String,
    pub(crate) answered: String,
    /// The calls and their results, in one message each: they are kept or left out together.
    calls: Option<[Message; 2]>,
}

impl Exchange {
    /// The exchange of a run's task and the last of its journal; none if that is not its end.
    pub(crate) fn new(run: RunId, asked: String, journal: &[Entry]) -> Option<Self> {
        let undone = match &journal.last()?.event {
            Event::Finished(_) => false,
            Event::RolledBack { .. } => true,
            _ => return None,
        };
        let mut answered = journal.iter().rev().find_map(|entry| match &entry.event {
            Event::Finished(end) | Event::RollbackBegun { end: Some(end), .. } => Some(words(end)),
            _ => None,
        })?;
        if undone {
            answered.push_str(" What was done was undone again.");
        }
        Some(Self { run, asked, answered, calls: None })
    }

    /// The same with the calls that its journal holds.
    pub(crate) fn with_calls(mut self, journal: &[Entry]) -> Self {
        let mut state = State::default();
        journal.iter().for_each(|entry| state.apply(&entry.event));
        let mut said = Message { role: Role::Assistant, parts: Vec::new() };
        let mut told = Message { role: Role::Tool, parts: Vec::new() };
        // A call that took the result of another one tells nothing new.
        for call in state.calls.iter().filter(|call| call.reused.is_none()) {
            let Some(result) = call.result() else { continue };
            let id = self.id(call.planned.call);
            let (content, is_error) = result.told();
            let PlannedCall { tool, args, .. } = call.planned.clone();
            said.parts.push(Part::ToolCall(ToolCall { id: id.clone(), tool, args }));
            told.parts.push(Part::ToolResult { id, content: shortened(&content), is_error });
        }
        self.calls = (!said.parts.is_empty()).then_some([said, told]);
        self
    }

    /// What was said, in order.
    pub(crate) fn messages(&self, calls: bool) -> Vec<Message> {
        let calls = self.calls.iter().flatten().filter(|_| calls).cloned();
        [Message::user(&self.asked)].into_iter().chain(calls).chain([Message::assistant(&self.answered)]).collect()
    }

    pub(crate) fn has_calls(&self) -> bool {
        self.calls.is_some()
    }

    /// An id that no other call of the conversation has; short, since some providers take no long ones.
    fn id(&self, call: CallId) -> String {
        let run = self.run.to_string();
        let short = run.rsplit('-').next().unwrap_or_default();
        format!("{short}-{}", call.0)
    }
}

fn words(end: &End) -> String {
    match end {
        End::Completed { answer, .. } => answer.clone(),
        End::NeedsInput { questions } => questions.join(" "),
        End::Failed { message, .. } => format!("This failed: {message}"),
    }
}
