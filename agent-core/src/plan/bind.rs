//! Binding: from a step's arguments and what has been seen to the arguments of a call.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::{Arg, Either, Pick, Plan, Reference, Step, StepId};
use crate::tool::Path;

/// The arguments of a step's call, every reference replaced by the value that it chooses.
///
/// `output` gives the output of a step that is done. Unsaid arguments are left out.
///
/// # Errors
/// [`Unbound`] if a reference has nothing to choose from.
pub fn bind<'o>(step: &Step, output: &impl Fn(StepId) -> Option<&'o Value>) -> Result<Value, Unbound> {
    let mut args = Map::with_capacity(step.args.len());
    for (name, arg) in &step.args {
        match arg {
            Arg::Literal(value) => {
                args.insert(name.clone(), value.clone());
            }
            Arg::From(reference) => {
                args.insert(name.clone(), value(reference, output)?);
            }
            Arg::Unsaid => {}
        }
    }
    Ok(Value::Object(args))
}

fn value<'o>(reference: &Reference, output: &impl Fn(StepId) -> Option<&'o Value>) -> Result<Value, Unbound> {
    let field = |chosen: &'o Value| reference.field.values(chosen).into_iter().next().cloned();
    if !reference.many {
        let value = field(choose(reference, output)?);
        return value.ok_or_else(|| Unbound { steps: reference.steps.clone() });
    }
    let mut values: Vec<Value> = Vec::new();
    for value in chosen(reference, output).into_iter().filter_map(field) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    if values.is_empty() { Err(Unbound { steps: reference.steps.clone() }) } else { Ok(Value::Array(values)) }
}

/// The candidates that a reference chooses: one, none if there is none, or all if all are meant.
pub fn chosen<'o>(reference: &Reference, output: &impl Fn(StepId) -> Option<&'o Value>) -> Vec<&'o Value> {
    let candidates =
        reference.steps.iter().filter_map(|step| output(*step)).flat_map(|seen| reference.items.values(seen));
    if reference.pick == Pick::All {
        return candidates.collect();
    }
    best(candidates, &reference.pick, |candidate| Some(*candidate)).into_iter().collect()
}

/// The candidate that a reference chooses, the first if all are meant.
///
/// Of equals the first is taken. Candidates that lack the field by which they are compared come last.
///
/// # Errors
/// [`Unbound`] if there is none.
pub fn choose<'o>(reference: &Reference, output: &impl Fn(StepId) -> Option<&'o Value>) -> Result<&'o Value, Unbound> {
    chosen(reference, output).first().copied().ok_or_else(|| Unbound { steps: reference.steps.clone() })
}

/// Which of alternative steps is made; `None` if none of them has anything to choose from.
pub fn winner<'o>(either: &Either, plan: &Plan, output: &impl Fn(StepId) -> Option<&'o Value>) -> Option<StepId> {
    let choices = either.steps.iter().filter_map(|id| {
        let reference = plan.step(*id)?.choice()?;
        Some((*id, choose(reference, output).ok()?))
    });
    best(choices, &either.pick, |(_, chosen)| Some(*chosen)).map(|(id, _)| id)
}

/// The best of `candidates`, of which `item` gives what they are compared by.
fn best<'o, C>(
    candidates: impl IntoIterator<Item = C>,
    pick: &Pick,
    item: impl Fn(&C) -> Option<&'o Value>,
) -> Option<C> {
    let candidates = candidates.into_iter();
    let better = |field: &Path, next: &C, best: &C, wanted: Ordering| {
        let of = |candidate: &C| item(candidate).and_then(|item| field.values(item).first().copied());
        let (next, best) = (of(next), of(best));
        compare(next.as_ref(), best.as_ref(), wanted.reverse()) == wanted
    };
    match pick {
        Pick::Only | Pick::First | Pick::All => candidates.into_iter().next(),
        Pick::Lowest(field) => {
            candidates.reduce(|best, next| if better(field, &next, &best, Ordering::Less) { next } else { best })
        }
        Pick::Highest(field) => {
            candidates.reduce(|best, next| if better(field, &next, &best, Ordering::Greater) { next } else { best })
        }
    }
}

/// A reference that had nothing to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unbound {
    /// The steps that found nothing.
    pub steps: Vec<StepId>,
}

/// Numbers by value, text by its characters (dates and times in ISO form sort so); `missing` is how nothing compares.
fn compare(left: Option<&&Value>, right: Option<&&Value>, missing: Ordering) -> Ordering {
    let known = |value: Option<&&Value>| value.is_some_and(|value| !value.is_null());
    match (left, right) {
        (Some(Value::String(left)), Some(Value::String(right))) => left.cmp(right),
        (Some(Value::Number(left)), Some(Value::Number(right))) => {
            left.as_f64().partial_cmp(&right.as_f64()).unwrap_or(Ordering::Equal)
        }
        _ => match (known(left), known(right)) {
            (false, true) => missing,
            (true, false) => missing.reverse(),
            _ => Ordering::Equal,
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use super::*;
    use serde_json::json;

    fn reference(pick: Pick) -> Reference {
        Reference {
            steps: vec![StepId(1), StepId(2)],
            items: "[]".parse().unwrap(),
            field: "id".parse().unwrap(),
            pick,
            many: false,
        }
    }

    #[test]
    fn a_choice_spans_several_steps() {
        let outputs = [json!([{"id": "a", "price": 90}, {"id": "b"}]), json!([{"id": "c", "price": 80.5}])];
        let output = |step: StepId| outputs.get(step.0 as usize - 1);
        let id = |pick| choose(&reference(pick), &output).unwrap()["id"].clone();
        assert_eq!(id(Pick::First), "a");
        assert_eq!(id(Pick::Lowest("price".parse().unwrap())), "c");
        assert_eq!(id(Pick::Highest("price".parse().unwrap())), "a");
        // A list takes all of them, or one as a list.
        let all = |pick| value(&Reference { many: true, ..reference(pick) }, &output).unwrap();
        assert_eq!(all(Pick::All), json!(["a", "b", "c"]));
        assert_eq!(all(Pick::First), json!(["a"]));
        let nothing = |_: StepId| None;
        assert_eq!(choose(&reference(Pick::First), &nothing).unwrap_err().steps, [StepId(1), StepId(2)]);
    }
}
