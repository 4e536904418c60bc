//! The form in which a local model decides: one JSON object, decoded under a schema.

use std::sync::atomic::{AtomicU64, Ordering};

use cicerone_core::{
    message::{Part, ToolCall},
    model::{Decision, Expect, Finish, ModelError, ModelErrorKind},
};
use serde::Deserialize;
use serde_json::{Value, json};

/// The longest thought, in characters: a sentence or two.
const THOUGHT: usize = 200;
/// The longest answer, in characters.
const ANSWER: usize = 1_200;
/// The most calls at once.
const CALLS: usize = 4;

/// The schema of a decision: a thought, then calls or an answer.
pub(crate) fn schema(decision: &Decision) -> Value {
    let calls: Vec<Value> = decision
        .tools
        .iter()
        .map(|tool| object(json!({ "tool": { "const": tool.name }, "args": tool.args_schema })))
        .collect();
    let thought = json!({ "type": "string", "maxLength": THOUGHT });
    let acting = object(json!({
        "thought": thought,
        "calls": { "type": "array", "items": { "anyOf": calls }, "minItems": 1, "maxItems": CALLS },
    }));
    let finishing = object(json!({ "thought": thought, "answer": { "type": "string", "maxLength": ANSWER } }));
    match (decision.tools.is_empty(), decision.may_finish) {
        (true, _) => finishing,
        (false, true) => json!({ "anyOf": [acting, finishing] }),
        (false, false) => acting,
    }
}

fn object(properties: Value) -> Value {
    let required: Vec<&String> = properties.as_object().into_iter().flat_map(|fields| fields.keys()).collect();
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
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

/// The parts that a decoded text stands for.
pub(crate) fn parts(expect: &Expect, text: String, finish: Finish) -> Result<Vec<Part>, ModelError> {
    if !matches!(expect, Expect::Decision(_)) {
        return Ok(vec![Part::Text { text }]);
    }
    let decided: Decided = serde_json::from_str(&text).map_err(|error| {
        let why = if finish == Finish::Length { "it was cut at the length limit" } else { "it is not whole" };
        ModelError::new(ModelErrorKind::Response, format!("the model's decision can't be read, {why}: {text}"))
            .with_source(error)
    })?;
    let mut parts = vec![Part::Reasoning { text: decided.thought }];
    parts.extend(
        decided
            .calls
            .into_iter()
            .map(|wanted| Part::ToolCall(ToolCall { id: next_id(), tool: wanted.tool, args: wanted.args })),
    );
    parts.extend(decided.answer.map(|text| Part::Text { text }));
    Ok(parts)
}

/// An id for a call, new in this process and, by the time in it, in a run that another process began.
fn next_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_micros();
    format!("call-{time:x}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision() -> Expect {
        Expect::Decision(Decision { tools: Vec::new(), may_finish: true })
    }

    #[test]
    fn a_decision_is_a_thought_and_calls_or_an_answer() {
        let text = r#"{"thought":"look","calls":[{"tool":"search","args":{"q":"x"}}]}"#;
        let parts = parts(&decision(), text.into(), Finish::Stop).unwrap();
        assert!(matches!(&parts[..], [Part::Reasoning { .. }, Part::ToolCall(call)] if call.tool == "search"));
        let text = r#"{"thought":"done","answer":"yes"}"#;
        let parts = super::parts(&decision(), text.into(), Finish::Stop).unwrap();
        assert!(matches!(&parts[..], [Part::Reasoning { .. }, Part::Text { text }] if text == "yes"));
    }

    #[test]
    fn a_cut_decision_says_so() {
        let error = parts(&decision(), r#"{"thought":"lo"#.into(), Finish::Length).unwrap_err();
        assert!(error.to_string().contains("length limit"), "{error}");
    }
}
