//! Binding: from a step's arguments and what has been seen to the arguments of a call.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::{Arg, Pick, Reference, Step, StepId};

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
                let chosen = choose(reference, output)?;
                let value = reference.field.values(chosen).into_iter().next().cloned();
                args.insert(name.clone(), value.ok_or(Unbound { steps: reference.steps.clone() })?);
            }
            Arg::Unsaid => {}
        }
    }
    Ok(Value::Object(args))
}

/// The candidate that a reference chooses.
///
/// Of equals the first is taken. Candidates that lack the field by which they are compared come last.
///
/// # Errors
/// [`Unbound`] if there is none.
pub fn choose<'o>(reference: &Reference, output: &impl Fn(StepId) -> Option<&'o Value>) -> Result<&'o Value, Unbound> {
    let candidates =
        reference.steps.iter().filter_map(|step| output(*step)).flat_map(|seen| reference.items.values(seen));
    let chosen = match &reference.pick {
        Pick::Only | Pick::First => candidates.into_iter().next(),
        Pick::Lowest(field) => candidates.reduce(|best, next| {
            let better = compare(field.values(next).first(), field.values(best).first(), Ordering::Greater);
            if better == Ordering::Less { next } else { best }
        }),
        Pick::Highest(field) => candidates.reduce(|best, next| {
            let better = compare(field.values(next).first(), field.values(best).first(), Ordering::Less);
            if better == Ordering::Greater { next } else { best }
        }),
    };
    chosen.ok_or_else(|| Unbound { steps: reference.steps.clone() })
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
        let nothing = |_: StepId| None;
        assert_eq!(choose(&reference(Pick::First), &nothing).unwrap_err().steps, [StepId(1), StepId(2)]);
    }
}
