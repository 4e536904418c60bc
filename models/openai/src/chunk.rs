//! The pieces of an answer as servers send them.
//!
//! async-openai's own types demand fields that other servers leave out and drop fields that they add, so these are read
//! instead: everything is optional, and what is unknown is skipped.

use cicerone_core::model::Usage;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One event of a stream, or a whole answer where a server does not stream.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Chunk {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Counts>,
    /// What llama.cpp measured.
    #[serde(default)]
    timings: Option<Timings>,
    /// What went wrong instead.
    #[serde(default)]
    pub(crate) error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Choice {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) index: u32,
    /// `delta` in a stream, `message` in a whole answer.
    #[serde(default, alias = "message", deserialize_with = "or_default")]
    pub(crate) delta: Piece,
    #[serde(default)]
    pub(crate) finish_reason: Option<String>,
}

/// More of what the model says.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Piece {
    #[serde(default)]
    pub(crate) content: Option<String>,
    #[serde(default)]
    pub(crate) refusal: Option<String>,
    /// The name that llama.cpp, vLLM and DeepSeek use.
    #[serde(default)]
    reasoning_content: Option<String>,
    /// The name that OpenRouter and Ollama use; elsewhere it may be an object.
    #[serde(default)]
    reasoning: Option<Value>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) tool_calls: Vec<CallPiece>,
}

impl Piece {
    /// More reasoning: some servers send it under both names.
    pub(crate) fn reasoning(&self) -> Option<&str> {
        let named = self.reasoning_content.as_deref().filter(|text| !text.is_empty());
        named.or_else(|| self.reasoning.as_ref().and_then(Value::as_str))
    }
}

/// More of a tool call.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct CallPiece {
    #[serde(default)]
    pub(crate) index: Option<u32>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) function: FunctionPiece,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct FunctionPiece {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) name: String,
    /// A piece of JSON text; from some servers the value itself.
    #[serde(default)]
    pub(crate) arguments: Option<Value>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Counts {
    #[serde(default, deserialize_with = "or_default")]
    prompt_tokens: u64,
    #[serde(default, deserialize_with = "or_default")]
    completion_tokens: u64,
    #[serde(default)]
    prompt_tokens_details: Option<Details>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Details {
    #[serde(default)]
    cached_tokens: Option<u64>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Timings {
    /// Tokens of the prompt that were in the cache.
    #[serde(default)]
    cache_n: Option<u64>,
    /// Tokens of the prompt that were computed.
    #[serde(default)]
    prompt_n: Option<u64>,
    #[serde(default)]
    predicted_n: Option<u64>,
}

impl Chunk {
    /// What the answer cost, if this chunk says so.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let counted = self.usage.map(|counts| {
            let cached = counts.prompt_tokens_details.and_then(|details| details.cached_tokens).unwrap_or_default();
            Usage::new(counts.prompt_tokens, counts.completion_tokens)
                .with_computed(counts.prompt_tokens.saturating_sub(cached))
        });
        // What was measured is better than what was counted: older servers count no tokens of the cache.
        match self.timings {
            Some(Timings { cache_n: Some(cached), prompt_n: Some(computed), predicted_n }) => {
                let prompt = counted.map_or(cached.saturating_add(computed), |usage| usage.prompt_tokens);
                let output = predicted_n.or(counted.map(|usage| usage.output_tokens)).unwrap_or_default();
                Some(Usage::new(prompt, output).with_computed(computed.min(prompt)))
            }
            _ => counted,
        }
    }
}

/// Reads `null` as the default.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn usage(text: &str) -> Option<Usage> {
        serde_json::from_str::<Chunk>(text).unwrap().usage()
    }

    #[test]
    fn tokens_from_a_cache_are_not_counted_as_computed() {
        assert_eq!(usage(r#"{"choices":[],"usage":null}"#), None);
        let plain = r#"{"usage":{"prompt_tokens":30,"completion_tokens":4,"total_tokens":34}}"#;
        assert_eq!(usage(plain), Some(Usage::new(30, 4)));
        let cached =
            r#"{"usage":{"prompt_tokens":30,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":20}}}"#;
        assert_eq!(usage(cached), Some(Usage::new(30, 4).with_computed(10)));
        let measured = r#"{"usage":{"prompt_tokens":30,"completion_tokens":4},
            "timings":{"cache_n":25,"prompt_n":5,"prompt_ms":1.5,"predicted_n":4}}"#;
        assert_eq!(usage(measured), Some(Usage::new(30, 4).with_computed(5)));
        assert_eq!(
            usage(r#"{"timings":{"cache_n":2,"prompt_n":5,"predicted_n":4}}"#),
            Some(Usage::new(7, 4).with_computed(5))
        );
    }
}
