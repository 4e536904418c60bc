//! Results for terminals.

use std::fmt;

use crate::{
    figures::{HEADS, rows},
    results::{CaseResult, Results, Status},
};

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { suite, model, provider, policy, started, .. } = self;
        writeln!(f, "{}", harmless(&format!("{suite}: {model} ({provider}), {policy}, {started:.0}")))?;
        writeln!(f)?;

        let rows = rows(self);
        let mut lines = vec![HEADS.map(str::to_owned)];
        lines.extend(rows.iter().map(|row| row.cells().map(|cell| harmless(&cell))));
        let first_sum = rows.iter().position(|row| row.sum).map(|at| at + 1);
        for (at, line) in columns(&lines).into_iter().enumerate() {
            if Some(at) == first_sum {
                writeln!(f)?;
            }
            writeln!(f, "{line}")?;
        }
        writeln!(f, "\nSeconds, model calls and tokens are medians of a case.")?;

        if let Some(warm) = &self.warm_up {
            let (seconds, computed) = (warm.seconds, warm.computed_tokens);
            writeln!(f, "The shared prompt, computed once before the cases: {seconds:.1} s, {computed} tokens.")?;
        }
        let violations: Vec<String> =
            self.violations().into_iter().map(|(name, count)| format!("{count} × {}", harmless(name))).collect();
        let violations = if violations.is_empty() { "none".to_owned() } else { violations.join(", ") };
        writeln!(f, "Violations: {violations}.")?;

        let failed: Vec<&CaseResult> = self.cases.iter().filter(|case| !case.passed).collect();
        let (held_out, open): (Vec<&CaseResult>, Vec<_>) = failed.iter().partition(|case| case.held_out);
        if !open.is_empty() {
            writeln!(f, "\nNot passed:")?;
        }
        for case in open {
            explain(f, case)?;
        }
        if !held_out.is_empty() {
            let not_run = held_out.iter().filter(|case| case.status == Status::NotRun).count();
            let not_run = if not_run > 0 { format!(" ({not_run} could not be set up)") } else { String::new() };
            writeln!(f, "\nNot passed and held out, so not shown: {}{not_run}.", held_out.len())?;
        }
        let passed = self.cases.len() - failed.len();
        writeln!(f, "\n{passed} passed, {} failed", failed.len())
    }
}

fn explain(f: &mut fmt::Formatter<'_>, case: &CaseResult) -> fmt::Result {
    let hard = if case.hard { ", hard" } else { "" };
    let about = format!("{} ({}{hard}): {}, {:.1} s", case.name, case.kind, case.status.as_str(), case.seconds);
    writeln!(f, "  {}", harmless(&about))?;
    if let Some(request) = &case.request {
        writeln!(f, "    “{}”", harmless(request))?;
    }
    let violations = case.violations.iter().filter(|violation| !case.why.contains(violation));
    for why in case.why.iter().chain(violations) {
        writeln!(f, "    - {}", harmless(why))?;
    }
    Ok(())
}

/// Lines whose cells stand below each other: the first at the left of its column, the others at the right.
pub(crate) fn columns<const N: usize>(lines: &[[String; N]]) -> Vec<String> {
    let mut widths = [0; N];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let padded = |line: &[String; N]| {
        let cells = line.iter().zip(widths).enumerate();
        let cells = cells.map(|(at, (cell, width))| match at {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    lines.iter().map(padded).collect()
}

/// Text from elsewhere in one line that can't play tricks with the terminal.
pub(crate) fn harmless(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}
