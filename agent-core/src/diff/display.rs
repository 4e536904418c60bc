//! A [`Diff`](super::Diff) as text.

use std::fmt;

use super::{Diff, FirstDifference, Made, MatchedCall, Side};
use crate::{
    event::End,
    trace::{action_text, result_text},
};

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "left   {}\nright  {}", named(&self.left), named(&self.right))?;
        match &self.first {
            None => writeln!(f, "the same in all {} events", self.same)?,
            Some(first) => writeln!(f, "the same in {} events, then\n{first}", self.same)?,
        }
        if !self.calls.is_empty() {
            writeln!(f, "calls")?;
        }
        self.calls.iter().try_for_each(|call| call.fmt(f))?;
        both(f, "end", [&self.left, &self.right].map(|side| end(side.end.as_ref())))?;
        both(f, "cost", [&self.left, &self.right].map(cost))
    }
}

impl fmt::Display for FirstDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = |kind: &Option<String>| kind.clone().unwrap_or_else(|| "nothing".to_owned());
        let (left, right) = (kind(&self.left), kind(&self.right));
        let kinds = if left == right { left } else { format!("{left} and {right}") };
        let path =
            if self.difference.path.is_empty() { String::new() } else { format!(" at {}", self.difference.path) };
        write!(f, "event {}, {kinds}{path}\n{}", self.at, self.difference.sides("left", "right"))
    }
}

impl fmt::Display for MatchedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let called = action_text(&self.tool, &self.args);
        match (&self.left, &self.right) {
            (Some(left), Some(_)) if self.is_same() => writeln!(f, "  both   {called}\n         {}", became(left)),
            (Some(left), Some(right)) => {
                writeln!(f, "  both   {called}\n    left:  {}\n    right: {}", became(left), became(right))
            }
            (Some(left), None) => writeln!(f, "  left   {called}\n         {}", became(left)),
            (None, Some(right)) => writeln!(f, "  right  {called}\n         {}", became(right)),
            (None, None) => Ok(()),
        }
    }
}

fn named(side: &Side) -> String {
    let origin = side.forked_from.map(|from| format!(", forked from {} at {}", from.run, from.at));
    format!("run {}{}: {} (with {})", side.run, origin.unwrap_or_default(), side.task, side.model)
}

fn became(made: &Made) -> String {
    let result = made.result.as_ref().map_or_else(|| "under way".to_owned(), result_text);
    made.reused.map_or_else(|| result.clone(), |of| format!("as call {}: {result}", of.0))
}

fn end(end: Option<&End>) -> String {
    match end {
        None => "not yet".to_owned(),
        Some(End::Completed { answer, .. }) => format!("completed: {answer}"),
        Some(End::NeedsInput { questions }) => format!("needs input: {}", questions.join(" ")),
        Some(End::Failed { kind, message }) => format!("failed ({kind:?}): {message}"),
    }
}

fn cost(side: &Side) -> String {
    let usage = &side.usage;
    format!(
        "model calls: {}, prompt tokens: {}, out: {}, {:.1} s",
        side.model_calls,
        usage.prompt_tokens,
        usage.output_tokens,
        usage.milliseconds as f64 / 1000.0
    )
}

/// What both have in one line, or each in a line of its own.
fn both(f: &mut fmt::Formatter<'_>, what: &str, [left, right]: [String; 2]) -> fmt::Result {
    let left = left.replace('\n', "\n         ");
    if left == right.replace('\n', "\n         ") {
        return writeln!(f, "{what}\n  both   {left}");
    }
    writeln!(f, "{what}\n  left   {left}\n  right  {}", right.replace('\n', "\n         "))
}
