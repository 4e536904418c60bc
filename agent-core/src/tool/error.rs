//! Why a tool gave no output.

use std::{error::Error as StdError, fmt};

use serde::{Deserialize, Serialize};

/// A tool's failure, and who can mend it.
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
        Self { kind: ToolErrorKind::Retry, message: message.into(), source: None }
    }

    /// A failure that only the user can mend; `question` is put to them.
    #[must_use]
    pub fn ask(question: impl Into<String>) -> Self {
        Self { kind: ToolErrorKind::Ask, message: question.into(), source: None }
    }

    /// A failure that ends the step.
    #[must_use]
    pub fn fatal(message: impl Into<String>) -> Self {
        Self { kind: ToolErrorKind::Fatal, message: message.into(), source: None }
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
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
        Self { kind: ToolErrorKind::Fatal, message: error.to_string(), source: Some(Box::new(error)) }
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
