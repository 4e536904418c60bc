//! Schemas under OpenAI's rules for `strict`.
//!
//! Each object lists all its fields as required and closes itself; a field that may be left out may be `null` instead.
//! Limits that the rules don't know, such as `maxLength`, are dropped: answers are checked against the schema as it
//! was. A schema that can't be said under the rules stays as it is, and `strict` is not asked for.

use serde_json::{Map, Value, json};

use super::pattern_of;

/// How deep objects may be nested.
const DEPTH: usize = 10;
/// The most fields in all.
const FIELDS: usize = 5_000;
/// The most values of enumerations in all.
const VALUES: usize = 1_000;

/// The schema under the rules of `strict`, if it can be said under them.
pub(super) fn strict(schema: &Value) -> Option<Value> {
    schema.get("properties")?;
    Lowering::default().schema(schema, 0)
}

#[derive(Default)]
struct Lowering {
    fields: usize,
    values: usize,
}

impl Lowering {
    fn schema(&mut self, schema: &Value, depth: usize) -> Option<Value> {
        const UNSAYABLE: [&str; 9] = [
            "allOf",
            "not",
            "if",
            "then",
            "patternProperties",
            "prefixItems",
            "dependentRequired",
            "dependentSchemas",
            "contains",
        ];
        let object = schema.as_object()?;
        if depth > DEPTH || UNSAYABLE.iter().any(|key| object.contains_key(*key)) {
            return None;
        }
        let mut all = Map::new();
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            return reference.starts_with("#/$defs/").then(|| json!({ "$ref": reference }));
        }
        if let Some(description) = object.get("description") {
            all.insert("description".into(), description.clone());
        }
        if let Some(definitions) = object.get("$defs") {
            let definitions = definitions.as_object()?.iter();
            let lowered = definitions.map(|(name, schema)| Some((name.clone(), self.schema(schema, depth)?)));
            all.insert("$defs".into(), Value::Object(lowered.collect::<Option<_>>()?));
        }
        if let Some(variants) = object.get("anyOf").or_else(|| object.get("oneOf")) {
            // Beside variants, fields would hold for each of them: to say that, the variants had to be rewritten.
            if object.contains_key("properties") {
                return None;
            }
            let variants = variants.as_array()?.iter().map(|variant| self.schema(variant, depth));
            all.insert("anyOf".into(), Value::Array(variants.collect::<Option<_>>()?));
            return Some(Value::Object(all));
        }
        let listed = object.get("enum").and_then(Value::as_array).map(Vec::as_slice);
        if let Some(values) = listed.or_else(|| object.get("const").map(std::slice::from_ref)) {
            self.values = self.values.saturating_add(values.len());
            // A type is wanted even where the values tell it.
            all.insert("type".into(), types_of(values)?);
            all.insert("enum".into(), values.into());
            return (self.values <= VALUES).then_some(Value::Object(all));
        }
        let kind = object.get("type")?;
        all.insert("type".into(), kind.clone());
        let has =
            |name: &str| kind == name || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == name));
        if has("object") {
            self.fields_of(object, &mut all, depth)?;
        }
        if has("array") {
            all.insert("items".into(), self.schema(object.get("items")?, depth.saturating_add(1))?);
        }
        for key in [
            "minItems",
            "maxItems",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "pattern",
        ] {
            if let Some(value) = object.get(key) {
                all.insert(key.into(), value.clone());
            }
        }
        if has("string")
            && let Some(format) = object.get("format").and_then(Value::as_str)
        {
            const KNOWN: [&str; 8] = ["date-time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"];
            if let Some(pattern) = pattern_of(format) {
                all.entry("pattern").or_insert(json!(pattern));
            } else if KNOWN.contains(&format) {
                all.insert("format".into(), json!(format));
            }
        }
        Some(Value::Object(all))
    }

    fn fields_of(&mut self, object: &Map<String, Value>, all: &mut Map<String, Value>, depth: usize) -> Option<()> {
        // A map has names that the schema does not list.
        if object.get("additionalProperties").is_some_and(|open| *open != Value::Bool(false)) {
            return None;
        }
        let none = Map::new();
        let properties = match object.get("properties") {
            Some(properties) => properties.as_object()?,
            None => object.get("additionalProperties").map(|_| &none)?,
        };
        self.fields = self.fields.saturating_add(properties.len());
        if self.fields > FIELDS {
            return None;
        }
        let required = object.get("required").and_then(Value::as_array);
        let lowered = properties.iter().map(|(name, schema)| {
            let lowered = self.schema(schema, depth.saturating_add(1))?;
            let needed = required.is_some_and(|required| required.iter().any(|one| one == name.as_str()));
            Some((name.clone(), if needed { lowered } else { or_null(lowered) }))
        });
        let lowered: Map<String, Value> = lowered.collect::<Option<_>>()?;
        all.insert("required".into(), lowered.keys().map(|name| json!(name)).collect());
        all.insert("properties".into(), Value::Object(lowered));
        all.insert("additionalProperties".into(), json!(false));
        Some(())
    }
}

/// The schema, `null` let through too.
fn or_null(schema: Value) -> Value {
    let null = |schema: &Value| super::is_type(schema, "null");
    let variants = schema.get("anyOf").and_then(Value::as_array);
    if null(&schema) || variants.is_some_and(|variants| variants.iter().any(null)) {
        return schema;
    }
    json!({ "anyOf": [schema, { "type": "null" }] })
}

/// The types of these values, each once.
fn types_of(values: &[Value]) -> Option<Value> {
    let mut kinds: Vec<&str> = Vec::new();
    for value in values {
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) | Value::Object(_) => return None,
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    match kinds.as_slice() {
        [] => None,
        [only] => Some(json!(only)),
        several => Some(json!(several)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_required_and_may_be_null_where_it_could_be_left_out() {
        let schema = json!({
            "$schema": "x", "title": "T", "type": "object", "required": ["a"],
            "properties": {
                "a": {"type": "string", "maxLength": 9, "x-composed": true},
                "b": {"type": ["integer", "null"], "format": "int32", "minimum": 0},
                "c": {"oneOf": [{"const": "x", "description": "d"}, {"const": "y"}], "default": "x"},
                "d": {"type": "string", "format": "partial-time"},
            },
        });
        let lowered = strict(&schema).unwrap();
        assert_eq!(lowered["required"], json!(["a", "b", "c", "d"]));
        assert_eq!(lowered["additionalProperties"], json!(false));
        assert_eq!(lowered["properties"]["a"], json!({"type": "string"}));
        assert_eq!(lowered["properties"]["b"], json!({"type": ["integer", "null"], "minimum": 0}));
        let words = json!({"anyOf": [{"description": "d", "type": "string", "enum": ["x"]}, {"type": "string", "enum": ["y"]}]});
        assert_eq!(lowered["properties"]["c"], json!({"anyOf": [words, {"type": "null"}]}));
        assert!(lowered["properties"]["d"]["anyOf"][0]["pattern"].is_string());
        assert!(lowered.get("title").is_none() && lowered.get("$schema").is_none());
    }

    #[test]
    fn what_the_rules_cannot_say_is_left_alone() {
        let field = |schema: Value| json!({"type": "object", "properties": {"a": schema}, "required": ["a"]});
        let cases = [
            json!({"type": "object", "additionalProperties": {"type": "string"}}),
            json!({"type": "object"}),
            json!({"allOf": [{"type": "string"}]}),
            json!(true),
            json!({}),
            json!({"type": "array"}),
            json!({"enum": []}),
            json!({"anyOf": [{"type": "string"}], "properties": {}}),
            json!({"enum": (0..1001).collect::<Vec<u32>>()}),
        ];
        for schema in cases {
            assert_eq!(strict(&field(schema.clone())), None, "{schema}");
        }
        let deep = (0..12).fold(json!({"type": "string"}), |inner, _| field(inner));
        assert_eq!(strict(&deep), None);
        assert_eq!(strict(&json!({"anyOf": []})), None);
    }
}
