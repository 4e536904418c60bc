//! A conversation in the words of chat completions.
//!
//! It is written straight out of the messages, which are borrowed: the only copy of them is the body that is sent.

use std::{borrow::Cow, fmt};

use cicerone_core::message::{Message, Part, Role, ToolCall};
use serde::{Serialize, Serializer, ser::SerializeSeq};
use serde_json::json;

/// An answer that could not be used, and why.
#[derive(Debug)]
pub(crate) struct Correction {
    pub(crate) said: String,
    pub(crate) wrong: String,
}

/// A conversation as it is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conversation<'r> {
    pub(crate) messages: &'r [Message],
    /// Whether calls and results are written as text, for servers without tools.
    pub(crate) written: bool,
    /// What is added to the system's text.
    pub(crate) instruction: Option<&'r str>,
    /// Answers to this request that could not be used.
    pub(crate) corrections: &'r [Correction],
}

impl Serialize for Conversation<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(None)?;
        let mut messages = self.messages;
        if let Some(instruction) = self.instruction {
            // Many chat templates know one system message only, the first.
            let text = match messages.split_first() {
                Some((first, rest)) if first.role == Role::System => {
                    messages = rest;
                    Cow::Owned(format!("{}\n\n{instruction}", first.text()))
                }
                _ => Cow::Borrowed(instruction),
            };
            all.serialize_element(&Wire::text("system", text))?;
        }
        for message in messages {
            for wire in wires(message, self.written) {
                all.serialize_element(&wire)?;
            }
        }
        for Correction { said, wrong } in self.corrections {
            let told = format!("That can't be used: {wrong}. Write it again, correctly and whole.");
            all.serialize_element(&Wire::text("assistant", Cow::Borrowed(said)))?;
            all.serialize_element(&Wire::text("user", Cow::Owned(told)))?;
        }
        all.end()
    }
}

#[derive(Serialize)]
struct Wire<'m> {
    role: &'static str,
    content: Content<'m>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'m>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'m str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'m> {
    /// `null`: a message that is calls only.
    Nothing,
    Text(Cow<'m, str>),
    Pieces(Vec<Piece<'m>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Piece<'m> {
    Text { text: &'m str },
    ImageUrl { image_url: Image<'m> },
}

#[derive(Serialize)]
struct Image<'m> {
    url: DataUrl<'m>,
}

/// An image inline, written without a copy of its bytes.
struct DataUrl<'m> {
    media_type: &'m str,
    data: &'m str,
}

impl fmt::Display for DataUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "data:{};base64,{}", self.media_type, self.data)
    }
}

impl Serialize for DataUrl<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[derive(Serialize)]
struct Call<'m> {
    id: &'m str,
    #[serde(rename = "type")]
    kind: &'static str,
    function: Function<'m>,
}

#[derive(Serialize)]
struct Function<'m> {
    name: &'m str,
    /// JSON as text: so the interface has it.
    arguments: String,
}

impl<'m> Wire<'m> {
    fn text(role: &'static str, text: Cow<'m, str>) -> Self {
        Self { role, content: Content::Text(text), tool_calls: Vec::new(), tool_call_id: None }
    }
}

/// What one message becomes: each result of a tool is a message of its own.
fn wires(message: &Message, written: bool) -> Vec<Wire<'_>> {
    if written {
        return vec![spelled(message)];
    }
    let mut all: Vec<Wire<'_>> = message
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolResult { id, content, is_error } => {
                let text = if *is_error { Cow::Owned(format!("error: {content}")) } else { Cow::Borrowed(&**content) };
                Some(Wire { tool_call_id: Some(id), ..Wire::text("tool", text) })
            }
            _ => None,
        })
        .collect();
    let tool_calls: Vec<Call<'_>> = calls(message)
        .map(|call| Call {
            id: &call.id,
            kind: "function",
            function: Function { name: &call.tool, arguments: call.args.to_string() },
        })
        .collect();
    let content = content(message);
    // Besides results there may be nothing; otherwise even an empty message is one.
    if all.is_empty() || !matches!(&content, Content::Nothing) {
        let content = match content {
            Content::Nothing if tool_calls.is_empty() => Content::Text(Cow::Borrowed("")),
            content => content,
        };
        all.push(Wire { role: role(message.role), content, tool_calls, tool_call_id: None });
    }
    all
}

fn role(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::Assistant => "assistant",
        // What a tool says beside its results, such as an image, only a user can say.
        Role::User | Role::Tool => "user",
    }
}

fn calls(message: &Message) -> impl Iterator<Item = &ToolCall> {
    message.parts.iter().filter_map(|part| if let Part::ToolCall(call) = part { Some(call) } else { None })
}

/// Text and images. Reasoning is not sent back: servers either refuse it or count it as said.
fn content(message: &Message) -> Content<'_> {
    let pieces: Vec<Piece<'_>> = message
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Text { text } => Some(Piece::Text { text }),
            Part::Image { media_type, data } => {
                Some(Piece::ImageUrl { image_url: Image { url: DataUrl { media_type, data } } })
            }
            _ => None,
        })
        .collect();
    match pieces.as_slice() {
        [] => Content::Nothing,
        [Piece::Text { text }] => Content::Text(Cow::Borrowed(text)),
        several if several.iter().all(|piece| matches!(piece, Piece::Text { .. })) => {
            Content::Text(message.text().into())
        }
        _ => Content::Pieces(pieces),
    }
}

/// A message without calls and results: what the model said is given back in the form in which it was to say it.
fn spelled(message: &Message) -> Wire<'_> {
    let wanted: Vec<_> = calls(message).map(|call| json!({ "tool": call.tool, "args": call.args })).collect();
    if !wanted.is_empty() {
        let thought = message.parts.iter().find_map(|part| match part {
            Part::Reasoning { text } => Some(text.as_str()),
            _ => None,
        });
        let text = json!({ "thought": thought.unwrap_or_default(), "calls": wanted }).to_string();
        return Wire::text(role(message.role), text.into());
    }
    let results: Vec<&str> = message
        .parts
        .iter()
        .filter_map(|part| if let Part::ToolResult { content, .. } = part { Some(content.as_str()) } else { None })
        .collect();
    if !results.is_empty() {
        return Wire::text("user", format!("Results:\n{}", results.join("\n")).into());
    }
    let content = match content(message) {
        Content::Nothing => Content::Text(Cow::Borrowed("")),
        content => content,
    };
    Wire { role: role(message.role), content, tool_calls: Vec::new(), tool_call_id: None }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use serde_json::Value;

    fn conversation() -> Vec<Message> {
        let call = |id: &str| Part::ToolCall(ToolCall { id: id.into(), tool: "find".into(), args: json!({"q": "x"}) });
        let result = |id: &str, is_error| Part::ToolResult { id: id.into(), content: "[1]".into(), is_error };
        vec![
            Message::system("Be brief."),
            Message {
                role: Role::User,
                parts: vec![
                    Part::Text { text: "What is this?".into() },
                    Part::Image { media_type: "image/png".into(), data: "iVBO".into() },
                ],
            },
            Message { role: Role::Assistant, parts: vec![Part::Reasoning { text: "hm".into() }, call("a"), call("b")] },
            Message { role: Role::Tool, parts: vec![result("a", false), result("b", true)] },
            Message::assistant("A cat."),
        ]
    }

    fn sent(conversation: Conversation<'_>) -> Value {
        serde_json::to_value(conversation).unwrap()
    }

    #[test]
    fn roles_images_calls_and_results_are_sent_and_reasoning_is_not() {
        let messages = conversation();
        let all = sent(Conversation { messages: &messages, written: false, instruction: None, corrections: &[] });
        let function = json!({"name": "find", "arguments": "{\"q\":\"x\"}"});
        let expected = json!([
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}},
            ]},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "a", "type": "function", "function": function},
                {"id": "b", "type": "function", "function": function},
            ]},
            {"role": "tool", "content": "[1]", "tool_call_id": "a"},
            {"role": "tool", "content": "error: [1]", "tool_call_id": "b"},
            {"role": "assistant", "content": "A cat."},
        ]);
        assert_eq!(all, expected);
    }

    #[test]
    fn without_tools_calls_and_results_are_text() {
        let messages = conversation();
        let corrections = [Correction { said: "x".into(), wrong: "it is no JSON".into() }];
        let all = sent(Conversation {
            messages: &messages,
            written: true,
            instruction: Some("Write JSON."),
            corrections: &corrections,
        });
        let call = r#"{"tool":"find","args":{"q":"x"}}"#;
        assert_eq!(all[0]["content"], "Be brief.\n\nWrite JSON.");
        assert_eq!(all[2]["content"], format!("{{\"thought\":\"hm\",\"calls\":[{call},{call}]}}"));
        assert_eq!(all[3], json!({"role": "user", "content": "Results:\n[1]\n[1]"}));
        assert_eq!(all[5], json!({"role": "assistant", "content": "x"}));
        assert!(all[6]["content"].as_str().unwrap().contains("it is no JSON"));
    }

    #[test]
    fn instructions_come_first_where_there_is_no_system_text() {
        let messages = [Message::user("hi")];
        let all = sent(Conversation {
            messages: &messages,
            written: true,
            instruction: Some("Write JSON."),
            corrections: &[],
        });
        assert_eq!(all, json!([{"role": "system", "content": "Write JSON."}, {"role": "user", "content": "hi"}]));
    }
}
