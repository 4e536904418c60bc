//! A model that says what a recording says.

use std::sync::Arc;

use cicerone::{
    message::{Part, Role},
    model::{DeltaSink, Model, ModelError, ModelErrorKind, ModelInfo, Request, Response},
};

use crate::recording::{Answer, Recording};

/// How a run ends whose recording stops in the middle, such as at a limit of turns.
pub(crate) const END: &str = "the recording ends here";

/// A model whose answer depends on nothing but how many answers stand in the conversation already: asked again after a
/// crash, it says the same again.
#[derive(Clone, Debug)]
pub(crate) struct Recorded(Arc<Vec<Answer>>);

impl Recorded {
    pub(crate) fn new(recording: &Recording) -> Self {
        Self(Arc::new(recording.answers().cloned().collect()))
    }
}

impl Model for Recorded {
    fn info(&self) -> ModelInfo {
        ModelInfo::new("recorded", "recording")
    }

    async fn respond(&self, request: &Request, _: &mut DeltaSink<'_>) -> Result<Response, ModelError> {
        let said = request.messages.iter().filter(|message| message.role == Role::Assistant).count();
        let answer = self.0.get(said).ok_or_else(|| ModelError::new(ModelErrorKind::Drift, END))?;
        let mut parts = Vec::new();
        if !answer.text.is_empty() {
            parts.push(Part::Text { text: answer.text.clone() });
        }
        parts.extend(answer.call.iter().map(|(call, _)| Part::ToolCall(call.clone())));
        if answer.call.is_none() && answer.text.trim().is_empty() {
            // An agent has to say something; a recorded model did not always.
            parts = vec![Part::Text { text: "…".to_owned() }];
        }
        Ok(Response::new(parts))
    }
}
