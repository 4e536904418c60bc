//! A conversation that was recorded: what a user and a model said, which tools were called, and what they answered.

use std::collections::VecDeque;

use cicerone::message::ToolCall;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// One recorded conversation.
#[derive(Debug)]
pub(crate) struct Recording {
    /// Which one it is, for people.
    pub(crate) name: String,
    /// What the user said, and the model's answers to it.
    pub(crate) exchanges: Vec<Exchange>,
    /// How the data differ at the end from what they were.
    pub(crate) final_state: Value,
}

/// What a user said, and all that followed until they spoke again.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) said: String,
    pub(crate) answers: Vec<Answer>,
}

/// What the model said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) text: String,
    /// The tool that it called, and what the tool answered.
    pub(crate) call: Option<(ToolCall, String)>,
}

impl Recording {
    /// Reads one line of the recordings.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(line: &str) -> Result<Self, String> {
        let raw: Raw = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let name = format!("task {}, trial {}", plain(&raw.task_id), plain(&raw.trial));
        if raw.final_state.as_object().is_none_or(|tables| !tables.values().all(Value::is_object)) {
            return Err(format!("{name}: `final_state` is not an object of tables"));
        }
        let exchanges = exchanges(raw.turns.into_iter().enumerate().collect())
            .map_err(|(turn, why)| format!("{name}, turn {}: {why}", turn + 1))?;
        Ok(Self { name, exchanges, final_state: raw.final_state })
    }

    /// All that the model says, in order.
    pub(crate) fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.exchanges.iter().flat_map(|exchange| &exchange.answers)
    }

    /// All calls and what they answered, in order.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &(ToolCall, String)> {
        self.answers().filter_map(|answer| answer.call.as_ref())
    }

    /// The final state with the tables that a recording may leave out.
    pub(crate) fn final_tables(&self) -> Value {
        let mut tables = json!({ "users": {}, "reservations": {}, "flights": {} });
        if let (Some(tables), Some(recorded)) = (tables.as_object_mut(), self.final_state.as_object()) {
            tables.extend(recorded.iter().map(|(name, table)| (name.clone(), table.clone())));
        }
        tables
    }
}

#[derive(Deserialize)]
struct Raw {
    task_id: Value,
    trial: Value,
    turns: Vec<Turn>,
    final_state: Value,
}

#[derive(Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
enum Turn {
    User {
        text: String,
    },
    Assistant {
        text: Option<String>,
        #[serde(default)]
        calls: Vec<RawCall>,
    },
    Tool {
        call_id: String,
        output: String,
    },
}

#[derive(Deserialize)]
struct RawCall {
    id: String,
    name: String,
    arguments: Map<String, Value>,
}

type Turns = VecDeque<(usize, Turn)>;

fn exchanges(mut turns: Turns) -> Result<Vec<Exchange>, (usize, String)> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    while let Some((at, turn)) = turns.pop_front() {
        let wrong = |why: &str| Err((at, why.to_owned()));
        let (text, calls) = match turn {
            Turn::User { text } => {
                exchanges.push(Exchange { said: text, answers: Vec::new() });
                continue;
            }
            Turn::Assistant { text, calls } => (text.unwrap_or_default(), calls),
            Turn::Tool { .. } => return wrong("a tool answers that was not called in the turn before"),
        };
        let Some(exchange) = exchanges.last_mut() else { return wrong("the model speaks before any user") };
        if exchange.answers.last().is_some_and(|answer| answer.call.is_none()) {
            return wrong("the model speaks twice, and nobody in between");
        }
        let call = match <[RawCall; 1]>::try_from(calls) {
            Err(calls) if calls.is_empty() => None,
            Err(_) => return wrong("the model makes several calls at once; recordings have one at a time"),
            Ok([call]) => {
                let output = output_of(&call, &mut turns).ok_or_else(|| {
                    (at, format!("the call `{}` of {} is not followed by its tool's answer", call.id, call.name))
                })?;
                let RawCall { id, name, arguments } = call;
                Some((ToolCall { id, tool: name, args: Value::Object(arguments) }, output))
            }
        };
        exchange.answers.push(Answer { text, call });
    }
    Ok(exchanges)
}

fn output_of(call: &RawCall, turns: &mut Turns) -> Option<String> {
    match turns.pop_front()?.1 {
        Turn::Tool { call_id, output } if call_id == call.id => Some(output),
        _ => None,
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(turns: Value) -> Result<Recording, String> {
        Recording::read(&json!({"task_id": 7, "trial": 0, "turns": turns, "final_state": {"users": {}}}).to_string())
    }

    #[test]
    fn a_conversation_is_read_as_exchanges() {
        let recording = read(json!([
            {"role": "user", "text": "Hi"},
            {"role": "assistant", "text": "Hm.", "calls": [{"id": "c", "name": "think", "arguments": {"z": 1, "a": 2.0}}]},
            {"role": "tool", "call_id": "c", "name": "think", "output": ""},
            {"role": "assistant", "text": "Bye", "calls": []},
            {"role": "user", "text": "###STOP###"},
        ]))
        .unwrap();
        assert_eq!(recording.name, "task 7, trial 0");
        let said: Vec<&str> = recording.exchanges.iter().map(|exchange| exchange.said.as_str()).collect();
        assert_eq!(said, ["Hi", "###STOP###"]);
        assert_eq!((recording.answers().count(), recording.calls().count()), (2, 1));
        assert_eq!(recording.calls().next().unwrap().0.args.to_string(), r#"{"z":1,"a":2.0}"#);
        assert_eq!(recording.final_tables(), json!({"users": {}, "reservations": {}, "flights": {}}));
    }

    #[test]
    fn what_is_malformed_is_named() {
        let user = json!({"role": "user", "text": "Hi"});
        let says = json!({"role": "assistant", "text": "Hi", "calls": []});
        let call = json!({"id": "c", "name": "think", "arguments": {}});
        let calls = json!({"role": "assistant", "text": null, "calls": [call]});
        let tool = json!({"role": "tool", "call_id": "d", "name": "think", "output": ""});
        let twice = json!({"role": "assistant", "text": null, "calls": [call, call]});
        for (turns, why) in [
            (json!([says]), "turn 1: the model speaks before any user"),
            (json!([user, says, says]), "turn 3: the model speaks twice, and nobody in between"),
            (json!([user, tool]), "turn 2: a tool answers that was not called in the turn before"),
            (json!([user, calls]), "turn 2: the call `c` of think is not followed by its tool's answer"),
            (json!([user, calls, tool]), "turn 2: the call `c` of think is not followed by its tool's answer"),
            (json!([user, twice]), "turn 2: the model makes several calls at once; recordings have one at a time"),
        ] {
            assert_eq!(read(turns).unwrap_err(), format!("task 7, trial 0, {why}"));
        }
        let unknown = read(json!([{"role": "judge"}])).unwrap_err();
        assert!(
            unknown.starts_with("unknown variant `judge`, expected one of `user`, `assistant`, `tool`"),
            "{unknown}"
        );
        assert!(Recording::read("{}").unwrap_err().starts_with("missing field `task_id`"));
    }
}
