//! Two results of the same cases.

use std::{collections::HashMap, fmt};

use crate::{
    figures::Figures,
    results::{CaseResult, Results},
    table::{columns, harmless},
};

/// What differs between two results. Displays as a table for terminals.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// Cases that passed before and do not now.
    pub broken: Vec<String>,
    /// Cases that did not pass before and do now.
    pub mended: Vec<String>,
    /// Cases that are only in the first results.
    pub gone: Vec<String>,
    /// Cases that are only in the second results.
    pub new: Vec<String>,
    /// What the first results were made with.
    pub before: Made,
    /// What the second results were made with.
    pub after: Made,
}

/// What results were made with, and what those cases come to that are in both.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Made {
    /// The suite.
    pub suite: String,
    /// The model.
    pub model: String,
    /// The policy.
    pub policy: String,
    /// The figures of the cases that are in both results.
    pub figures: Figures,
}

/// Compares two results, case by case. Cases are the same if their names are.
#[must_use]
pub fn compare(before: &Results, after: &Results) -> Comparison {
    let old: HashMap<&str, &CaseResult> = before.cases.iter().map(|case| (case.name.as_str(), case)).collect();
    let new: HashMap<&str, &CaseResult> = after.cases.iter().map(|case| (case.name.as_str(), case)).collect();
    let turned = |passes: bool| {
        let turned = after.cases.iter().filter(|case| {
            case.passed == passes && old.get(case.name.as_str()).is_some_and(|old| old.passed != passes)
        });
        turned.map(|case| case.name.clone()).collect()
    };
    Comparison {
        broken: turned(false),
        mended: turned(true),
        gone: missing(before, &new),
        new: missing(after, &old),
        before: Made::of(before, &new),
        after: Made::of(after, &old),
    }
}

fn missing(results: &Results, other: &HashMap<&str, &CaseResult>) -> Vec<String> {
    let missing = results.cases.iter().filter(|case| !other.contains_key(case.name.as_str()));
    missing.map(|case| case.name.clone()).collect()
}

impl Made {
    fn of(results: &Results, other: &HashMap<&str, &CaseResult>) -> Self {
        let common = results.cases.iter().filter(|case| other.contains_key(case.name.as_str()));
        Self {
            suite: results.suite.clone(),
            model: results.model.clone(),
            policy: results.policy.clone(),
            figures: Figures::of(common),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |label: &str, cell: fn(&Made) -> String| {
            [label.to_owned(), harmless(&cell(&self.before)), harmless(&cell(&self.after))]
        };
        let lines = [
            ["".to_owned(), "before".to_owned(), "after".to_owned()],
            row("suite", |made| made.suite.clone()),
            row("model", |made| made.model.clone()),
            row("policy", |made| made.policy.clone()),
            row("cases in both", |made| made.figures.cases.to_string()),
            row("passed", |made| made.figures.passed.to_string()),
            row("passed, %", |made| made.figures.percent().to_string()),
            row("seconds, median", |made| format!("{:.1}", made.figures.seconds)),
            row("model calls, median", |made| made.figures.model_calls.to_string()),
            row("computed tokens, median", |made| format!("{:.0}", made.figures.computed_tokens)),
            row("output tokens, median", |made| format!("{:.0}", made.figures.output_tokens)),
            row("rejected answers", |made| made.figures.rejected.to_string()),
            row("violations", |made| made.figures.violations.to_string()),
        ];
        for line in columns(&lines) {
            writeln!(f, "{line}")?;
        }
        let lists = [
            ("Passed before, not now", &self.broken),
            ("Passes now, not before", &self.mended),
            ("Only before", &self.gone),
            ("Only now", &self.new),
        ];
        for (head, names) in lists {
            if !names.is_empty() {
                writeln!(f, "\n{head}:")?;
                names.iter().try_for_each(|name| writeln!(f, "  {}", harmless(name)))?;
            }
        }
        if self.broken.is_empty() && self.mended.is_empty() {
            writeln!(f, "\nEach case in both has the same result.")?;
        }
        Ok(())
    }
}
