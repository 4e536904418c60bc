//! Schemas for llama.cpp, which makes a grammar of them.

use serde_json::{Map, Value, json};

use super::{is_type, pattern_of};

/// The longest text where a schema sets no limit, in characters. A small model can repeat itself until the limit of
/// output tokens cuts its JSON.
const TEXT: u64 = 400;
/// The most items of a list where a schema sets no limit.
const ITEMS: u64 = 24;

/// The schema with every text and list bounded, and without what only this framework reads.
pub(super) fn bounded(schema: &Value) -> Value {
    let Value::Object(object) = schema else { return schema.clone() };
    let mut all = Map::with_capacity(object.len());
    for (key, value) in object {
        let value = match (key.as_str(), value) {
            ("properties" | "$defs" | "definitions", Value::Object(inner)) => {
                Value::Object(inner.iter().map(|(name, schema)| (name.clone(), bounded(schema))).collect())
            }
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(inner)) => {
                Value::Array(inner.iter().map(bounded).collect())
            }
            ("items" | "additionalProperties", inner) => bounded(inner),
            ("default" | "$schema" | "title" | "examples", _) => continue,
            // Widths of integers such as `uint32` are no formats of text.
            ("format", Value::String(format)) if !matches!(format.as_str(), "date" | "date-time" | "uuid") => continue,
            (key, _) if key.starts_with("x-") => continue,
            (_, value) => value.clone(),
        };
        all.insert(key.clone(), value);
    }
    let free = !["enum", "const", "pattern", "maxLength"].iter().any(|key| object.contains_key(*key));
    if is_type(schema, "string") && free {
        match object.get("format").and_then(Value::as_str) {
            Some("date" | "date-time" | "uuid") => {}
            Some(format) if let Some(pattern) = pattern_of(format) => {
                all.insert("pattern".into(), json!(pattern));
            }
            _ => {
                all.insert("maxLength".into(), json!(TEXT));
            }
        }
    }
    if is_type(schema, "array") && !object.contains_key("maxItems") {
        all.insert("maxItems".into(), json!(ITEMS));
    }
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_bounded() {
        let schema = json!({
            "type": "object",
            "properties": {
                "day": {"type": "string", "format": "date"},
                "at": {"type": ["string", "null"], "format": "partial-time"},
                "names": {"type": "array", "items": {"type": "string", "x-composed": true}},
                "count": {"type": "integer", "format": "uint32", "minimum": 0},
            },
        });
        let bounded = bounded(&schema);
        let properties = &bounded["properties"];
        assert_eq!(properties["day"], json!({"type": "string", "format": "date"}));
        assert!(properties["at"]["pattern"].is_string() && properties["at"]["format"].is_null());
        assert_eq!(properties["names"]["maxItems"], ITEMS);
        assert_eq!(properties["names"]["items"], json!({"type": "string", "maxLength": TEXT}));
        assert_eq!(properties["count"], json!({"type": "integer", "minimum": 0}));
    }
}
