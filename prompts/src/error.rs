//! What can be wrong with a prompt.

use std::{error::Error as StdError, fmt};

/// Why a template can't be compiled or rendered: it names the template and the line.
#[derive(Debug)]
pub struct PromptError {
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl PromptError {
    pub(crate) fn file(path: &std::path::Path, error: std::io::Error) -> Self {
        Self {
            message: format!("the template {} can't be read: {error}", path.display()),
            source: Some(Box::new(error)),
        }
    }
}

impl From<minijinja::Error> for PromptError {
    fn from(error: minijinja::Error) -> Self {
        Self { message: error.to_string(), source: Some(Box::new(error)) }
    }
}

impl fmt::Display for PromptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for PromptError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
