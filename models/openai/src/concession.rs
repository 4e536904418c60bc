//! What a server has refused, so that it is not asked for it again.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::failure::Refusal;

/// A part of requests that can be left out or said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Concession {
    /// `strict` schemas; they are sent as they are.
    Strict = 1,
    /// `response_format`; the answer is asked for in words.
    ResponseFormat = 1 << 1,
    /// `tools`; the decision is asked for as JSON.
    Tools = 1 << 2,
    /// `temperature`, which reasoning models refuse.
    Temperature = 1 << 3,
    /// `max_tokens`, which newer models call `max_completion_tokens`, or the other way round.
    OutputLimit = 1 << 4,
    /// `stream_options`; the usage is then unknown.
    StreamOptions = 1 << 5,
    /// `parallel_tool_calls`.
    ParallelCalls = 1 << 6,
}

/// The concessions made to one server: each is made once, so requests are said otherwise at most that often.
#[derive(Debug, Default)]
pub(crate) struct Concessions(AtomicU8);

/// The concessions that a request was made under.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conceded(u8);

impl Concessions {
    /// Those made so far.
    pub(crate) fn made(&self) -> Conceded {
        Conceded(self.0.load(Ordering::Relaxed))
    }

    /// Makes one for good.
    pub(crate) fn make(&self, concession: Concession) {
        self.0.fetch_or(concession as u8, Ordering::Relaxed);
    }
}

impl Conceded {
    /// Whether this one was made.
    pub(crate) fn has(self, concession: Concession) -> bool {
        self.0 & concession as u8 != 0
    }
}

/// How servers say that they don't take something.
const REFUSALS: [&str; 14] = [
    "support",
    "unrecognized",
    "unknown",
    "extra",
    "not permitted",
    "not allowed",
    "unexpected",
    "require",
    "not implemented",
    "invalid",
    "disabled",
    "not available",
    "additional propert",
    "must be 'text'",
];

/// What names a part of a request, most telling first: `parallel_tool_calls` would be found as `tool`, too.
const NAMES: [(&str, Concession); 11] = [
    ("parallel_tool_calls", Concession::ParallelCalls),
    ("stream_options", Concession::StreamOptions),
    ("max_tokens", Concession::OutputLimit),
    ("max_completion_tokens", Concession::OutputLimit),
    ("temperature", Concession::Temperature),
    ("strict", Concession::Strict),
    ("response_format", Concession::ResponseFormat),
    ("json_schema", Concession::ResponseFormat),
    ("structured output", Concession::ResponseFormat),
    ("tool", Concession::Tools),
    ("function", Concession::Tools),
];

/// Which concession a refusal asks for, if it was not made before the refused request.
pub(crate) fn asked_for(refusal: &Refusal, made: Conceded, strict: bool) -> Option<Concession> {
    if !matches!(refusal.status.as_u16(), 400 | 404 | 422 | 501) {
        return None;
    }
    let said = refusal.said();
    let text = format!("{} {} {}", said.param, said.kind, said.message).to_lowercase();
    if !REFUSALS.iter().any(|word| text.contains(word)) {
        return None;
    }
    // Where the server names the parameter, its words may mention others.
    let param = said.param.to_lowercase();
    let place = if param.is_empty() { &text } else { &param };
    let (_, concession) = NAMES.iter().copied().find(|(name, _)| place.contains(name))?;
    let about_schema = matches!(concession, Concession::ResponseFormat | Concession::Tools);
    // A schema that a server finds invalid may only break the rules of `strict`; that is given up first.
    let concession = if about_schema && strict && text.contains("schema") { Concession::Strict } else { concession };
    (!made.has(concession)).then_some(concession)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use serde_json::json;

    fn asked(message: &str, param: Option<&str>, strict: bool) -> Option<Concession> {
        let body = json!({"error": {"message": message, "param": param}}).to_string();
        asked_for(
            &Refusal { status: 400.try_into().unwrap(), headers: Default::default(), body },
            Conceded::default(),
            strict,
        )
    }

    #[test]
    fn a_refusal_names_what_to_leave_out() {
        use Concession::*;
        let cases = [
            (
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                OutputLimit,
            ),
            ("Unsupported value: 'temperature' does not support 0 with this model.", Temperature),
            ("body.response_format: Extra inputs are not permitted", ResponseFormat),
            ("tools param requires --jinja flag", Tools),
            ("\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set", Tools),
            ("registry/llama2 does not support tools", Tools),
            ("unknown field `strict`", Strict),
            ("Unrecognized request argument supplied: parallel_tool_calls", ParallelCalls),
            ("unknown field `stream_options`", StreamOptions),
        ];
        for (message, concession) in cases {
            assert_eq!(asked(message, None, false), Some(concession), "{message}");
        }
        let schema = "Invalid schema for response_format 'answer': 'pattern' is not permitted.";
        assert_eq!(asked(schema, Some("response_format"), true), Some(Strict));
        assert_eq!(asked(schema, Some("response_format"), false), Some(ResponseFormat));
    }

    #[test]
    fn other_complaints_ask_for_nothing() {
        let long =
            "This model's maximum context length is 4096 tokens; your messages have 5000 and max_tokens is 1024.";
        assert_eq!(asked(long, None, true), None);
        let order = "Invalid parameter: messages with role 'tool' must follow a message with 'tool_calls'.";
        assert_eq!(asked(order, Some("messages.[2].role"), true), None);
        let limited =
            Refusal { status: 429.try_into().unwrap(), headers: Default::default(), body: "tools unsupported".into() };
        assert_eq!(asked_for(&limited, Conceded::default(), false), None);
    }
}
