//! Figures of several cases.

use crate::results::{CaseResult, Results, Status};

/// What several cases come to. Medians are of the cases that were run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Figures {
    /// How many cases there are.
    pub cases: usize,
    /// How many of them have passed.
    pub passed: usize,
    /// The median of the seconds.
    pub seconds: f64,
    /// The median of the model calls.
    pub model_calls: f64,
    /// The median of the prompt tokens that were computed.
    pub computed_tokens: f64,
    /// The median of the tokens of output.
    pub output_tokens: f64,
    /// How many of the model's answers were not usable, in all cases together.
    pub rejected: u64,
    /// How often something happened that never must, in all cases together.
    pub violations: usize,
}

impl Figures {
    /// The figures of these cases.
    pub fn of<'r>(cases: impl IntoIterator<Item = &'r CaseResult>) -> Self {
        let cases: Vec<&CaseResult> = cases.into_iter().collect();
        let middle = |figure: fn(&CaseResult) -> f64| {
            let run = cases.iter().filter(|case| case.status != Status::NotRun);
            median(run.map(|case| figure(case)).collect())
        };
        Self {
            cases: cases.len(),
            passed: cases.iter().filter(|case| case.passed).count(),
            seconds: middle(|case| case.seconds),
            model_calls: middle(|case| f64::from(case.model_calls)),
            computed_tokens: middle(|case| case.computed_tokens as f64),
            output_tokens: middle(|case| case.output_tokens as f64),
            rejected: cases.iter().map(|case| u64::from(case.rejected)).sum(),
            violations: cases.iter().map(|case| case.violations.len()).sum(),
        }
    }

    /// How many of a hundred have passed, rounded down: 100 is all of them.
    #[must_use]
    pub fn percent(&self) -> usize {
        (self.passed * 100).checked_div(self.cases).unwrap_or_default()
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    let upper = figures.get(middle).copied().unwrap_or_default();
    if figures.len() % 2 == 1 {
        return upper;
    }
    let lower = middle.checked_sub(1).and_then(|lower| figures.get(lower)).copied().unwrap_or_default();
    (lower + upper) / 2.0
}

/// A line of a table: some of the cases.
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) figures: Figures,
    /// Whether it sums up cases that stand in other lines too.
    pub(crate) sum: bool,
}

/// The lines of a table: each kind, plain ones before hard ones, then sums.
pub(crate) fn rows(results: &Results) -> Vec<Row> {
    let mut rows = Vec::new();
    for hard in [false, true] {
        let mut kinds: Vec<&str> = Vec::new();
        for case in results.cases.iter().filter(|case| case.hard == hard) {
            if !kinds.contains(&case.kind.as_str()) {
                kinds.push(&case.kind);
            }
        }
        for kind in kinds {
            let cases = results.cases.iter().filter(|case| case.hard == hard && case.kind == kind);
            let label = if hard { format!("{kind} (hard)") } else { kind.to_owned() };
            rows.push(Row { label, figures: Figures::of(cases), sum: false });
        }
    }
    let mut halves = |names: [&str; 2], second: fn(&CaseResult) -> bool| {
        let (after, before): (Vec<_>, Vec<_>) = results.cases.iter().partition(|case| second(case));
        if !before.is_empty() && !after.is_empty() {
            for (label, cases) in names.into_iter().zip([before, after]) {
                rows.push(Row { label: label.to_owned(), figures: Figures::of(cases), sum: true });
            }
        }
    };
    halves(["all plain", "all hard"], |case| case.hard);
    halves(["all open", "all held out"], |case| case.held_out);
    rows.push(Row { label: "all".to_owned(), figures: results.figures(), sum: true });
    rows
}

/// The heads of a table's columns; the first is of the labels.
pub(crate) const HEADS: [&str; 9] =
    ["kind", "passed", "of", "%", "seconds", "model calls", "computed tokens", "output tokens", "rejected"];

impl Row {
    /// What stands in its columns, the first of which is the label.
    pub(crate) fn cells(&self) -> [String; 9] {
        let Figures { cases, passed, seconds, model_calls, computed_tokens, output_tokens, rejected, .. } =
            self.figures;
        [
            self.label.clone(),
            passed.to_string(),
            cases.to_string(),
            self.figures.percent().to_string(),
            format!("{seconds:.1}"),
            model_calls.to_string(),
            format!("{computed_tokens:.0}"),
            format!("{output_tokens:.0}"),
            rejected.to_string(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle() {
        for (figures, expected) in
            [(vec![], 0.0), (vec![2.0], 2.0), (vec![9.0, 1.0, 2.0], 2.0), (vec![4.0, 1.0, 2.0, 9.0], 3.0)]
        {
            assert_eq!(median(figures), expected);
        }
    }

    #[test]
    fn a_hundred_percent_is_all() {
        let figures = |passed, cases| Figures { passed, cases, ..Figures::default() };
        assert_eq!(figures(299, 300).percent(), 99);
        assert_eq!(figures(300, 300).percent(), 100);
        assert_eq!(figures(0, 0).percent(), 0);
    }
}
