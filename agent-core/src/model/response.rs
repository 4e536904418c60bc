//! What a model answers, and how it gets there.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::message::{Part, text_of};

/// A model's whole answer to one request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Response {
    /// What it said, in order.
    pub parts: Vec<Part>,
    /// What it cost.
    pub usage: Usage,
    /// Why it ended.
    pub finish: Finish,
    /// How the expectation was met.
    pub means: Means,
}

impl Response {
    /// A response of one text part that cost nothing.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(vec![Part::Text { text: text.into() }])
    }

    /// A response of these parts that cost nothing.
    #[must_use]
    pub fn new(parts: Vec<Part>) -> Self {
        Self { parts, usage: Usage::default(), finish: Finish::Stop, means: Means::Plain }
    }

    /// States what it cost.
    #[must_use]
    pub fn with_usage(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    /// States why it ended.
    #[must_use]
    pub fn with_finish(mut self, finish: Finish) -> Self {
        self.finish = finish;
        self
    }

    /// States how the expectation was met.
    #[must_use]
    pub fn with_means(mut self, means: Means) -> Self {
        self.means = means;
        self
    }

    /// The text parts, one after another.
    #[must_use]
    pub fn content(&self) -> String {
        text_of(&self.parts)
    }
}

impl From<&str> for Response {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Response {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

/// What a response cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// How many of them were computed for this request; the others came from a cache.
    pub computed_prompt_tokens: u64,
    /// Tokens of output.
    pub output_tokens: u64,
    /// Milliseconds from the request to the response.
    pub milliseconds: u64,
}

impl Usage {
    /// Usage of so many tokens, none of them from a cache.
    #[must_use]
    pub fn new(prompt_tokens: u64, output_tokens: u64) -> Self {
        Self { prompt_tokens, computed_prompt_tokens: prompt_tokens, output_tokens, milliseconds: 0 }
    }

    /// States how many of the prompt's tokens were computed.
    #[must_use]
    pub fn with_computed(mut self, tokens: u64) -> Self {
        self.computed_prompt_tokens = tokens;
        self
    }

    /// States how long it took.
    #[must_use]
    pub fn with_milliseconds(mut self, milliseconds: u64) -> Self {
        self.milliseconds = milliseconds;
        self
    }

    /// Tokens of prompt and output.
    #[must_use]
    pub fn total_tokens(&self) -> u64 {
        self.prompt_tokens.saturating_add(self.output_tokens)
    }
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.prompt_tokens = self.prompt_tokens.saturating_add(other.prompt_tokens);
        self.computed_prompt_tokens = self.computed_prompt_tokens.saturating_add(other.computed_prompt_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.milliseconds = self.milliseconds.saturating_add(other.milliseconds);
    }
}

/// Why a response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finish {
    /// The model had said everything.
    Stop,
    /// The limit of output tokens or of the context was reached.
    Length,
    /// The model asks for tools.
    ToolCalls,
    /// The backend withheld the rest.
    Refused,
}

/// How an [`Expect`](super::Expect) was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Means {
    /// Nothing was enforced.
    Plain,
    /// Decoding was held to a grammar or a schema.
    Constrained,
    /// The backend's own tool calling.
    NativeTools,
    /// Broken output was mended after the fact.
    Repaired,
}

/// A piece of a response, while it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delta {
    /// More text.
    Text(String),
    /// More reasoning.
    Reasoning(String),
}

/// Where an adapter sends [`Delta`]s.
///
/// ```
/// use cicerone_core::model::{Delta, DeltaSink};
///
/// let mut seen = String::new();
/// let mut sink = DeltaSink::new(|delta| if let Delta::Text(text) = delta { seen.push_str(&text) });
/// sink.send(Delta::Text("Lis".into()));
/// sink.send(Delta::Text("bon".into()));
/// drop(sink);
/// assert_eq!(seen, "Lisbon");
/// ```
pub struct DeltaSink<'a>(Option<Box<dyn FnMut(Delta) + Send + 'a>>);

impl<'a> DeltaSink<'a> {
    /// A sink that hands each delta to `receive`.
    #[must_use]
    pub fn new(receive: impl FnMut(Delta) + Send + 'a) -> Self {
        Self(Some(Box::new(receive)))
    }

    /// A sink that drops everything.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// Whether anyone receives; an adapter may skip work if not.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// Sends one delta.
    pub fn send(&mut self, delta: Delta) {
        if let Some(receive) = &mut self.0 {
            receive(delta);
        }
    }
}

impl fmt::Debug for DeltaSink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeltaSink").field("wanted", &self.is_wanted()).finish()
    }
}
