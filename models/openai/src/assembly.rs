//! An answer, put together from its pieces.

use cicerone_core::model::{Delta, DeltaSink, Finish, Usage};
use serde_json::Value;

use crate::chunk::{CallPiece, Chunk};

/// What has come so far.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    pub(crate) text: String,
    pub(crate) reasoning: String,
    pub(crate) calls: Vec<RawCall>,
    pub(crate) usage: Usage,
    /// The server's word for why it ended.
    reason: Option<String>,
    refused: bool,
    /// Whether any choice came: a stream without one is no answer.
    begun: bool,
}

/// A tool call as the server wrote it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct RawCall {
    index: Option<u32>,
    pub(crate) id: String,
    pub(crate) name: String,
    /// The arguments as JSON text.
    pub(crate) arguments: String,
}

impl Assembly {
    /// Adds a chunk and sends on what is new in it.
    pub(crate) fn add(&mut self, chunk: Chunk, deltas: &mut DeltaSink<'_>) {
        if let Some(usage) = chunk.usage() {
            self.usage = usage;
        }
        // One choice is asked for; a server that sends more is only heard for the first.
        for choice in chunk.choices.into_iter().filter(|choice| choice.index == 0) {
            self.begun = true;
            if let Some(more) = choice.delta.reasoning().filter(|more| !more.is_empty()) {
                self.reasoning.push_str(more);
                deltas.send(Delta::Reasoning(more.to_owned()));
            }
            self.refused |= choice.delta.refusal.as_ref().is_some_and(|more| !more.is_empty());
            for more in
                [choice.delta.content, choice.delta.refusal].into_iter().flatten().filter(|more| !more.is_empty())
            {
                self.text.push_str(&more);
                deltas.send(Delta::Text(more));
            }
            for piece in choice.delta.tool_calls {
                self.add_call(piece);
            }
            self.reason = choice.finish_reason.or(self.reason.take());
        }
    }

    fn add_call(&mut self, piece: CallPiece) {
        let at = self.place(&piece).unwrap_or_else(|| {
            self.calls.push(RawCall { index: piece.index, ..RawCall::default() });
            self.calls.len().saturating_sub(1)
        });
        let Some(call) = self.calls.get_mut(at) else { return };
        append(&mut call.id, &piece.id);
        append(&mut call.name, &piece.function.name);
        match piece.function.arguments {
            Some(Value::String(text)) => call.arguments.push_str(&text),
            Some(Value::Null) | None => {}
            Some(value) => call.arguments = value.to_string(),
        }
    }

    /// Which call a piece belongs to; `None` if it begins one.
    fn place(&self, piece: &CallPiece) -> Option<usize> {
        let at = match piece.index {
            Some(index) => self.calls.iter().rposition(|call| call.index == Some(index))?,
            None if !piece.id.is_empty() => self.calls.iter().rposition(|call| call.id == piece.id)?,
            None if !piece.function.name.is_empty() => return None,
            None => self.calls.len().checked_sub(1)?,
        };
        // Some servers number all calls 0, each whole: another id with a name is another call.
        let known = &self.calls.get(at)?.id;
        let another =
            !known.is_empty() && !piece.id.is_empty() && *known != piece.id && !piece.function.name.is_empty();
        (!another).then_some(at)
    }

    /// Whether the server has said that the answer is at its end.
    pub(crate) fn is_finished(&self) -> bool {
        self.reason.is_some()
    }

    /// Whether anything of an answer came.
    pub(crate) fn is_begun(&self) -> bool {
        self.begun
    }

    /// Whether the server said that it failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.reason.as_deref() == Some("error")
    }

    /// Why the answer ended.
    pub(crate) fn finish(&self) -> Finish {
        match self.reason.as_deref() {
            Some("content_filter") => Finish::Refused,
            _ if self.refused => Finish::Refused,
            Some("length" | "max_tokens") => Finish::Length,
            Some("tool_calls" | "function_call") => Finish::ToolCalls,
            // Some servers say `stop` after tool calls too.
            _ if !self.calls.is_empty() => Finish::ToolCalls,
            _ => Finish::Stop,
        }
    }
}

/// Adds a piece, unless it is the whole once more: some servers repeat names and ids in every piece.
fn append(text: &mut String, piece: &str) {
    if text != piece {
        text.push_str(piece);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// The calls that come of such `tool_calls`, one list a chunk.
    fn calls(chunks: &[Value]) -> Vec<(String, String, String)> {
        let mut assembly = Assembly::default();
        for calls in chunks {
            let chunk = json!({"choices": [{"index": 0, "delta": {"content": null, "tool_calls": calls}}]});
            assembly.add(serde_json::from_value(chunk).unwrap(), &mut DeltaSink::none());
        }
        assert_eq!(assembly.finish(), Finish::ToolCalls);
        assembly.calls.into_iter().map(|call| (call.id, call.name, call.arguments)).collect()
    }

    fn expected(all: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
        all.iter().map(|(id, name, args)| ((*id).into(), (*name).into(), (*args).into())).collect()
    }

    #[test]
    fn interleaved_pieces_of_several_calls_find_their_call() {
        let chunks = [
            json!([{"index": 0, "id": "a", "type": "function", "function": {"name": "find", "arguments": ""}}]),
            json!([{"index": 1, "id": "b", "function": {"name": "bo", "arguments": "{"}}]),
            json!([{"index": 0, "function": {"arguments": "{\"q\":"}}, {"index": 1, "function": {"name": "ok", "arguments": "}"}}]),
            json!([{"index": 0, "function": {"arguments": "1}"}}]),
        ];
        assert_eq!(calls(&chunks), expected(&[("a", "find", "{\"q\":1}"), ("b", "book", "{}")]));
    }

    #[test]
    fn calls_without_an_index_are_told_apart_by_id_or_name() {
        let chunks = [
            json!([{"id": "a", "function": {"name": "find", "arguments": "{"}}, {"id": "b", "function": {"name": "find", "arguments": "{}"}}]),
            json!([{"id": "a", "function": {"arguments": "}"}}]),
            json!([{"function": {"name": "book", "arguments": "{\"x\""}}]),
            json!([{"function": {"arguments": ":2}"}}]),
        ];
        let all = [("a", "find", "{}"), ("b", "find", "{}"), ("", "book", "{\"x\":2}")];
        assert_eq!(calls(&chunks), expected(&all));
    }

    #[test]
    fn whole_calls_that_are_all_numbered_zero_stay_apart() {
        let chunks = [json!([
            {"index": 0, "id": "a", "function": {"name": "find", "arguments": "{}"}},
            {"index": 0, "id": "b", "function": {"name": "find", "arguments": {"q": 1}}},
        ])];
        assert_eq!(calls(&chunks), expected(&[("a", "find", "{}"), ("b", "find", "{\"q\":1}")]));
    }

    #[test]
    fn repeated_names_and_pieces_of_ids_are_understood() {
        let chunks = [
            json!([{"index": 0, "id": "call_", "function": {"name": "find"}}]),
            json!([{"index": 0, "id": "1", "function": {"arguments": "{}"}}]),
            json!([{"index": 0, "function": {"name": "find", "arguments": ""}}]),
        ];
        assert_eq!(calls(&chunks), expected(&[("call_1", "find", "{}")]));
    }

    #[test]
    fn text_reasoning_and_the_end_are_read() {
        let mut seen = Vec::new();
        let mut assembly = Assembly::default();
        let chunks = [
            json!({"choices": [{"delta": {"role": "assistant", "reasoning_content": "hm", "reasoning": "hm"}}]}),
            json!({"choices": [{"delta": {"reasoning": "!"}}]}),
            json!({"choices": [{"delta": {"content": "Lis"}}, {"index": 1, "delta": {"content": "Por"}}]}),
            json!({"choices": [{"delta": {"content": "bon"}, "finish_reason": "length"}]}),
            json!({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}),
        ];
        {
            let mut sink = DeltaSink::new(|delta| seen.push(delta));
            for chunk in chunks {
                assembly.add(serde_json::from_value(chunk).unwrap(), &mut sink);
            }
        }
        assert_eq!((assembly.text.as_str(), assembly.reasoning.as_str()), ("Lisbon", "hm!"));
        assert_eq!((assembly.finish(), assembly.usage), (Finish::Length, Usage::new(3, 2)));
        assert_eq!(seen.len(), 4);
        assert_eq!(seen[1], Delta::Reasoning("!".into()));
    }

    #[test]
    fn a_refusal_is_text_that_ends_in_one() {
        let mut assembly = Assembly::default();
        let chunk = json!({"choices": [{"delta": {"refusal": "I can't"}, "finish_reason": "stop"}]});
        assembly.add(serde_json::from_value(chunk).unwrap(), &mut DeltaSink::none());
        assert_eq!((assembly.finish(), assembly.text.as_str()), (Finish::Refused, "I can't"));
    }
}
