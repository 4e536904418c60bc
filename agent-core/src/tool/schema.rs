//! Schemas of Rust types, and paths into the values that they describe.

use std::fmt;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The JSON Schema of `S`, all in one piece: no `$ref` unless the type is recursive, no title.
///
/// ```
/// use cicerone_core::tool::schema_of;
///
/// assert_eq!(schema_of::<bool>()["type"], "boolean");
/// ```
#[must_use]
pub fn schema_of<S: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<S>().to_value();
    if let Value::Object(object) = &mut schema {
        object.shift_remove("title");
    }
    schema
}

/// The schema of an object with exactly these fields.
///
/// ```
/// use cicerone_core::tool::closed_object;
/// use serde_json::{Map, json};
///
/// let schema = closed_object(Map::from_iter([("seats".to_owned(), json!({"type": "integer"}))]));
/// assert_eq!(schema["required"], json!(["seats"]));
/// assert_eq!(schema["additionalProperties"], false);
/// ```
#[must_use]
pub fn closed_object(properties: Map<String, Value>) -> Value {
    let names: Vec<&String> = properties.keys().collect();
    json!({ "type": "object", "required": names, "properties": properties, "additionalProperties": false })
}

/// A path from a JSON value to the values of a field in it, such as `flights[].flight_id` or `[].price`.
///
/// ```
/// use cicerone_core::tool::Path;
/// use serde_json::json;
///
/// let path: Path = "flights[].id".parse()?;
/// let output = json!({"flights": [{"id": "A"}, {"id": "B"}]});
/// assert_eq!(path.values(&output), [&json!("A"), &json!("B")]);
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Path(Vec<Segment>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Segment {
    Field(String),
    Items,
}

impl Segment {
    fn schema<'s>(&self, schema: &'s Value) -> Option<&'s Value> {
        match self {
            Segment::Field(name) => schema.get("properties")?.get(name),
            Segment::Items => schema.get("items"),
        }
    }
}

impl Path {
    /// All values that the path reaches, in order.
    #[must_use]
    pub fn values<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        let mut reached = vec![value];
        for segment in &self.0 {
            reached = match segment {
                Segment::Field(name) => reached.iter().filter_map(|value| value.get(name)).collect(),
                Segment::Items => reached.iter().filter_map(|value| value.as_array()).flatten().collect(),
            };
        }
        reached
    }

    /// The part of `schema` that describes what the path reaches.
    #[must_use]
    pub fn schema<'s>(&self, schema: &'s Value) -> Option<&'s Value> {
        self.0.iter().try_fold(schema, |schema, segment| segment.schema(schema))
    }

    /// The fields of `schema` at the place from which the path leads nowhere.
    pub(crate) fn fields_at_its_end<'s>(&self, mut schema: &'s Value) -> Vec<&'s str> {
        for segment in &self.0 {
            match segment.schema(schema) {
                Some(next) => schema = next,
                None => break,
            }
        }
        let fields = schema.get("properties").and_then(Value::as_object);
        fields.into_iter().flat_map(|fields| fields.keys().map(String::as_str)).collect()
    }

    /// The path to the items of the innermost list, and the path from an item to the value.
    ///
    /// `flights[].flight_id` is `flights[]` and `flight_id`. A path without a list is all in the second part.
    #[must_use]
    pub fn split_at_items(&self) -> (Path, Path) {
        let cut = self.0.iter().rposition(|segment| *segment == Segment::Items).map_or(0, |at| at + 1);
        let (items, field) = self.0.split_at(cut);
        (Path(items.to_vec()), Path(field.to_vec()))
    }

    /// This path, continued by `rest`.
    #[must_use]
    pub fn join(&self, rest: &Path) -> Path {
        Path(self.0.iter().chain(&rest.0).cloned().collect())
    }

    /// Whether it leads nowhere but to the value itself.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn field(name: impl Into<String>) -> Path {
        Path(vec![Segment::Field(name.into())])
    }

    pub(crate) fn items() -> Path {
        Path(vec![Segment::Items])
    }
}

impl std::str::FromStr for Path {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut segments = Vec::new();
        for piece in text.split('.').filter(|piece| !piece.is_empty()) {
            let name = piece.trim_end_matches("[]");
            if name.contains(['[', ']', ' ']) {
                return Err(format!("`{piece}` in the path `{text}` is not a field; write `field`, `list[]` or `[]`"));
            }
            if !name.is_empty() {
                segments.push(Segment::Field(name.to_owned()));
            }
            segments.extend((0..(piece.len() - name.len()) / 2).map(|_| Segment::Items));
        }
        Ok(Self(segments))
    }
}

impl TryFrom<String> for Path {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Path> for String {
    fn from(path: Path) -> String {
        path.to_string()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Field(name) if at > 0 => write!(f, ".{name}")?,
                Segment::Field(name) => f.write_str(name)?,
                Segment::Items => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_they_are_written() {
        for text in ["", "[]", "[].price", "flights[].flight_id", "a.b[].c.d[]"] {
            assert_eq!(text.parse::<Path>().unwrap().to_string(), text);
        }
        assert!("flights[0].id".parse::<Path>().unwrap_err().contains("`flights[0]`"));
    }
}
