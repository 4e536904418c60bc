//! What is said between a program, a model and its tools: messages made of parts.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One message of a conversation.
///
/// ```
/// use cicerone_core::message::{Message, Role};
///
/// let message = Message::user("Berlin to Lisbon");
/// assert_eq!(message.role, Role::User);
/// assert_eq!(message.text(), "Berlin to Lisbon");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
}

impl Message {
    /// A message of one text part.
    #[must_use]
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Self { role, parts: vec![Part::Text { text: text.into() }] }
    }

    /// Instructions from the program.
    #[must_use]
    pub fn system(text: impl Into<String>) -> Self {
        Self::new(Role::System, text)
    }

    /// What the user says.
    #[must_use]
    pub fn user(text: impl Into<String>) -> Self {
        Self::new(Role::User, text)
    }

    /// What the model said.
    #[must_use]
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::new(Role::Assistant, text)
    }

    /// The text parts, one after another; reasoning and tool parts are left out.
    #[must_use]
    pub fn text(&self) -> String {
        text_of(&self.parts)
    }
}

/// Who speaks in a [`Message`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The program that uses the model.
    System,
    /// The person whom the program serves.
    User,
    /// The model.
    Assistant,
    /// A tool whose result is handed back.
    Tool,
}

/// A piece of a [`Message`] or of a model's response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Part {
    /// Plain text.
    Text {
        /// The text.
        text: String,
    },
    /// An image, inline.
    Image {
        /// Its media type, such as `image/png`.
        media_type: String,
        /// Its bytes in base64.
        data: String,
    },
    /// The model asks for a tool.
    ToolCall(ToolCall),
    /// What a tool returned, as text for the model.
    ToolResult {
        /// The `id` of the [`ToolCall`] that this answers.
        id: String,
        /// The output, usually JSON.
        content: String,
        /// Whether the tool failed.
        is_error: bool,
    },
    /// The model's thinking, kept apart from what it says.
    Reasoning {
        /// The text.
        text: String,
    },
}

/// A model's wish to call a tool, not yet validated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// An id within the conversation, which the result repeats.
    pub id: String,
    /// The tool's name as the model wrote it.
    pub tool: String,
    /// The arguments as the model wrote them.
    pub args: Value,
}

impl ToolCall {
    /// A call with an id of its own, for what a backend gives none.
    #[must_use]
    pub fn new(tool: impl Into<String>, args: Value) -> Self {
        Self { id: Self::new_id(), tool: tool.into(), args }
    }

    /// An id that is new in this process and, by the time in it, in a run that another process began.
    #[must_use]
    pub fn new_id() -> String {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
        format!("call-{time:x}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

pub(crate) fn text_of(parts: &[Part]) -> String {
    parts.iter().fold(String::new(), |mut all, part| {
        if let Part::Text { text } = part {
            all.push_str(text);
        }
        all
    })
}
