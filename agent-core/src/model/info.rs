//! What a model is and what it can do.

use serde::{Deserialize, Serialize};

/// A model's name and abilities.
///
/// Planners read the abilities to choose the form of what they ask for, so the info of a run's model is part of the
/// run's journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelInfo {
    /// The model's name, such as `qwen2.5-coder-1.5b`.
    pub name: String,
    /// Who runs it, such as `mistral.rs`; the GenAI conventions' `gen_ai.provider.name`.
    pub provider: String,
    /// The most tokens of prompt and output together, where it is known.
    pub context_window: Option<u32>,
    /// Whether decoding can be held to a [`Grammar`](super::Grammar).
    pub grammar: bool,
    /// Whether decoding can be held to a JSON Schema.
    pub json_schema: bool,
    /// Whether images are understood.
    pub images: bool,
}

impl ModelInfo {
    /// The info of a model that only completes text.
    #[must_use]
    pub fn new(name: impl Into<String>, provider: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            provider: provider.into(),
            context_window: None,
            grammar: false,
            json_schema: false,
            images: false,
        }
    }

    /// States the context window, in tokens.
    #[must_use]
    pub fn with_context_window(mut self, tokens: u32) -> Self {
        self.context_window = Some(tokens);
        self
    }

    /// States whether decoding can be held to a [`Grammar`](super::Grammar).
    #[must_use]
    pub fn with_grammar(mut self, can: bool) -> Self {
        self.grammar = can;
        self
    }

    /// States whether decoding can be held to a JSON Schema.
    #[must_use]
    pub fn with_json_schema(mut self, can: bool) -> Self {
        self.json_schema = can;
        self
    }
}
