//! What a planner knows of a tool: its schemas, read once into arguments and orderings.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Effect, Path};

/// A tool as planners and models see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ToolSpec {
    /// The name by which models call it.
    pub name: String,
    /// What it does.
    pub description: String,
    /// What may happen twice.
    pub effect: Effect,
    /// The JSON Schema of the arguments.
    pub args_schema: Value,
    /// The JSON Schema of the output.
    pub output_schema: Value,
    /// The arguments, in the order of the struct's fields.
    pub arguments: Vec<Argument>,
    /// The list in the output that later steps choose from, if there is one.
    pub items: Option<OutputItems>,
}

/// One argument of a tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: Option<String>,
    /// Whether a call without it is invalid.
    pub required: bool,
    /// What values it takes.
    pub kind: ArgumentKind,
    /// The earlier argument that is another field of the same item: `seats` follows `flight` where both are grounded
    /// in what one search found, so whoever chooses the flight has chosen its seats.
    #[serde(default)]
    pub follows: Option<String>,
    /// Its part of the tool's schema, without `null`.
    pub schema: Value,
}

/// What values an [`Argument`] takes, as far as a planner treats them apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ArgumentKind {
    /// Only a value that occurs at `path` in an earlier output of `tool`.
    Grounded {
        /// The tool whose output has to have been seen.
        tool: String,
        /// Where in that output.
        path: Path,
    },
    /// A calendar date.
    Date,
    /// A time of day.
    Time,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// One of these words.
    Choice(Vec<String>),
    /// Text that the request must contain.
    Quote,
    /// Text that the model composes, marked with the schema extension `"x-composed": true`.
    Composed,
    /// Anything else that its schema allows.
    Json,
}

/// A list in a tool's output, and how its items can be ordered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputItems {
    /// The path to the items: `[]` or `flights[]`.
    pub path: Path,
    /// The words for 'the first by this field'.
    pub orderings: Vec<Ordering>,
    /// The words for 'at most so much of this field, all that is chosen together'.
    #[serde(default)]
    pub limits: Vec<Limited>,
}

/// A word that limits a sum: what a plan chooses may together have at most so much of a field.
///
/// An output's field declares its word with the schema extension `x-limit`:
/// `#[schemars(extend("x-limit" = "budget"))] price: f64`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limited {
    /// The word, such as `budget`.
    pub word: String,
    /// The field, from an item.
    pub field: Path,
    /// What the limit counts, if the field declares it with `x-unit`.
    #[serde(default)]
    pub unit: Option<String>,
}

/// A word that chooses one item of a list: the one with the lowest or the highest value of a field.
///
/// An output's field declares its words with the schema extensions `x-lowest` and `x-highest`:
/// `#[schemars(extend("x-lowest" = "cheapest"))] price: f64`. A list whose fields declare none gets `lowest_FIELD`
/// and `highest_FIELD` for each number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordering {
    /// The word, such as `cheapest`.
    pub word: String,
    /// The field, from an item.
    pub field: Path,
    /// Whether the highest value is meant.
    pub highest: bool,
}

impl Argument {
    /// What a number given for it counts, if that is declared with the schema extension `x-unit`.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        self.schema.get("x-unit").and_then(Value::as_str)
    }

    /// Whether it takes a list.
    #[must_use]
    pub fn takes_list(&self) -> bool {
        self.schema.get("type").and_then(Value::as_str) == Some("array")
    }
}

impl ToolSpec {
    /// Reads the schemas of a tool.
    ///
    /// # Errors
    /// A sentence that says what to change: a name that models can't write, arguments that aren't a struct, an
    /// empty description, a grounding that isn't `tool.path`.
    pub fn new(
        name: &str,
        description: &str,
        effect: Effect,
        args_schema: Value,
        output_schema: Value,
    ) -> Result<Self, String> {
        if name.is_empty()
            || name.len() > 64
            || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            || name.starts_with(|c: char| c.is_ascii_digit())
        {
            return Err(format!(
                "the tool name `{name}` can't be written by every model; use up to 64 lower-case letters, digits and `_`, and no digit first"
            ));
        }
        if description.trim().is_empty() {
            return Err(format!("the tool `{name}` has no description; models choose tools by it"));
        }
        let arguments = read_arguments(name, &args_schema)?;
        let items = find_items(&output_schema);
        Ok(Self {
            name: name.to_owned(),
            description: description.trim().to_owned(),
            effect,
            args_schema,
            output_schema,
            arguments,
            items,
        })
    }

    /// The argument of this name.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|argument| argument.name == name)
    }

    /// Whether it changes the world.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.effect != Effect::Read
    }
}

fn read_arguments(tool: &str, schema: &Value) -> Result<Vec<Argument>, String> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        if schema.get("type").and_then(Value::as_str) == Some("object")
            || schema.get("type").and_then(Value::as_str) == Some("null")
        {
            return Ok(Vec::new());
        }
        return Err(format!("the arguments of `{tool}` are no struct; put them in a struct with named fields"));
    };
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut arguments: Vec<Argument> = Vec::with_capacity(properties.len());
    for (name, schema) in properties {
        let schema = without_null(schema);
        let kind = kind_of(tool, name, &schema)?;
        arguments.push(Argument {
            name: name.clone(),
            description: schema.get("description").and_then(Value::as_str).map(str::to_owned),
            required: required.contains(&name.as_str()),
            follows: followed(&kind, &arguments),
            kind,
            schema,
        });
    }
    Ok(arguments)
}

/// The first of the `earlier` arguments that is another field of the items in which `kind` is grounded.
fn followed(kind: &ArgumentKind, earlier: &[Argument]) -> Option<String> {
    let ArgumentKind::Grounded { tool, path } = kind else { return None };
    let (items, field) = path.split_at_items();
    earlier.iter().find_map(|argument| match &argument.kind {
        ArgumentKind::Grounded { tool: of, path } if of == tool && argument.follows.is_none() => {
            let (same_items, other_field) = path.split_at_items();
            (same_items == items && other_field != field).then(|| argument.name.clone())
        }
        _ => None,
    })
}

/// The schema of `T` out of the schema of `Option<T>`.
fn without_null(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let Some(object) = schema.as_object_mut() else { return schema };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(Value::Array(variants)) = object.get(key) {
            let rest: Vec<Value> =
                variants.iter().filter(|v| v.get("type").and_then(Value::as_str) != Some("null")).cloned().collect();
            if let ([Value::Object(only)], true) = (rest.as_slice(), rest.len() < variants.len()) {
                object.shift_remove(key);
                let outer = std::mem::replace(object, only.clone());
                object.extend(outer);
                break;
            }
        }
    }
    schema
}

fn kind_of(tool: &str, name: &str, schema: &Value) -> Result<ArgumentKind, String> {
    if let Some(grounding) = schema.get("x-grounded").and_then(Value::as_str) {
        let wrong =
            || format!("`{name}` of `{tool}` is grounded in `{grounding}`; write `tool.path`, such as `search[].id`");
        let cut = grounding.find(['.', '[']).ok_or_else(wrong)?;
        let (source, path) = grounding.split_at(cut);
        let path = path.parse::<Path>().map_err(|why| format!("`{name}` of `{tool}` is grounded wrongly: {why}"))?;
        if source.is_empty() || path.is_empty() {
            return Err(wrong());
        }
        return Ok(ArgumentKind::Grounded { tool: source.to_owned(), path });
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array)
        && words.iter().all(Value::is_string)
    {
        return Ok(ArgumentKind::Choice(words.iter().filter_map(Value::as_str).map(str::to_owned).collect()));
    }
    if let Some(variants) = schema.get("oneOf").and_then(Value::as_array) {
        let words: Vec<String> =
            variants.iter().filter_map(|v| v.get("const").and_then(Value::as_str)).map(str::to_owned).collect();
        if !words.is_empty() && words.len() == variants.len() {
            return Ok(ArgumentKind::Choice(words));
        }
    }
    let format = schema.get("format").and_then(Value::as_str);
    Ok(match schema.get("type").and_then(Value::as_str) {
        Some("string") => match format {
            Some("date") => ArgumentKind::Date,
            Some("time" | "partial-time") => ArgumentKind::Time,
            _ if schema.get("x-composed") == Some(&Value::Bool(true)) => ArgumentKind::Composed,
            _ => ArgumentKind::Quote,
        },
        Some("integer") => ArgumentKind::Integer,
        Some("number") => ArgumentKind::Number,
        Some("boolean") => ArgumentKind::Boolean,
        _ => ArgumentKind::Json,
    })
}

/// The first list of objects in an output: the output itself, or a field of it.
fn find_items(schema: &Value) -> Option<OutputItems> {
    let is_list = |schema: &Value| schema.get("items").and_then(|items| items.get("properties")).is_some();
    let path = if is_list(schema) {
        Path::items()
    } else {
        let (name, _) = schema.get("properties")?.as_object()?.iter().find(|(_, schema)| is_list(schema))?;
        Path::field(name).join(&Path::items())
    };
    let fields = path.schema(schema)?.get("properties")?.as_object()?;
    let declared: Vec<Ordering> = fields
        .iter()
        .flat_map(|(name, schema)| {
            [("x-lowest", false), ("x-highest", true)].into_iter().filter_map(move |(key, highest)| {
                let word = schema.get(key)?.as_str()?.to_owned();
                Some(Ordering { word, field: Path::field(name), highest })
            })
        })
        .collect();
    let orderings = if declared.is_empty() { by_field_names(fields) } else { declared };
    let limits = fields
        .iter()
        .filter_map(|(name, schema)| {
            let unit = schema.get("x-unit").and_then(Value::as_str).map(str::to_owned);
            Some(Limited { word: schema.get("x-limit")?.as_str()?.to_owned(), field: Path::field(name), unit })
        })
        .collect();
    Some(OutputItems { path, orderings, limits })
}

fn by_field_names(fields: &serde_json::Map<String, Value>) -> Vec<Ordering> {
    fields
        .iter()
        .filter(|(_, schema)| matches!(schema.get("type").and_then(Value::as_str), Some("number" | "integer")))
        .flat_map(|(name, _)| {
            [("lowest", false), ("highest", true)].map(|(prefix, highest)| Ordering {
                word: format!("{prefix}_{name}"),
                field: Path::field(name),
                highest,
            })
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::tool::schema_of;
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize, JsonSchema)]
    enum Class {
        Economy,
        Business,
    }

    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Args {
        /// Where from.
        origin: String,
        #[schemars(extend("x-grounded" = "search.flights[].id"))]
        id: String,
        class: Option<Class>,
        most: Option<u32>,
        #[schemars(extend("x-composed" = true))]
        note: Option<String>,
        direct: Option<bool>,
        extras: Vec<String>,
        #[schemars(extend("x-grounded" = "search.flights[].price"))]
        price: u32,
        #[schemars(extend("x-grounded" = "search.flights[].id"))]
        other: String,
    }

    #[derive(Serialize, JsonSchema)]
    struct Output {
        flights: Vec<Flight>,
    }

    #[derive(Serialize, JsonSchema)]
    struct Flight {
        id: String,
        #[schemars(extend("x-lowest" = "cheapest", "x-limit" = "budget"))]
        price: u32,
    }

    #[test]
    fn arguments_are_read_from_the_schema() {
        let spec = ToolSpec::new("book", "Book.", Effect::Once, schema_of::<Args>(), schema_of::<Output>()).unwrap();
        let kinds: Vec<_> = spec.arguments.iter().map(|a| (a.name.as_str(), a.required, a.kind.clone())).collect();
        let path: Path = "flights[].id".parse().unwrap();
        let price = "flights[].price".parse().unwrap();
        assert_eq!(
            kinds,
            [
                ("origin", true, ArgumentKind::Quote),
                ("id", true, ArgumentKind::Grounded { tool: "search".into(), path: path.clone() }),
                ("class", false, ArgumentKind::Choice(vec!["Economy".into(), "Business".into()])),
                ("most", false, ArgumentKind::Integer),
                ("note", false, ArgumentKind::Composed),
                ("direct", false, ArgumentKind::Boolean),
                ("extras", true, ArgumentKind::Json),
                ("price", true, ArgumentKind::Grounded { tool: "search".into(), path: price }),
                ("other", true, ArgumentKind::Grounded { tool: "search".into(), path }),
            ]
        );
        // Another field of the item follows its choice; the same field again is a choice of its own.
        let follows = |name: &str| spec.argument(name).unwrap().follows.clone();
        assert_eq!((follows("price"), follows("other")), (Some("id".into()), None));
        let items = spec.items.clone().unwrap();
        assert_eq!(items.limits, [Limited { word: "budget".into(), field: Path::field("price"), unit: None }]);
        assert_eq!(items.path.to_string(), "flights[]");
        assert_eq!(items.orderings[0].word, "cheapest");
    }

    #[test]
    fn a_wrong_definition_says_what_to_write() {
        let wrong = ToolSpec::new("Book It", "Book.", Effect::Once, schema_of::<Args>(), Value::Null).unwrap_err();
        assert!(wrong.contains("`Book It`"), "{wrong}");
        let wrong = ToolSpec::new("book", " ", Effect::Once, schema_of::<Args>(), Value::Null).unwrap_err();
        assert!(wrong.contains("no description"), "{wrong}");
        let wrong = ToolSpec::new("book", "Book.", Effect::Once, schema_of::<u32>(), Value::Null).unwrap_err();
        assert!(wrong.contains("no struct"), "{wrong}");
    }
}
