//! What must not leave: a function that changes texts and values before they are exported.

use std::{fmt, sync::Arc};

use serde_json::Value;

use crate::message::Role;

/// Where a value stands that may have to be redacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place<'p> {
    /// What is said: a text.
    Message(Role),
    /// An argument of a call.
    Argument {
        /// The tool.
        tool: &'p str,
        /// The argument.
        name: &'p str,
    },
    /// What a tool returned, or why it did not: a text then.
    Output {
        /// The tool.
        tool: &'p str,
    },
}

/// Changes each text in a value, however deep it lies; the names of fields stay.
///
/// ```
/// use cicerone_core::export::each_text;
/// use serde_json::json;
///
/// let mut value = json!({"who": ["Ada"], "seats": 2});
/// each_text(&mut value, &mut |text| *text = text.replace("Ada", "someone"));
/// assert_eq!(value, json!({"who": ["someone"], "seats": 2}));
/// ```
pub fn each_text(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(fields) => fields.values_mut().for_each(|field| each_text(field, change)),
        _ => {}
    }
}

/// All that is to be done to each value, in order.
#[derive(Clone, Default)]
pub(super) struct Redactions(Vec<Arc<Redaction>>);

type Redaction = dyn Fn(Place<'_>, &mut Value) + Send + Sync;

impl Redactions {
    pub(super) fn add(&mut self, redaction: impl Fn(Place<'_>, &mut Value) + Send + Sync + 'static) {
        self.0.push(Arc::new(redaction));
    }

    pub(super) fn value(&self, place: Place<'_>, mut value: Value) -> Value {
        self.0.iter().for_each(|redaction| redaction(place, &mut value));
        value
    }

    pub(super) fn text(&self, place: Place<'_>, text: impl Into<String>) -> String {
        match self.value(place, Value::String(text.into())) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }
}

impl fmt::Debug for Redactions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactions({})", self.0.len())
    }
}
