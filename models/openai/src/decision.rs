//! The form in which a decision is written where a server has no tools: one JSON object.

use std::sync::atomic::{AtomicU64, Ordering};

use cicerone_core::{
    message::{Part, ToolCall},
    model::Decision,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::schema::object;

/// The longest thought, in characters: a sentence or two.
const THOUGHT: usize = 200;
/// The longest answer, in characters.
const ANSWER: usize = 1_200;
/// The most calls at once.
const CALLS: usize = 4;

/// The schema of a decision: a thought, then calls or an answer.
pub(crate) fn schema(decision: &Decision) -> Value {
    let fields = |all: [(&str, Value); 2]| object(Map::from_iter(all.map(|(name, schema)| (name.to_owned(), schema))));
    let calls: Vec<Value> = decision
        .tools
        .iter()
        .map(|tool| fields([("tool", json!({ "const": tool.name })), ("args", tool.args_schema.clone())]))
        .collect();
    let thought = || ("thought", json!({ "type": "string", "maxLength": THOUGHT }));
    let calls = json!({ "type": "array", "items": { "anyOf": calls }, "minItems": 1, "maxItems": CALLS });
    let acting = fields([thought(), ("calls", calls)]);
    let finishing = fields([thought(), ("answer", json!({ "type": "string", "maxLength": ANSWER }))]);
    match (decision.tools.is_empty(), decision.may_finish) {
        (true, _) => finishing,
        (false, true) => json!({ "anyOf": [acting, finishing] }),
        (false, false) => acting,
    }
}

#[derive(Deserialize)]
struct Decided {
    thought: String,
    #[serde(default)]
    calls: Vec<Wanted>,
    answer: Option<String>,
}

#[derive(Deserialize)]
struct Wanted {
    tool: String,
    args: Value,
}

/// The parts that a decision stands for.
///
/// # Errors
/// A sentence for the model.
pub(crate) fn parts(value: Value) -> Result<Vec<Part>, String> {
    let decided = Decided::deserialize(value).map_err(|error| format!("this is no decision: {error}"))?;
    let calls = decided.calls.into_iter();
    let mut parts = vec![Part::Reasoning { text: decided.thought }];
    parts.extend(calls.map(|call| Part::ToolCall(ToolCall { id: new_id(), tool: call.tool, args: call.args })));
    parts.extend(decided.answer.map(|text| Part::Text { text }));
    Ok(parts)
}

/// An id for a call, new in this process and, by the time in it, in a run that another process began.
pub(crate) fn new_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_micros();
    format!("call-{time:x}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
