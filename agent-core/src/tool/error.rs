//! Why a tool gave no output.

use std::{error::Error as StdError, fmt};

use serde::{Deserialize, Serialize};

/// A tool's failure, and who can mend it.
///
/// An error says that nothing was done: the planner may try again, with the same key if the arguments are the same, and
/// nothing is undone. A tool that can't say so, since a connection broke after the order was sent, adds
/// [`outcome_unknown`](Self::outcome_unknown).
///
/// Any standard error becomes a fatal one with `?`.
///
/// ```
/// use cicerone_core::tool::ToolError;
///
/// fn parse(text: &str) -> Result<u32, ToolError> {
///     if text.is_empty() {
///         return Err(ToolError::retry("`seats` is empty; give a number from 1 to 9"));
///     }
///     Ok(text.parse()?)
/// }
/// assert!(parse("").unwrap_err().is_retry());
/// assert!(!parse("many").unwrap_err().is_retry());
/// ```
pub struct ToolError {
    kind: ToolErrorKind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
    outcome_unknown: bool,
}

/// Who can mend a [`ToolError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolErrorKind {
    /// The model, with other arguments or another plan.
    Retry,
    /// The user, with an answer to the message.
    Ask,
    /// Nobody in this run.
    Fatal,
}

impl ToolError {
    /// A failure that other arguments may avoid; `message` tells the model what to change.
    #[must_use]
    pub fn retry(message: impl Into<String>) -> Self {
        Self { kind: ToolErrorKind::Retry, message: message.into(), source: None, outcome_unknown: false }
    }

    /// A failure that only the user can mend; `question` is put to them.
    #[must_use]
    pub fn ask(question: impl Into<String>) -> Self {
        Self { kind: ToolErrorKind::Ask, message: question.into(), source: None, outcome_unknown: false }
    }

    /// A failure that ends the step.
    #[must_use]
    pub fn fatal(message: impl Into<String>) -> Self {
        Self { kind: ToolErrorKind::Fatal, message: message.into(), source: None, outcome_unknown: false }
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// States that the call may have been carried out all the same. [`Tool::lookup`](super::Tool::lookup) is asked
    /// then, as after a crash; if that does not know either, a call with [`Effect::Once`](super::Effect::Once) waits for
    /// a person.
    ///
    /// ```
    /// use cicerone_core::tool::ToolError;
    ///
    /// let error = ToolError::fatal("the airline did not answer within 30 s").outcome_unknown();
    /// assert!(error.is_outcome_unknown());
    /// ```
    #[must_use]
    pub fn outcome_unknown(mut self) -> Self {
        self.outcome_unknown = true;
        self
    }

    /// Whether the call may have been carried out all the same.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        self.outcome_unknown
    }

    /// Who can mend it.
    #[must_use]
    pub fn kind(&self) -> ToolErrorKind {
        self.kind
    }

    /// Whether other arguments may help.
    #[must_use]
    pub fn is_retry(&self) -> bool {
        self.kind == ToolErrorKind::Retry
    }

    /// The error that caused this one.
    #[must_use]
    pub fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

// `ToolError` does not implement `std::error::Error`, so that every type that does can become one with `?`.
impl<E: StdError + Send + Sync + 'static> From<E> for ToolError {
    fn from(error: E) -> Self {
        Self {
            kind: ToolErrorKind::Fatal,
            message: error.to_string(),
            source: Some(Box::new(error)),
            outcome_unknown: false,
        }
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolError").field("kind", &self.kind).field("message", &self.message).finish_non_exhaustive()
    }
}
