//! The framework's error: a kind, a sentence, hints, a source, and the run that it ended.

use std::{error::Error as StdError, fmt};

use serde::{Deserialize, Serialize};

use crate::trace::Trace;

/// Why an agent could not be built, or why a run failed.
///
/// ```
/// use cicerone_core::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::Configuration, "unknown tool `serch`").with_hint("did you mean `search`?");
/// assert_eq!(error.to_string(), "unknown tool `serch`; did you mean `search`?");
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    hints: Vec<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    trace: Option<Trace>,
}

/// The kind of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The agent is put together wrongly; no run was started.
    Configuration,
    /// The request can't be run: empty, or too long for the model.
    Request,
    /// The model failed.
    Model,
    /// No valid plan came of the tries allowed.
    Plan,
    /// A step failed and nothing is left to try.
    Tool,
    /// The output does not fit the type that was asked for.
    Output,
    /// The journal could not be written or read.
    Memory,
    /// Another worker has gone on with this run.
    Conflict,
    /// What a person said can't be taken: the call does not wait for it, was decided on before, or it does not fit.
    Decision,
    /// The limit of tool calls was reached.
    StepLimit,
    /// The limit of model calls was reached.
    ModelCallLimit,
    /// The limit of tokens was reached.
    TokenLimit,
    /// The limit of wall time was reached.
    TimeLimit,
    /// The same call kept giving the same result.
    Loop,
    /// The run was cancelled.
    Cancelled,
}

impl Error {
    /// An error of this kind; `message` says what went wrong and where.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), hints: Vec::new(), source: None, trace: None }))
    }

    /// Adds what may mend it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds the trace of the run that it ended.
    #[must_use]
    pub fn with_trace(mut self, trace: Trace) -> Self {
        self.0.trace = Some(trace);
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What may mend it.
    #[must_use]
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// The steps up to the failure, if a run had begun.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        self.0.trace.as_ref()
    }
}

/// `name`, or a hint at the closest of `known`: `; did you mean …?`.
pub(crate) fn did_you_mean<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, known)| *distance <= known.len().max(3) / 3)
        .min()
        .map(|(_, known)| format!("did you mean `{known}`?"))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        self.0.hints.iter().try_for_each(|hint| write!(f, "; {hint}"))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What `fn main() -> Result<(), Error>` prints: the sentence, not the struct.
        write!(f, "{self}")?;
        let mut source = self.source();
        while let Some(cause) = source {
            write!(f, "\n  because: {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
