//! Tool calls that a model wrote as text.
//!
//! Models whose training knew another form than the one that the server reads do that: small ones write the call as
//! JSON in a fence, between tags, or bare.

use cicerone_core::model::Decision;
use serde_json::Value;

use crate::reading;

/// The calls in a text that is nothing but calls of tools that are offered.
pub(crate) fn calls(text: &str, decision: &Decision) -> Option<Vec<(String, Value)>> {
    const OPEN: &str = "<tool_call>";
    let text = text.trim();
    if !["{", "[", "```", OPEN].iter().any(|begin| text.starts_with(begin)) {
        return None;
    }
    let mut calls = Vec::new();
    for piece in text.split("</tool_call>").map(|piece| piece.trim().trim_start_matches(OPEN)) {
        if piece.is_empty() {
            continue;
        }
        match reading::json(piece).ok()?.0 {
            Value::Array(several) => {
                for one in several {
                    calls.push(call(one, decision)?);
                }
            }
            one => calls.push(call(one, decision)?),
        }
    }
    (!calls.is_empty()).then_some(calls)
}

fn call(value: Value, decision: &Decision) -> Option<(String, Value)> {
    let Value::Object(mut fields) = value else { return None };
    let name = ["name", "tool"].iter().find_map(|key| fields.get(*key)?.as_str())?.to_owned();
    let args = ["arguments", "args", "parameters"].iter().find_map(|key| fields.shift_remove(*key))?;
    (args.is_object() && decision.tools.iter().any(|tool| tool.name == name)).then_some((name, args))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use cicerone_core::tool::{Effect, ToolSpec};
    use serde_json::json;
    use std::sync::Arc;

    #[test]
    fn only_a_text_that_is_all_calls_is_read_as_calls() {
        let schema = json!({"type": "object", "properties": {}});
        let tool = ToolSpec::new("find", "Finds.", Effect::Read, schema, json!({})).unwrap();
        let decision = Decision { tools: vec![Arc::new(tool)], may_finish: true };
        let one = vec![("find".to_owned(), json!({"q": 1}))];
        let two = vec![one[0].clone(), ("find".to_owned(), json!({}))];
        let cases = [
            (r#"{"name": "find", "arguments": {"q": 1}}"#, Some(one.clone())),
            ("```json\n{\"name\": \"find\", \"arguments\": {\"q\": 1}}\n```", Some(one.clone())),
            (r#"<tool_call>{"name": "find", "arguments": {"q": 1}}</tool_call>"#, Some(one)),
            (
                "<tool_call>\n{\"tool\":\"find\",\"args\":{\"q\":1}}\n</tool_call>\n<tool_call>\n{\"tool\":\"find\",\"args\":{}}\n</tool_call>",
                Some(two.clone()),
            ),
            (r#"[{"name":"find","parameters":{"q":1}},{"name":"find","parameters":{}}]"#, Some(two)),
            (r#"{"name": "book", "arguments": {}}"#, None),
            (r#"{"answer": 42}"#, None),
            (r#"I would call {"name": "find", "arguments": {}}"#, None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(calls(text, &decision), expected, "{text}");
        }
    }
}
