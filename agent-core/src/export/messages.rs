//! A run as a conversation with tool calls, whatever policy planned it.

use serde_json::{Map, Value, json};

use super::redaction::{Place, Redactions};
use crate::{
    event::{CallId, End, Event, PlannedCall, ToolResult},
    message::Role,
    state::State,
    trace::Trace,
};

/// The messages: what was asked, the calls with their results, the answer.
///
/// A plan's calls stand there as if a model had made them one round after another. What a model tried in vain is left
/// out. Each call has exactly one result; one that has none yet is left out too.
pub(super) fn of(trace: &Trace, system: Option<&str>, redactions: &Redactions) -> Vec<Value> {
    let mut state = State::default();
    trace.entries().iter().for_each(|entry| state.apply(&entry.event));
    let mut messages = Vec::new();
    let mut say = |role, text: &str| {
        if !text.is_empty() {
            messages.push(json!({ "role": role, "content": redactions.text(Place::Message(role), text) }));
        }
    };
    if let Some(system) = system {
        say(Role::System, system);
    }
    if let Some(started) = &state.started {
        // Of what was said before only the words: its calls may have lost their results.
        let before = started.history.iter().filter(|message| message.role != Role::Tool);
        before.for_each(|message| say(message.role, &message.text()));
        say(Role::User, &started.task);
    }
    rounds(trace).iter().for_each(|round| messages.extend(round_of(round, &state, redactions)));
    let answer = match &state.end {
        Some(End::Completed { answer, .. }) => answer.clone(),
        Some(End::NeedsInput { questions }) => questions.join("\n"),
        Some(End::Failed { .. }) | None => return messages,
    };
    let content = redactions.text(Place::Message(Role::Assistant), answer);
    messages.push(json!({ "role": Role::Assistant, "content": content }));
    messages
}

/// Calls that were decided on together, and what the model said to them.
struct Round<'t> {
    said: String,
    /// The model's answer that they come from, if it called tools.
    answer: Option<u32>,
    /// Whether the result of one of them was known.
    returned: bool,
    calls: Vec<&'t PlannedCall>,
}

fn rounds(trace: &Trace) -> Vec<Round<'_>> {
    let mut rounds: Vec<Round<'_>> = Vec::new();
    let mut last = None;
    for entry in trace.entries() {
        match &entry.event {
            Event::ModelAnswered { call, response } => last = Some((*call, response)),
            Event::ToolReturned { .. } => rounds.iter_mut().for_each(|round| round.returned = true),
            Event::ApprovalAsked { planned, .. }
            | Event::ToolIntended { planned, .. }
            | Event::ToolReused { planned, .. } => {
                if rounds.iter().flat_map(|round| &round.calls).any(|known| known.call == planned.call) {
                    continue;
                }
                let said = last.filter(|_| planned.model_call.is_some());
                let answer = said.map(|(call, _)| call);
                let joins = |round: &&mut Round<'_>| round.answer == answer && (answer.is_some() || !round.returned);
                match rounds.last_mut().filter(joins) {
                    Some(round) => round.calls.push(planned),
                    None => {
                        let said = said.map(|(_, response)| response.content()).unwrap_or_default();
                        rounds.push(Round { said, answer, returned: false, calls: vec![planned] });
                    }
                }
            }
            _ => {}
        }
    }
    rounds
}

/// What the model says in a round, and what it is told.
fn round_of(round: &Round<'_>, state: &State, redactions: &Redactions) -> Vec<Value> {
    let made = round.calls.iter().filter_map(|planned| Some((*planned, state.call(planned.call)?.result()?)));
    let (calls, results): (Vec<Value>, Vec<Value>) = made
        .map(|(planned, result)| {
            let content = content(planned, result, redactions);
            let result = json!({ "role": Role::Tool, "tool_call_id": id(planned.call), "content": content });
            (call(planned, redactions), result)
        })
        .unzip();
    if calls.is_empty() {
        return Vec::new();
    }
    let said = redactions.text(Place::Message(Role::Assistant), round.said.trim());
    let said = if said.is_empty() { Value::Null } else { Value::String(said) };
    let mut messages = vec![json!({ "role": Role::Assistant, "content": said, "tool_calls": calls })];
    messages.extend(results);
    messages
}

fn call(planned: &PlannedCall, redactions: &Redactions) -> Value {
    let args = planned.args.as_object().into_iter().flatten().map(|(name, value)| {
        let place = Place::Argument { tool: &planned.tool, name };
        (name.clone(), redactions.value(place, value.clone()))
    });
    let args = Value::Object(Map::from_iter(args)).to_string();
    json!({ "id": id(planned.call), "type": "function", "function": { "name": planned.tool, "arguments": args } })
}

fn content(planned: &PlannedCall, result: &ToolResult, redactions: &Redactions) -> String {
    let place = Place::Output { tool: &planned.tool };
    match result {
        ToolResult::Output { output } => redactions.value(place, output.clone()).to_string(),
        ToolResult::Failed { message, .. } => redactions.text(place, format!("failed: {message}")),
        ToolResult::Denied { reason } => redactions.text(place, format!("denied: {reason}")),
        ToolResult::Abandoned => "abandoned: the run ended first".to_owned(),
    }
}

/// The ids that models give their calls are told apart within one answer only.
fn id(call: CallId) -> String {
    format!("call_{}", call.0)
}
