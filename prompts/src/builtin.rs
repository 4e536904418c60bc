//! The planner's own prompts, as they stand in this crate's `templates/`.

use std::sync::LazyLock;

use crate::Template;

/// Instructs a model to write a plan as calls. Gets `instructions`, `tools`, each with `signature`, `description`
/// and `picks`, and `choices`, the words of all picks.
pub static PLAN_CALLS: LazyLock<Template> =
    LazyLock::new(|| Template::builtin("plan_calls", include_str!("../templates/plan_calls.md.j2")));
/// Instructs a model to write a plan as JSON. Gets the same.
pub static PLAN_JSON: LazyLock<Template> =
    LazyLock::new(|| Template::builtin("plan_json", include_str!("../templates/plan_json.md.j2")));
/// Tells a model what is wrong with its answer. Gets `reason`.
pub static REJECTED: LazyLock<Template> =
    LazyLock::new(|| Template::builtin("rejected", include_str!("../templates/rejected.md.j2")));
/// Asks for the rest of a plan after something failed. Gets `done` and `failed`, lists of `call` and `result`.
pub static REVISE: LazyLock<Template> =
    LazyLock::new(|| Template::builtin("revise", include_str!("../templates/revise.md.j2")));
/// Asks for the answer in words. Gets `task` and `steps`, each with `call` and `result`, and `typed`.
pub static ANSWER: LazyLock<Template> =
    LazyLock::new(|| Template::builtin("answer", include_str!("../templates/answer.md.j2")));
/// The answer, written by code. Gets `task` and `steps`, each with `tool`, `args`, `writes`, `status`, `output` and
/// `message`, and `shown`, the choices that were asked for.
pub static REPORT: LazyLock<Template> =
    LazyLock::new(|| Template::builtin("report", include_str!("../templates/report.md.j2")));
/// Instructs a model to think, act and observe. Gets `instructions` and `tools` with `name`, `description`, `schema`.
pub static REACT: LazyLock<Template> =
    LazyLock::new(|| Template::builtin("react", include_str!("../templates/react.md.j2")));
/// Asks for a conversation in short. Gets `words`, how many at most, `before`, an earlier summary if there is one, and
/// `exchanges`, each with `asked` and `answered`.
pub static SUMMARY: LazyLock<Template> =
    LazyLock::new(|| Template::builtin("summary", include_str!("../templates/summary.md.j2")));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_compiles() {
        for template in [&PLAN_CALLS, &PLAN_JSON, &REJECTED, &REVISE, &ANSWER, &REPORT, &REACT, &SUMMARY] {
            let error = template.render(()).expect_err("each needs its variables").to_string();
            assert!(error.contains("undefined"), "{error}");
        }
    }
}
