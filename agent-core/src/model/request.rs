//! What a model is asked for.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Decision;
use crate::message::Message;

/// One request to a [`Model`](super::Model).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// The conversation. Shared, so that a request costs no copy of it.
    pub messages: Arc<Vec<Message>>,
    /// What the response must be.
    pub expect: Expect,
    /// How the next token is chosen and how many there may be.
    pub sampling: Sampling,
}

impl Request {
    /// A request for text that continues `messages`.
    #[must_use]
    pub fn new(messages: impl Into<Arc<Vec<Message>>>) -> Self {
        Self { messages: messages.into(), expect: Expect::Text, sampling: Sampling::default() }
    }

    /// States what the response must be.
    #[must_use]
    pub fn expecting(mut self, expect: Expect) -> Self {
        self.expect = expect;
        self
    }

    /// States how tokens are chosen.
    #[must_use]
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }
}

/// What a response must be: the goal, not the means.
///
/// Each adapter uses the strongest means that its backend has, and names it in
/// [`Response::means`](super::Response::means).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Expect {
    /// Free text.
    Text,
    /// JSON that a schema describes.
    Json(Arc<Value>),
    /// Text of a grammar. Only asked of models whose info has `grammar`.
    Grammar(Grammar),
    /// A thought, then tool calls or an answer.
    Decision(Decision),
}

/// A grammar, in the dialects that backends take.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Grammar {
    /// In the Lark dialect of llguidance, starting at the rule `start`.
    pub lark: Arc<str>,
    /// In GBNF, which llama.cpp takes, starting at the rule `root`; `None` if it was not written in it.
    pub gbnf: Option<Arc<str>>,
}

impl Grammar {
    /// A grammar in the Lark dialect of llguidance.
    #[must_use]
    pub fn new(lark: impl Into<Arc<str>>) -> Self {
        Self { lark: lark.into(), gbnf: None }
    }

    /// Adds the same grammar in GBNF.
    #[must_use]
    pub fn with_gbnf(mut self, gbnf: impl Into<Arc<str>>) -> Self {
        self.gbnf = Some(gbnf.into());
        self
    }
}

/// How tokens are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Sampling {
    /// 0 always takes the likeliest token; 1 samples the model's own distribution.
    pub temperature: f64,
    /// The most tokens of output.
    pub max_tokens: u32,
}

impl Default for Sampling {
    /// Greedy, at most 1,024 tokens.
    fn default() -> Self {
        Self { temperature: 0.0, max_tokens: 1024 }
    }
}

impl Sampling {
    /// Sets the temperature.
    #[must_use]
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.temperature = temperature;
        self
    }

    /// Sets the most tokens of output.
    #[must_use]
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.max_tokens = tokens;
        self
    }
}
