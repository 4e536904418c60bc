//! JSON out of what a model wrote, and whether it is what was asked for.

use cicerone_core::model::{ModelError, ModelErrorKind};
use serde_json::Value;

/// The longest text that is mended, in bytes: mending goes through it many times.
const LONGEST: usize = 256 * 1024;
/// The deepest nesting that is mended: mending calls itself for each level.
const DEEPEST: usize = 96;

/// The JSON value in a text, and whether the text had to be mended for it.
///
/// # Errors
/// A sentence for the model.
pub(crate) fn json(text: &str) -> Result<(Value, bool), String> {
    let text = text.trim();
    let error = match serde_json::from_str(text) {
        Ok(value) => return Ok((value, false)),
        Err(error) => error,
    };
    let Some(begin) = text.find(['{', '[']) else { return Err(format!("it is no JSON: {error}")) };
    let end = text.rfind(['}', ']']).map_or(text.len(), |end| end.saturating_add(1));
    // What stands around it: a fence, or a sentence.
    let inner = text.get(begin..end).or_else(|| text.get(begin..)).unwrap_or(text);
    if let Ok(value) = serde_json::from_str(inner) {
        return Ok((value, true));
    }
    if inner.len() > LONGEST || depth(inner) > DEEPEST {
        return Err(format!("it is no JSON: {error}"));
    }
    let options = llm_json::RepairOptions { ensure_ascii: false, ..llm_json::RepairOptions::default() };
    match llm_json::loads(inner, &options) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => Ok((value, true)),
        _ => Err(format!("it is no JSON: {error}")),
    }
}

/// No nesting is deeper than this.
fn depth(text: &str) -> usize {
    text.bytes().filter(|byte| matches!(byte, b'{' | b'[')).count()
}

/// Why a value can't be used.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// The model can be told and asked again.
    Again(String),
    /// Asking again can't help.
    Final(ModelError),
}

/// Checks a value against a schema.
pub(crate) fn check(value: &Value, schema: &Value) -> Result<(), Wrong> {
    let validator = jsonschema::validator_for(schema).map_err(|error| {
        let message = format!(
            "the schema that the answer must follow is no JSON Schema: {}",
            crate::failure::plain(&error.to_string(), 200)
        );
        Wrong::Final(ModelError::new(ModelErrorKind::Request, message))
    })?;
    let wrong: Vec<String> = validator
        .iter_errors(value)
        .take(3)
        .map(|error| {
            let place = error.instance_path().to_string();
            let what = crate::failure::plain(&error.to_string(), 200);
            if place.is_empty() { what } else { format!("at {place}: {what}") }
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(Wrong::Again(wrong.join("; "))) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn json_is_found_and_mended() {
        let cases = [
            ("{\"a\": 1}", Some((json!({"a": 1}), false))),
            (" 42\n", Some((json!(42), false))),
            ("```json\n{\"a\": 1}\n```", Some((json!({"a": 1}), true))),
            ("Here it is: {\"a\": [1]}. Good?", Some((json!({"a": [1]}), true))),
            ("{'a': 'größe', b: True,}", Some((json!({"a": "größe", "b": true}), true))),
            ("I don't know", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(json(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
        assert!(check(&json!({"a": 1}), &schema).is_ok());
        let Err(Wrong::Again(why)) = check(&json!({"a": "x"}), &schema) else { panic!("it is wrong") };
        assert!(why.contains("/a") && why.contains("integer"), "{why}");
        assert!(matches!(check(&json!(1), &json!({"type": 3})), Err(Wrong::Final(_))));
    }

    #[test]
    fn deep_nesting_is_refused_and_does_not_overflow() {
        assert!(json(&"[".repeat(200_000)).is_err());
        assert!(json(&"{\"a\":".repeat(50_000)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{}:,\"'\\\\a1 /*#\ntrue\u{e4}-]{0,60}") {
            if let Ok((value, false)) = json(&text) {
                prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
            }
        }
    }
}
