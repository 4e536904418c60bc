//! Schemas as each kind of server takes them.

mod bounded;
mod lift;
mod strict;

use cicerone_core::tool::closed_object;
use serde_json::{Map, Value};

pub(crate) use lift::lift;

use crate::dialect::Dialect;

/// A schema as it is sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lowered {
    pub(crate) schema: Value,
    /// Whether the server holds decoding to it.
    pub(crate) strict: bool,
    /// Whether what is described is the field `value` of an object: OpenAI wants an object at the root.
    pub(crate) wrapped: bool,
}

/// The field of an object that stands around what is no object.
const VALUE: &str = "value";

/// A schema of a whole answer.
pub(crate) fn of_answer(schema: &Value, dialect: Dialect, may_be_strict: bool) -> Lowered {
    if dialect == Dialect::LlamaCpp {
        return Lowered { schema: bounded::bounded(schema), strict: true, wrapped: false };
    }
    let wrapped = schema.get("properties").is_none();
    let whole = if wrapped { wrap(schema) } else { schema.clone() };
    match strict::strict(&whole).filter(|_| may_be_strict) {
        Some(schema) => Lowered { schema, strict: true, wrapped },
        None => Lowered { schema: whole, strict: false, wrapped },
    }
}

/// A schema of a tool's arguments, which are an object always.
pub(crate) fn of_arguments(schema: &Value, dialect: Dialect, may_be_strict: bool) -> Lowered {
    let nothing;
    let schema = if schema.get("properties").is_none() && is_type(schema, "null") {
        nothing = closed_object(Map::new());
        &nothing
    } else {
        schema
    };
    match dialect {
        Dialect::LlamaCpp => Lowered { schema: bounded::bounded(schema), strict: false, wrapped: false },
        _ => match strict::strict(schema).filter(|_| may_be_strict) {
            Some(schema) => Lowered { schema, strict: true, wrapped: false },
            None => Lowered { schema: schema.clone(), strict: false, wrapped: false },
        },
    }
}

/// Takes the object away that [`of_answer`] put around a value.
pub(crate) fn unwrap(mut value: Value) -> Value {
    match &mut value {
        Value::Object(object) if object.len() == 1 => object.get_mut(VALUE).map(Value::take).unwrap_or(value),
        _ => value,
    }
}

fn wrap(schema: &Value) -> Value {
    let mut inner = schema.clone();
    // References are from the root, so definitions have to stay there.
    let definitions = inner.as_object_mut().and_then(|object| object.shift_remove("$defs"));
    let mut outer = closed_object(Map::from_iter([(VALUE.to_owned(), inner)]));
    if let (Some(definitions), Value::Object(outer)) = (definitions, &mut outer) {
        outer.insert("$defs".into(), definitions);
    }
    outer
}

/// Whether a schema lets values of this type through by its `type`.
fn is_type(schema: &Value, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(only)) => only == kind,
        Some(Value::Array(several)) => several.iter().any(|one| one == kind),
        _ => false,
    }
}

/// The pattern that stands for a format of text that servers understand otherwise: theirs has a time zone.
fn pattern_of(format: &str) -> Option<&'static str> {
    match format {
        "time" | "partial-time" => Some("^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_no_object_is_wrapped_for_openai() {
        let schema = json!({"type": "array", "items": {"type": "integer"}});
        let lowered = of_answer(&schema, Dialect::OpenAi, true);
        assert!(lowered.wrapped && lowered.strict);
        assert_eq!(lowered.schema["properties"]["value"], schema);
        assert_eq!(unwrap(json!({"value": [1, 2]})), json!([1, 2]));
        assert_eq!(unwrap(json!({"a": 1, "value": 2})), json!({"a": 1, "value": 2}));
        assert!(!of_answer(&schema, Dialect::LlamaCpp, true).wrapped);
    }

    #[test]
    fn a_tool_without_arguments_takes_an_empty_object() {
        let lowered = of_arguments(&json!({"type": "null"}), Dialect::OpenAi, true);
        assert_eq!(lowered.schema, closed_object(Map::new()));
        assert!(lowered.strict);
    }
}
