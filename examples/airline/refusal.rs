//! Why the airline does not do what it was asked for.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::json::quoted;

/// What the airline says instead of a result; shown behind `Error: `.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Refusal(String);

impl Refusal {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A name that isn't where it is looked for.
    pub(crate) fn missing(name: &str) -> Self {
        Self(quoted(name))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error: {}", self.0)
    }
}

/// Fields of records, whose lack is a refusal.
pub(crate) trait Fields {
    fn field(&self, name: &str) -> Result<&Value, Refusal>;

    fn text(&self, name: &str) -> Result<&str, Refusal> {
        self.field(name)?.as_str().ok_or_else(|| Refusal::new(format!("{} is not a text", quoted(name))))
    }

    fn list(&self, name: &str) -> Result<&Vec<Value>, Refusal> {
        self.field(name)?.as_array().ok_or_else(|| Refusal::new(format!("{} is not a list", quoted(name))))
    }

    fn record(&self, name: &str) -> Result<&Map<String, Value>, Refusal> {
        record(self.field(name)?)
    }
}

impl Fields for Map<String, Value> {
    fn field(&self, name: &str) -> Result<&Value, Refusal> {
        self.get(name).ok_or_else(|| Refusal::missing(name))
    }
}

/// The fields of a value that has some.
pub(crate) fn record(value: &Value) -> Result<&Map<String, Value>, Refusal> {
    value.as_object().ok_or_else(|| Refusal::new(format!("{value} has no fields")))
}
