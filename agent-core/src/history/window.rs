//! The last runs of a conversation.

use super::Exchange;
use crate::message::{Message, Part};

/// The last runs of a conversation: of each what the user asked and what came of it.
///
/// A run is within the window as a whole or not at all; its calls are left out sooner than its words, and a call is
/// never without its result.
///
/// ```
/// use cicerone_core::{Agent, history::Window, policy::ReAct, scripted::ScriptedModel};
///
/// let window = Window::of(3).tokens(800).calls();
/// let agent = Agent::builder(ScriptedModel::new()).planner(ReAct::default()).history(window).build()?;
/// # Ok::<(), cicerone_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Window {
    /// The most runs.
    pub runs: u32,
    /// The most messages.
    pub messages: Option<usize>,
    /// The most tokens, by an estimate that is rather too high: three bytes each.
    pub tokens: Option<usize>,
    /// Whether the calls of the runs and their results are shown, too.
    pub calls: bool,
}

impl Default for Window {
    /// Six runs, of about 2,000 tokens together, without their calls.
    fn default() -> Self {
        Self { runs: 6, messages: None, tokens: Some(2000), calls: false }
    }
}

impl Window {
    /// At most so many runs, of whatever length.
    #[must_use]
    pub fn of(runs: u32) -> Self {
        Self { runs, messages: None, tokens: None, calls: false }
    }

    /// At most so many messages.
    #[must_use]
    pub fn messages(mut self, most: usize) -> Self {
        self.messages = Some(most);
        self
    }

    /// At most about so many tokens.
    #[must_use]
    pub fn tokens(mut self, most: usize) -> Self {
        self.tokens = Some(most);
        self
    }

    /// The calls of the runs and their results, too.
    #[must_use]
    pub fn calls(mut self) -> Self {
        self.calls = true;
        self
    }

    /// The messages within the window of these exchanges, the newest of which comes first.
    pub(crate) fn through<'e>(&self, exchanges: impl IntoIterator<Item = &'e Exchange>) -> Vec<Message> {
        let mut seen: Vec<Vec<Message>> = Vec::new();
        let (mut messages, mut tokens) = (0, 0);
        for exchange in exchanges.into_iter().take(self.runs as usize) {
            let forms = [(self.calls && exchange.has_calls()).then(|| exchange.messages(true))];
            let forms = forms.into_iter().flatten().chain([exchange.messages(false)]);
            let mut fitting = forms.filter(|form| {
                let longer = |most: Option<usize>, sum: usize| most.is_some_and(|most| sum > most);
                !longer(self.messages, messages + form.len()) && !longer(self.tokens, tokens + estimate(form))
            });
            // A conversation has no gaps: what is before one that doesn't fit is left out, too.
            let Some(form) = fitting.next() else { break };
            messages += form.len();
            tokens += estimate(&form);
            seen.push(form);
        }
        seen.into_iter().rev().flatten().collect()
    }
}

/// How many tokens messages have, at most, if a token has three bytes.
fn estimate(messages: &[Message]) -> usize {
    let bytes = |part: &Part| match part {
        Part::Text { text } | Part::Reasoning { text } => text.len(),
        Part::Image { data, .. } => data.len(),
        Part::ToolCall(call) => call.tool.len() + call.args.to_string().len(),
        Part::ToolResult { content, .. } => content.len(),
    };
    messages.iter().map(|message| message.parts.iter().map(bytes).sum::<usize>().div_ceil(3) + 4).sum()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::{
        event::{End, Entry, Event},
        message::Role,
        run::RunId,
    };
    use proptest::prelude::*;
    use serde_json::json;

    fn entry(event: Event) -> Entry {
        Entry { time: 1, event }
    }

    fn exchange(asked: &str, calls: u32) -> Exchange {
        let end = entry(Event::Finished(End::Completed { answer: format!("{asked}!"), output: None }));
        let journal: Vec<Entry> = (1..=calls)
            .flat_map(|call| {
                [
                    json!({ "time": 1, "event": "tool_intended", "call": call, "step": null, "model_call": null,
                            "tool": "search", "args": { "to": asked }, "effect": "read", "key": format!("k{call}") }),
                    json!({ "time": 1, "event": "tool_returned", "call": call, "milliseconds": 1,
                            "result": { "result": "output", "output": [asked] } }),
                ]
            })
            .map(|entry| serde_json::from_value(entry).unwrap())
            .chain([end])
            .collect();
        Exchange::new(RunId::new(), asked.to_owned(), &journal).unwrap().with_calls(&journal)
    }

    fn texts(messages: &[Message]) -> Vec<String> {
        messages.iter().map(|message| if message.role == Role::Tool { "…".into() } else { message.text() }).collect()
    }

    #[test]
    fn the_newest_runs_that_fit_are_seen_in_order() {
        let all = [exchange("Oslo", 0), exchange("Rome", 1), exchange("Lisbon", 2)];
        let newest = || all.iter().rev();
        assert_eq!(texts(&Window::of(2).through(newest())), ["Rome", "Rome!", "Lisbon", "Lisbon!"]);
        assert_eq!(texts(&Window::of(9).messages(5).through(newest())), ["Rome", "Rome!", "Lisbon", "Lisbon!"]);
        assert_eq!(texts(&Window::of(0).through(newest())), [""; 0]);
        assert_eq!(texts(&Window::of(9).messages(1).through(newest())), [""; 0]);
        // Two calls are one message, and so are their results; where they don't fit, the words still may.
        let seen = Window::of(9).calls().messages(6).through(newest());
        assert_eq!(texts(&seen), ["Rome", "Rome!", "Lisbon", "", "…", "Lisbon!"]);
        let long = [exchange(&"far ".repeat(300), 0), exchange("Rome", 0)];
        assert_eq!(texts(&Window::of(9).tokens(100).through(long.iter().rev())), ["Rome", "Rome!"]);
    }

    #[test]
    fn how_a_run_ended_is_said() {
        let failed = End::Failed { kind: crate::ErrorKind::Tool, message: "sold out".into() };
        let asked_back = End::NeedsInput { questions: vec!["From where?".into(), "When?".into()] };
        let exchange = |events: Vec<Event>| {
            let journal: Vec<Entry> = events.into_iter().map(entry).collect();
            Exchange::new(RunId::new(), "To Rome".into(), &journal).map(|exchange| exchange.answered)
        };
        let completed = End::Completed { answer: "Booked.".into(), output: None };
        let rolled_back = || Event::RolledBack { undone: vec![], left: vec![] };
        let begun = |end| Event::RollbackBegun { reason: "no longer wanted".into(), end };
        let cases = [
            (vec![Event::Finished(failed.clone())], Some("This failed: sold out")),
            (vec![Event::Finished(asked_back)], Some("From where? When?")),
            (
                vec![Event::Finished(completed.clone()), begun(None), rolled_back()],
                Some("Booked. What was done was undone again."),
            ),
            (vec![begun(Some(failed)), rolled_back()], Some("This failed: sold out What was done was undone again.")),
            (vec![Event::Finished(completed), begun(None)], None),
            (vec![Event::ModelFailed { call: 1, message: String::new() }], None),
            (vec![], None),
        ];
        for (events, expected) in cases {
            assert_eq!(exchange(events.clone()).as_deref(), expected, "{events:?}");
        }
    }

    proptest! {
        #[test]
        fn a_call_is_never_without_its_result(
            calls in prop::collection::vec(0_u32..4, 0..8),
            runs in 0_u32..9, messages in prop::option::of(0_usize..20), tokens in prop::option::of(0_usize..200),
        ) {
            let exchanges: Vec<_> = calls.iter().map(|calls| exchange("Rome", *calls)).collect();
            let seen = Window { runs, messages, tokens, calls: true }.through(exchanges.iter().rev());
            prop_assert!(messages.is_none_or(|most| seen.len() <= most));
            prop_assert!(tokens.is_none_or(|most| estimate(&seen) <= most));
            let (mut called, mut returned) = (Vec::new(), Vec::new());
            for part in seen.iter().flat_map(|message| &message.parts) {
                match part {
                    Part::ToolCall(call) => called.push(&call.id),
                    Part::ToolResult { id, .. } => returned.push(id),
                    _ => {}
                }
            }
            prop_assert_eq!(&called, &returned);
            let unique: std::collections::HashSet<_> = called.iter().collect();
            prop_assert_eq!(unique.len(), called.len());
            prop_assert!(seen.first().is_none_or(|first| first.role == Role::User));
        }
    }
}
