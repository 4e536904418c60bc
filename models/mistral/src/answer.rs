//! From a decoded text to what it stands for.

use cicerone_core::{
    message::Part,
    model::{Decided, Expect, Finish, ModelError, ModelErrorKind},
};

/// The parts that a decoded text stands for.
pub(crate) fn parts(expect: &Expect, text: String, finish: Finish) -> Result<Vec<Part>, ModelError> {
    if !matches!(expect, Expect::Decision(_)) {
        return Ok(vec![Part::Text { text }]);
    }
    let decided: Decided = serde_json::from_str(&text).map_err(|error| {
        let why = if finish == Finish::Length { "it was cut at the length limit" } else { "it is not whole" };
        ModelError::new(ModelErrorKind::Response, format!("the model's decision can't be read, {why}: {text}"))
            .with_source(error)
    })?;
    Ok(decided.into_parts())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cicerone_core::model::Decision;

    fn decision() -> Expect {
        Expect::Decision(Decision { tools: Vec::new(), may_finish: true })
    }

    #[test]
    fn a_decision_is_a_thought_and_calls_or_an_answer() {
        let text = r#"{"thought":"look","calls":[{"tool":"search","args":{"q":"x"}}]}"#;
        let parts = parts(&decision(), text.into(), Finish::Stop).unwrap();
        assert!(matches!(&parts[..], [Part::Reasoning { .. }, Part::ToolCall(call)] if call.tool == "search"));
        let text = r#"{"thought":"done","answer":"yes"}"#;
        let parts = super::parts(&decision(), text.into(), Finish::Stop).unwrap();
        assert!(matches!(&parts[..], [Part::Reasoning { .. }, Part::Text { text }] if text == "yes"));
    }

    #[test]
    fn a_cut_decision_says_so() {
        let error = parts(&decision(), r#"{"thought":"lo"#.into(), Finish::Length).unwrap_err();
        assert!(error.to_string().contains("length limit"), "{error}");
    }
}
