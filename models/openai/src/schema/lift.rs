//! Values as a schema wants them, out of values as its strict form does.

use serde_json::{Map, Value};

use super::is_type;

/// Takes out each `null` that only stands for a field left out.
///
/// Of several variants the first is taken for which the value is then valid.
pub(crate) fn lift(value: Value, schema: &Value) -> Value {
    if let Some(variants) = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array) {
        let lifted = variants.iter().find_map(|variant| {
            let lifted = lift(value.clone(), variant);
            jsonschema::validator_for(variant).is_ok_and(|valid| valid.is_valid(&lifted)).then_some(lifted)
        });
        return lifted.unwrap_or(value);
    }
    match (value, schema) {
        (Value::Object(fields), schema) if let Some(Value::Object(properties)) = schema.get("properties") => {
            Value::Object(fields_of(fields, properties, schema))
        }
        // A tool without arguments is called with an empty object.
        (Value::Object(fields), schema) if fields.is_empty() && is_type(schema, "null") => Value::Null,
        (Value::Array(items), schema) if let Some(inner) = schema.get("items") => {
            Value::Array(items.into_iter().map(|item| lift(item, inner)).collect())
        }
        (value, _) => value,
    }
}

fn fields_of(fields: Map<String, Value>, properties: &Map<String, Value>, schema: &Value) -> Map<String, Value> {
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|required| required.iter().any(|one| one == name));
    fields
        .into_iter()
        .filter(|(name, value)| {
            let stands_for_nothing =
                || properties.get(name).is_some_and(|schema| !is_required(name) && !lets_null_through(schema));
            !value.is_null() || !stands_for_nothing()
        })
        .map(|(name, value)| {
            let value = match properties.get(&name) {
                Some(schema) => lift(value, schema),
                None => value,
            };
            (name, value)
        })
        .collect()
}

fn lets_null_through(schema: &Value) -> bool {
    let any = |key: &str, test: fn(&Value) -> bool| {
        schema.get(key).and_then(Value::as_array).is_some_and(|all| all.iter().any(test))
    };
    is_type(schema, "null")
        || any("enum", Value::is_null)
        || any("anyOf", lets_null_through)
        || any("oneOf", lets_null_through)
        || schema.get("const").is_some_and(Value::is_null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nulls_that_stand_for_nothing_are_taken_out() {
        let schema = json!({
            "type": "object", "required": ["must"],
            "properties": {
                "must": {"type": ["string", "null"]},
                "may": {"type": "string"},
                "null": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "list": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "integer"}}}},
                "either": {"anyOf": [
                    {"type": "object", "required": ["a"], "properties": {"a": {"const": 1}}},
                    {"type": "object", "required": ["a"], "properties": {"a": {"const": 2}, "b": {"type": "string"}}},
                ]},
            },
        });
        let value = json!({"must": null, "may": null, "null": null, "list": [{"x": null}, {"x": 1}], "either": {"a": 2, "b": null}});
        let lifted = json!({"must": null, "null": null, "list": [{}, {"x": 1}], "either": {"a": 2}});
        assert_eq!(lift(value, &schema), lifted);
        assert_eq!(lift(json!({}), &json!({"type": "null"})), Value::Null);
    }
}
