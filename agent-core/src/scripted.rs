//! A model that plays a script: for tests, demonstrations and everything that must not depend on a real one.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    message::Part,
    model::{Delta, DeltaSink, Expect, Finish, Model, ModelError, ModelErrorKind, ModelInfo, Request, Response, Usage},
};

/// A [`Model`] that answers with what it was given, in order, and notices when it is asked something else.
///
/// Clones share the script. A request beyond its end, or one that a reply does not expect, is an error of the kind
/// [`Drift`](ModelErrorKind::Drift); [`assert_complete`](Self::assert_complete) fails if replies are left.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use cicerone_core::{message::Message, model::{DeltaSink, Model, Request}, scripted::{Reply, ScriptedModel}};
///
/// let model = ScriptedModel::new().then(Reply::text("18 °C").expecting("Lisbon"));
/// let request = Request::new(vec![Message::user("How is the weather in Lisbon?")]);
/// let response = model.respond(&request, &mut DeltaSink::none()).await?;
/// assert_eq!(response.content(), "18 °C");
/// model.assert_complete();
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ScriptedModel {
    script: Arc<Mutex<Script>>,
    info: ModelInfo,
}

#[derive(Default)]
struct Script {
    replies: VecDeque<Reply>,
    requests: Vec<Request>,
}

/// One reply of a [`ScriptedModel`], and what its request must be.
#[derive(Debug)]
pub struct Reply {
    result: Result<Response, ModelError>,
    contains: Vec<String>,
    after: Duration,
}

impl Reply {
    /// A reply of text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::response(Response::text(text))
    }

    /// A reply of any parts.
    #[must_use]
    pub fn response(response: Response) -> Self {
        Self { result: Ok(response), contains: Vec::new(), after: Duration::ZERO }
    }

    /// A failure.
    #[must_use]
    pub fn error(error: ModelError) -> Self {
        Self { result: Err(error), contains: Vec::new(), after: Duration::ZERO }
    }

    /// The request's last message must contain this text.
    #[must_use]
    pub fn expecting(mut self, text: impl Into<String>) -> Self {
        self.contains.push(text.into());
        self
    }

    /// The reply comes after this time.
    #[must_use]
    pub fn after(mut self, time: Duration) -> Self {
        self.after = time;
        self
    }
}

impl ScriptedModel {
    /// A model with an empty script, called `scripted`, that neither grammars nor schemas constrain.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "an empty script is rarely what is wanted")]
    pub fn new() -> Self {
        Self { script: Arc::default(), info: ModelInfo::new("scripted", "script") }
    }

    /// States another name or other abilities.
    #[must_use]
    pub fn with_info(mut self, info: ModelInfo) -> Self {
        self.info = info;
        self
    }

    /// Adds a reply of text.
    #[must_use]
    pub fn reply(self, text: impl Into<String>) -> Self {
        self.then(Reply::text(text))
    }

    /// Adds a reply.
    #[must_use]
    pub fn then(self, reply: Reply) -> Self {
        self.with(|script| script.replies.push_back(reply));
        self
    }

    /// All requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.with(|script| script.requests.clone())
    }

    /// Checks that every reply was asked for.
    ///
    /// # Panics
    /// If some were not.
    #[expect(clippy::panic, reason = "an assertion for tests, named as one")]
    pub fn assert_complete(&self) {
        let (asked, left) = self.with(|script| (script.requests.len(), script.replies.len()));
        if left > 0 {
            panic!("the script has {left} replies left after {asked} requests");
        }
    }

    // No code panics while it holds the lock.
    fn with<R>(&self, body: impl FnOnce(&mut Script) -> R) -> R {
        body(&mut self.script.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Model for ScriptedModel {
    fn info(&self) -> ModelInfo {
        self.info.clone()
    }

    async fn respond(&self, request: &Request, deltas: &mut DeltaSink<'_>) -> Result<Response, ModelError> {
        let (number, reply) = self.with(|script| {
            // What is kept for assertions must not share the conversation, which would then be copied at each step.
            let messages = Arc::new(Vec::clone(&request.messages));
            script.requests.push(Request { messages, expect: request.expect.clone(), sampling: request.sampling });
            (script.requests.len(), script.replies.pop_front())
        });
        let asked = request.messages.last().map(said).unwrap_or_default();
        let drift = |why: String| ModelError::new(ModelErrorKind::Drift, format!("request {number} {why}"));
        let reply = reply.ok_or_else(|| drift(format!("is beyond the end of the script; it asks: {asked}")))?;
        if let Some(missing) = reply.contains.iter().find(|text| !asked.contains(text.as_str())) {
            return Err(drift(format!("should contain {missing:?}; it asks: {asked}")));
        }
        if !reply.after.is_zero() {
            tokio::time::sleep(reply.after).await;
        }
        let mut response = reply.result?;
        for part in &response.parts {
            if let Part::Text { text } = part {
                text.split_inclusive(' ').for_each(|word| deltas.send(Delta::Text(word.to_owned())));
            }
        }
        if response.usage == Usage::default() {
            let words = |text: &str| text.split_whitespace().count() as u64;
            let prompt = request.messages.iter().map(|message| words(&said(message))).sum();
            response.usage = Usage::new(prompt, words(&response.content()));
        }
        if matches!(request.expect, Expect::Decision(_))
            && response.parts.iter().any(|p| matches!(p, Part::ToolCall(_)))
        {
            response.finish = Finish::ToolCalls;
        }
        Ok(response)
    }
}

/// All that a message says, tool results included.
fn said(message: &crate::message::Message) -> String {
    let texts = message.parts.iter().filter_map(|part| match part {
        Part::Text { text } | Part::Reasoning { text } => Some(text.as_str()),
        Part::ToolResult { content, .. } => Some(content.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

impl fmt::Debug for ScriptedModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.with(|script| script.replies.len());
        f.debug_struct("ScriptedModel").field("name", &self.info.name).field("replies_left", &left).finish()
    }
}
