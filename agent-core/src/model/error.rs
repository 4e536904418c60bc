//! What can go wrong between a request and its response.

use std::{error::Error as StdError, fmt, time::Duration};

/// Why a model gave no response.
///
/// ```
/// use cicerone_core::model::{ModelError, ModelErrorKind};
///
/// let error = ModelError::new(ModelErrorKind::Unavailable, "the server at 127.0.0.1:8080 does not answer");
/// assert!(error.is_retryable());
/// ```
#[derive(Debug)]
pub struct ModelError {
    kind: ModelErrorKind,
    message: String,
    retry_after: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kind of a [`ModelError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ModelErrorKind {
    /// The model could not be loaded: a wrong path, a broken file, too little memory.
    Load,
    /// The request can't be answered as it is: too long, an expectation the backend can't meet.
    Request,
    /// The backend refused the credentials.
    Authentication,
    /// The backend asks to slow down.
    RateLimit,
    /// The backend can't be reached or failed on its side.
    Unavailable,
    /// No answer within the time allowed.
    Timeout,
    /// The response could not be understood.
    Response,
    /// A scripted model was asked something that its script does not expect.
    Drift,
}

impl ModelError {
    /// An error of this kind; `message` says what went wrong, where, and what to do.
    #[must_use]
    pub fn new(kind: ModelErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None, source: None }
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds how long the backend asked to wait.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ModelErrorKind {
        self.kind
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind, ModelErrorKind::RateLimit | ModelErrorKind::Unavailable | ModelErrorKind::Timeout)
    }

    /// How long the backend asked to wait before the next try.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for ModelError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
