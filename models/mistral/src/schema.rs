//! Schemas under which a small model can decode.

use serde_json::{Map, Value, json};

/// The longest text where a schema sets no limit, in characters. An unbounded text can loop until the context is full.
const TEXT: u64 = 400;
/// The most items of a list where a schema sets no limit.
const ITEMS: u64 = 24;

/// The schema with every text and list bounded, formats that the engine does not know written as patterns, and white
/// space switched off, on which a small model spends up to two fifths of its tokens.
pub(crate) fn bounded(schema: &Value) -> Value {
    let mut schema = bound(schema);
    if let Value::Object(object) = &mut schema {
        object.insert("x-guidance".into(), json!({ "whitespace_flexible": false }));
    }
    schema
}

fn bound(schema: &Value) -> Value {
    let Value::Object(object) = schema else { return schema.clone() };
    let mut bounded = Map::with_capacity(object.len());
    for (key, value) in object {
        let value = match (key.as_str(), value) {
            ("properties" | "$defs" | "definitions", Value::Object(inner)) => {
                Value::Object(inner.iter().map(|(name, schema)| (name.clone(), bound(schema))).collect())
            }
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(all)) => {
                Value::Array(all.iter().map(bound).collect())
            }
            ("items" | "additionalProperties", inner) => bound(inner),
            // Widths of integers such as `uint32` are no formats of text.
            ("format" | "default" | "$schema" | "title", _) => continue,
            (_, value) if key.starts_with("x-") => {
                let _ = value;
                continue;
            }
            (_, value) => value.clone(),
        };
        bounded.insert(key.clone(), value);
    }
    let is = |kind: &str| match object.get("type") {
        Some(Value::String(only)) => only == kind,
        Some(Value::Array(several)) => several.iter().any(|one| one == kind),
        _ => false,
    };
    if is("string") && !object.contains_key("enum") && !object.contains_key("const") {
        match object.get("format").and_then(Value::as_str) {
            Some("date") => {
                bounded.insert("pattern".into(), json!("^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"))
            }
            Some("time" | "partial-time") => {
                bounded.insert("pattern".into(), json!("^([01][0-9]|2[0-3]):[0-5][0-9]:00$"))
            }
            _ if object.contains_key("pattern") || object.contains_key("maxLength") => None,
            _ => bounded.insert("maxLength".into(), json!(TEXT)),
        };
    }
    if is("array") && !object.contains_key("maxItems") {
        bounded.insert("maxItems".into(), json!(ITEMS));
    }
    Value::Object(bounded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_bounded() {
        let schema = json!({
            "type": "object",
            "properties": {
                "day": { "type": ["string", "null"], "format": "date" },
                "names": { "type": "array", "items": { "type": "string", "x-composed": true } },
                "count": { "type": "integer", "format": "uint32", "minimum": 0 },
            },
        });
        let bounded = bounded(&schema);
        assert_eq!(bounded["properties"]["names"]["maxItems"], ITEMS);
        assert_eq!(bounded["properties"]["names"]["items"], json!({ "type": "string", "maxLength": TEXT }));
        assert!(bounded["properties"]["day"]["pattern"].is_string());
        assert_eq!(bounded["properties"]["count"], json!({ "type": "integer", "minimum": 0 }));
        assert_eq!(bounded["x-guidance"]["whitespace_flexible"], false);
    }
}
