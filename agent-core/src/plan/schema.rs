//! The plan as JSON: the form in which remote models write it, and its schema.
//!
//! The schema has one variant for each tool. A grounded argument can only name earlier steps and a way to choose
//! among what they found; everything is bounded.

use std::collections::HashMap;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Arg, Either, Limit, Pick, Plan, Reference, Step, StepId,
    check::MAX_STEPS,
    either::{self, MAX_ALTERNATIVES},
    notation::{ALL, ANY, Vocabulary, complete, written},
};
use crate::tool::{Argument, ArgumentKind, Path, ToolSpec, closed_object};

/// The most choices between alternatives of a plan.
const MAX_EITHER: usize = 6;

/// The JSON Schema of all plans with these tools.
#[must_use]
pub fn of(vocabulary: &Vocabulary<'_>) -> Value {
    let variants: Vec<Value> = vocabulary.offered().map(|tool| variant(tool, vocabulary)).collect();
    let mut properties = Map::new();
    let asked = json!({"type": "array", "items": {"type": "string", "maxLength": 200}, "minItems": 1, "maxItems": 12});
    properties.insert("asked".to_owned(), asked);
    let steps = json!({"type": "array", "items": {"anyOf": variants}, "minItems": 1, "maxItems": 24});
    properties.insert("steps".to_owned(), steps);
    let limits = vocabulary.limits();
    if !limits.is_empty() {
        let numbers = limits.keys().map(|word| ((*word).to_owned(), json!({"type": ["number", "null"]}))).collect();
        properties.insert("limits".to_owned(), described("The most that all choices may come to together.", numbers));
    }
    let words: Vec<&str> = either::comparisons(vocabulary).into_iter().map(|comparison| comparison.word).collect();
    if !words.is_empty() {
        properties.insert("either".to_owned(), alternatives(&words));
    }
    closed_object(properties)
}

fn alternatives(words: &[&str]) -> Value {
    let steps = json!({"type": "string", "maxLength": 8});
    let steps = json!({"type": "array", "items": steps, "minItems": 2, "maxItems": MAX_ALTERNATIVES});
    let mut one = Map::new();
    one.insert("steps".to_owned(), steps);
    one.insert("pick".to_owned(), json!({"enum": words}));
    json!({
        "description": "Steps of which only one is made, the one whose choice is best; mostly none.",
        "type": "array",
        "items": closed_object(one),
        "maxItems": MAX_EITHER,
    })
}

fn described(meaning: &str, properties: Map<String, Value>) -> Value {
    let mut schema = closed_object(properties);
    if let Value::Object(object) = &mut schema {
        object.insert("description".to_owned(), json!(meaning));
    }
    schema
}

fn variant(tool: &ToolSpec, vocabulary: &Vocabulary<'_>) -> Value {
    let arguments: Map<String, Value> = written(tool)
        .map(|argument| (argument.name.clone(), json!({"anyOf": [value(argument, vocabulary), {"type": "null"}]})))
        .collect();
    json!({
        "type": "object",
        "properties": {
            "id": {"type": "string", "maxLength": 8},
            "tool": {"const": tool.name},
            "args": closed_object(arguments),
        },
        "required": ["id", "tool", "args"],
        "additionalProperties": false,
    })
}

fn value(argument: &Argument, vocabulary: &Vocabulary<'_>) -> Value {
    if let ArgumentKind::Grounded { tool, path } = &argument.kind {
        let mut words: Vec<&str> = picks(tool, path, vocabulary).into_iter().map(|(word, _)| word).collect();
        if argument.takes_list() {
            words.push(ALL);
        }
        return json!({
            "type": "object",
            "properties": {
                "from": {"type": "array", "items": {"type": "string", "maxLength": 8}, "minItems": 1, "maxItems": 6},
                "pick": {"enum": words},
            },
            "required": ["from", "pick"],
            "additionalProperties": false,
        });
    }
    let mut schema = argument.schema.clone();
    if let Value::Object(object) = &mut schema {
        match object.get("type").and_then(Value::as_str) {
            Some("string") if !object.contains_key("enum") => {
                object.entry("maxLength").or_insert(json!(400));
            }
            Some("array") => {
                object.entry("maxItems").or_insert(json!(24));
            }
            _ => {}
        }
    }
    schema
}

/// The words that choose what an argument is grounded in: where that is not a list's items, there is only one.
fn picks<'v>(tool: &str, path: &Path, vocabulary: &Vocabulary<'v>) -> Vec<(&'v str, Pick)> {
    let (list, _) = path.split_at_items();
    match vocabulary.tool(tool).and_then(|tool| tool.items.as_ref()).filter(|items| items.path == list) {
        Some(items) => Vocabulary::picks(items).collect(),
        None => vec![(ANY, Pick::Only)],
    }
}

#[derive(Deserialize)]
#[serde(expecting = "an object with \"asked\" and \"steps\"")]
struct WirePlan {
    asked: Vec<String>,
    steps: Vec<WireStep>,
    #[serde(default)]
    limits: IndexMap<String, Option<f64>>,
    #[serde(default)]
    either: Vec<WireEither>,
}

#[derive(Deserialize)]
#[serde(expecting = "alternatives with \"steps\" and \"pick\"")]
struct WireEither {
    steps: Vec<String>,
    pick: String,
}

#[derive(Deserialize)]
#[serde(expecting = "a step with \"id\", \"tool\" and \"args\"")]
struct WireStep {
    id: String,
    tool: String,
    #[serde(default)]
    args: IndexMap<String, Value>,
}

#[derive(Deserialize)]
struct WireReference {
    from: Vec<String>,
    pick: String,
}

/// Reads a plan in its JSON form.
///
/// # Errors
/// A sentence for the model.
pub fn read(json: &Value, vocabulary: &Vocabulary<'_>) -> Result<Plan, String> {
    let wire = WirePlan::deserialize(json).map_err(|error| format!("this is no plan: {error}"))?;
    if wire.steps.len() > MAX_STEPS {
        return Err(format!("the plan has {} steps; {MAX_STEPS} are allowed", wire.steps.len()));
    }
    let limits = wire.limits.into_iter().filter_map(|(word, most)| Some(Limit { word, most: most? })).collect();
    let mut plan = Plan { asked: wire.asked, limits, ..Plan::default() };
    let mut ids = HashMap::new();
    for step in wire.steps {
        let id = StepId(u32::try_from(plan.steps.len()).unwrap_or(u32::MAX).saturating_add(1));
        let tool = vocabulary.tool(&step.tool);
        let args = step
            .args
            .into_iter()
            .map(|(name, value)| {
                let known = tool.and_then(|tool| tool.argument(&name));
                Ok((name, argument(value, known, &ids, vocabulary)?))
            })
            .collect::<Result<IndexMap<_, _>, String>>()
            .map_err(|why| format!("step `{}`: {why}", step.id))?;
        let mut args = args;
        if let Some(tool) = tool {
            complete(tool, &mut args);
        }
        // The same call twice is one step, as in the notation.
        let same = plan.steps.iter().find(|known: &&Step| known.tool == step.tool && known.args == args);
        if let Some(same) = same {
            ids.insert(step.id, same.id);
            continue;
        }
        if ids.contains_key(&step.id) {
            return Err(format!("two steps are called `{}`", step.id));
        }
        ids.insert(step.id, id);
        plan.steps.push(Step { id, tool: step.tool, args, needs: Vec::new(), item: None });
    }
    for wire in wire.either {
        let alternatives = one_of(&wire, &plan, &ids, vocabulary)?;
        plan.either.push(alternatives);
    }
    Ok(plan)
}

fn one_of(
    wire: &WireEither,
    plan: &Plan,
    ids: &HashMap<String, StepId>,
    vocabulary: &Vocabulary<'_>,
) -> Result<Either, String> {
    let mut meant = Pick::First;
    let mut steps = Vec::with_capacity(wire.steps.len());
    for (at, id) in wire.steps.iter().enumerate() {
        let step = ids.get(id).and_then(|id| plan.step(*id));
        let step = step.ok_or_else(|| format!("\"either\" is between steps, and `{id}` is none"))?;
        // A tool that does not exist is said by the check.
        if let Some(tool) = vocabulary.tool(&step.tool) {
            let pick = either::pick(&wire.pick, tool, vocabulary)?;
            if at == 0 {
                meant = pick;
            }
        }
        steps.push(step.id);
    }
    Ok(Either { steps, pick: meant })
}

fn argument(
    value: Value,
    argument: Option<&Argument>,
    ids: &HashMap<String, StepId>,
    vocabulary: &Vocabulary<'_>,
) -> Result<Arg, String> {
    let many = argument.is_some_and(Argument::takes_list);
    match (value, argument.map(|argument| &argument.kind)) {
        (Value::Null, _) => Ok(Arg::Unsaid),
        (value, Some(ArgumentKind::Grounded { tool, path })) => {
            let reference = WireReference::deserialize(&value)
                .map_err(|_| format!("{value} must be a reference to steps of {tool}: {{\"from\":[…],\"pick\":…}}"))?;
            let steps = reference
                .from
                .iter()
                .map(|id| ids.get(id).copied().ok_or_else(|| format!("`{id}` is no earlier step")))
                .collect::<Result<Vec<_>, _>>()?;
            let mut words = picks(tool, path, vocabulary);
            if many {
                words.push((ALL, Pick::All));
            }
            let (items, field) = path.split_at_items();
            match words.iter().find(|(word, _)| *word == reference.pick) {
                Some((_, pick)) => Ok(Arg::From(Reference { steps, items, field, pick: pick.clone(), many })),
                None => {
                    let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                    Err(format!("`{}` does not choose from {tool}; there are {}", reference.pick, words.join(", ")))
                }
            }
        }
        (value, _) => Ok(Arg::Literal(value)),
    }
}

/// Writes a plan in its JSON form.
#[must_use]
pub fn write(plan: &Plan, vocabulary: &Vocabulary<'_>) -> Value {
    let steps: Vec<Value> = plan
        .steps
        .iter()
        .map(|step| {
            let args: Map<String, Value> = step
                .args
                .iter()
                .filter(|(name, _)| !follows(step, name, vocabulary))
                .map(|(name, arg)| {
                    let value = match arg {
                        Arg::Literal(value) => value.clone(),
                        Arg::Unsaid => Value::Null,
                        Arg::From(reference) => {
                            let from: Vec<String> = reference.steps.iter().map(ToString::to_string).collect();
                            json!({"from": from, "pick": word(reference, plan, vocabulary)})
                        }
                    };
                    (name.clone(), value)
                })
                .collect();
            json!({"id": step.id.to_string(), "tool": step.tool, "args": args})
        })
        .collect();
    let mut json = json!({"asked": plan.asked, "steps": steps});
    let Value::Object(object) = &mut json else { return json };
    let known = vocabulary.limits();
    if !known.is_empty() {
        let said = |word: &str| plan.limits.iter().find(|limit| limit.word == word).map(|limit| limit.most);
        let limits = known.keys().map(|word| ((*word).to_owned(), json!(said(word)))).collect();
        object.insert("limits".to_owned(), Value::Object(limits));
    }
    if !plan.either.is_empty() || !either::comparisons(vocabulary).is_empty() {
        let all = plan.either.iter().map(|one| {
            let steps: Vec<String> = one.steps.iter().map(ToString::to_string).collect();
            json!({"steps": steps, "pick": either::word(one, plan, vocabulary)})
        });
        object.insert("either".to_owned(), all.collect());
    }
    json
}

fn follows(step: &Step, name: &str, vocabulary: &Vocabulary<'_>) -> bool {
    let argument = vocabulary.tool(&step.tool).and_then(|tool| tool.argument(name));
    argument.is_some_and(|argument| argument.follows.is_some())
}

fn word(reference: &Reference, plan: &Plan, vocabulary: &Vocabulary<'_>) -> String {
    let tool = reference.steps.first().and_then(|id| vocabulary.tool(&plan.step(*id)?.tool));
    tool.and_then(|tool| tool.items.as_ref())
        .and_then(|items| Vocabulary::picks(items).find(|(_, pick)| *pick == reference.pick))
        .map_or_else(
            || if reference.pick == Pick::All { ALL.to_owned() } else { ANY.to_owned() },
            |(word, _)| word.to_owned(),
        )
}
