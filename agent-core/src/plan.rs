//! The plan: a request, compiled to a small dataflow program that code checks and runs.
//!
//! A plan is data. A model writes it once, in one of two forms: as calls under a grammar ([`notation`], [`grammar`]),
//! for local models, or as JSON under a generated schema ([`schema`]), for remote ones. Both are read into the same
//! [`Plan`], checked ([`check`]) before anything runs, and carried out by the machine.

pub mod bind;
pub mod check;
mod either;
pub(crate) mod frontier;
pub mod grammar;
pub mod notation;
mod orderings;
mod parse;
pub mod schema;

use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::tool::Path;

/// A request as steps that refer to each other's outputs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What was asked for, item by item, in the request's own words: the chain of thought.
    pub asked: Vec<String>,
    /// The calls, each after those that it refers to.
    pub steps: Vec<Step>,
    /// What the user wants to see: choices among what was found.
    #[serde(default)]
    pub shown: Vec<Reference>,
    /// What all that is chosen may come to together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// Alternatives: "by train or by plane, whatever costs less".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub either: Vec<Either>,
}

/// Steps of which one is made: that whose choice is best.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Either {
    /// The steps, each of which chooses something.
    pub steps: Vec<StepId>,
    /// Which of the choices wins.
    pub pick: Pick,
}

/// A sum that what a plan's writes choose must not exceed; if it would, nothing is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// The word of the field that is summed up, declared by the schema extension `x-limit`.
    pub word: String,
    /// The most that it may come to.
    pub most: f64,
}

/// One call of a tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its name within the plan.
    pub id: StepId,
    /// The tool.
    pub tool: String,
    /// The arguments, as far as the request gives them.
    pub args: IndexMap<String, Arg>,
    /// Steps that must be done before this one, besides those that its arguments refer to.
    #[serde(default)]
    pub needs: Vec<StepId>,
    /// The item of [`Plan::asked`] that it serves.
    #[serde(default)]
    pub item: Option<usize>,
}

/// The name of a step: its number, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(pub u32);

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s{}", self.0)
    }
}

/// An argument of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arg {
    /// A value that the request gives.
    Literal(Value),
    /// A value out of earlier steps' outputs.
    From(Reference),
    /// The request does not say; if the tool can't do without, the user is asked.
    Unsaid,
}

/// A choice among the outputs of one or several steps of the same tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// The steps whose outputs are looked at, as one list.
    pub steps: Vec<StepId>,
    /// Where the candidates are in an output: `flights[]`; empty if the output itself is the only one.
    pub items: Path,
    /// The field of the chosen candidate; empty for the whole of it.
    pub field: Path,
    /// Which candidate.
    pub pick: Pick,
    /// Whether the argument takes a list, so that even a single choice is handed over as one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub many: bool,
}

/// Which of several candidates is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// There is only one.
    Only,
    /// The first, as the tool sorts them.
    First,
    /// The one with the lowest value of a field.
    Lowest(Path),
    /// The one with the highest value of a field.
    Highest(Path),
    /// All of them, for an argument that takes a list.
    All,
}

impl Step {
    /// What it chooses first among what others found.
    #[must_use]
    pub fn choice(&self) -> Option<&Reference> {
        self.args.values().find_map(|arg| if let Arg::From(reference) = arg { Some(reference) } else { None })
    }

    /// All steps that must be done before this one.
    pub fn dependencies(&self) -> impl Iterator<Item = StepId> + '_ {
        let referred = self.args.values().flat_map(|arg| match arg {
            Arg::From(reference) => reference.steps.as_slice(),
            Arg::Literal(_) | Arg::Unsaid => &[],
        });
        self.needs.iter().chain(referred).copied()
    }
}

impl Plan {
    /// The alternatives that a step is one of.
    #[must_use]
    pub fn either(&self, step: StepId) -> Option<&Either> {
        self.either.iter().find(|either| either.steps.contains(&step))
    }

    /// The step of this name.
    #[must_use]
    pub fn step(&self, id: StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }
}
