//! A decision of a model, and its JSON form for backends without tool calls of their own.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    message::{Part, ToolCall},
    tool::{ToolSpec, closed_object},
};

/// The longest thought, in characters: a sentence or two.
const THOUGHT: usize = 200;
/// The longest answer, in characters.
const ANSWER: usize = 1_200;
/// The most calls at once.
const CALLS: usize = 4;

/// Think, then call one or more of these tools or finish with an answer.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The tools that may be called. Their argument schemas are already narrowed to what has been seen.
    pub tools: Vec<Arc<ToolSpec>>,
    /// Whether an answer may be given instead of a call.
    pub may_finish: bool,
}

impl Decision {
    /// The schema of its JSON form: a thought, then calls or an answer. [`Decided`] reads what fits it.
    ///
    /// ```
    /// use cicerone_core::model::Decision;
    ///
    /// let schema = Decision { tools: Vec::new(), may_finish: true }.schema();
    /// assert_eq!(schema["required"], serde_json::json!(["thought", "answer"]));
    /// ```
    #[must_use]
    pub fn schema(&self) -> Value {
        let fields = |all: [(&str, Value); 2]| {
            closed_object(Map::from_iter(all.map(|(name, schema)| (name.to_owned(), schema))))
        };
        let call = |tool: &Arc<ToolSpec>| {
            fields([("tool", json!({ "const": tool.name })), ("args", tool.args_schema.clone())])
        };
        let calls: Vec<Value> = self.tools.iter().map(call).collect();
        let calls = json!({ "type": "array", "items": { "anyOf": calls }, "minItems": 1, "maxItems": CALLS });
        let thought = || ("thought", json!({ "type": "string", "maxLength": THOUGHT }));
        let acting = fields([thought(), ("calls", calls)]);
        let finishing = fields([thought(), ("answer", json!({ "type": "string", "maxLength": ANSWER }))]);
        match (self.tools.is_empty(), self.may_finish) {
            (true, _) => finishing,
            (false, true) => json!({ "anyOf": [acting, finishing] }),
            (false, false) => acting,
        }
    }
}

/// A decision in its JSON form, as a model wrote it.
///
/// ```
/// use cicerone_core::{message::Part, model::Decided};
///
/// let decided: Decided = serde_json::from_str(r#"{"thought":"look","calls":[{"tool":"search","args":{}}]}"#)?;
/// assert!(matches!(&decided.into_parts()[..], [Part::Reasoning { .. }, Part::ToolCall(call)] if call.tool == "search"));
/// let decided: Decided = serde_json::from_str(r#"{"thought":"done","answer":"yes"}"#)?;
/// assert!(matches!(&decided.into_parts()[..], [Part::Reasoning { .. }, Part::Text { text }] if text == "yes"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
pub struct Decided {
    thought: String,
    #[serde(default)]
    calls: Vec<Wanted>,
    answer: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Wanted {
    tool: String,
    args: Value,
}

impl Decided {
    /// The parts of a response that it stands for, each call with an id of its own.
    #[must_use]
    pub fn into_parts(self) -> Vec<Part> {
        let mut parts = vec![Part::Reasoning { text: self.thought }];
        parts.extend(self.calls.into_iter().map(|wanted| Part::ToolCall(ToolCall::new(wanted.tool, wanted.args))));
        parts.extend(self.answer.map(|text| Part::Text { text }));
        parts
    }
}
