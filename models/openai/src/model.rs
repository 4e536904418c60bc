//! A model behind a server.

use std::{fmt, sync::Arc, time::Instant as Clock};

use cicerone_core::{
    message::Part,
    model::{DeltaSink, Finish, Means, Model, ModelError, ModelErrorKind, ModelInfo, Request, Response, Usage},
};
use tokio::time::Instant;

use crate::{
    assembly::Assembly,
    concession::{self, Concession, Concessions},
    connector::Connector,
    dialect::Dialect,
    failure::plain,
    form::Form,
    http::{Server, Trouble},
    incoming::Incoming,
    message::Correction,
    reading::Wrong,
    request::{self, Terms},
};

/// How often a model is asked again for an answer that could be used.
const AGAIN: usize = 2;

/// A model behind an OpenAI-compatible server; cheap to clone, clones share their connections.
///
/// Answers are streamed. Dropping a request's future closes its connection, at which servers stop decoding. Nothing is
/// tried again when a server fails: that is for who knows how often; the error says how long the server asked to wait.
/// Only an answer that is not what was asked for is asked for again, at most twice: the usage counts all of them, and
/// the deltas of all have been sent.
#[derive(Clone)]
pub struct OpenAiModel(Arc<Connected>);

struct Connected {
    server: Server,
    /// The model, as the server calls it.
    id: String,
    info: ModelInfo,
    dialect: Dialect,
    concessions: Concessions,
}

impl OpenAiModel {
    /// A model by its name, at the address in `OPENAI_BASE_URL` or at OpenAI, unless another is given.
    pub fn named(name: impl Into<String>) -> Connector {
        Connector::new(Some(name.into()), None)
    }

    /// The only model of the server at an address such as `http://127.0.0.1:8080/v1`.
    pub fn at(base_url: impl Into<String>) -> Connector {
        Connector::new(None, Some(base_url.into()))
    }

    pub(crate) fn new(server: Server, id: String, info: ModelInfo, dialect: Dialect) -> Self {
        Self(Arc::new(Connected { server, id, info, dialect, concessions: Concessions::default() }))
    }
}

impl Connected {
    /// Asks once, in a form that the server takes.
    async fn ask<'r>(
        &self,
        request: &'r Request,
        corrections: &[Correction],
        deltas: &mut DeltaSink<'_>,
    ) -> Result<(Form<'r>, Assembly), ModelError> {
        let endpoint = &self.server.endpoint;
        let deadline = Instant::now() + self.server.waits.total;
        loop {
            let conceded = self.concessions.made();
            let form = Form::of(&request.expect, self.dialect, conceded)?;
            let terms = Terms {
                model: &self.id,
                form: &form,
                corrections,
                conceded,
                dialect: self.dialect,
                official: endpoint.is_official(),
            };
            let body = request::body(request, terms)?;
            match self.server.post(body, deadline).await {
                Ok(response) => {
                    let answer = Incoming::new(response, &self.server, deadline).answer(deltas).await?;
                    return Ok((form, answer));
                }
                // Each turn of this loop concedes something that was not conceded before, so it ends.
                Err(Trouble::Refused(refusal)) => match concession::asked_for(&refusal, conceded, form.is_strict()) {
                    Some(concession) => {
                        let why = endpoint.told(&refusal.said().message, 300);
                        tracing::warn!(?concession, %why, "the server refuses a part of the request; it is left out from now on");
                        self.concessions.make(concession);
                    }
                    None => return Err(refusal.into_error(endpoint, &self.id)),
                },
                Err(Trouble::Failed(error)) => return Err(error),
            }
        }
    }
}

impl Model for OpenAiModel {
    fn info(&self) -> ModelInfo {
        self.0.info.clone()
    }

    async fn respond(&self, request: &Request, deltas: &mut DeltaSink<'_>) -> Result<Response, ModelError> {
        let begun = Clock::now();
        let mut usage = Usage::default();
        let mut corrections: Vec<Correction> = Vec::new();
        loop {
            let (form, answer) = self.0.ask(request, &corrections, deltas).await?;
            usage += answer.usage;
            let finish = answer.finish();
            let said = said(&answer);
            let no_native_call = matches!(form, Form::Tools { .. }) && answer.calls.is_empty();
            let read = form.read(answer, request);
            if no_native_call && calls_are_missing(&read) {
                tracing::warn!(model = %self.0.id, "it does not use the server's tool calls; decisions are asked for as JSON from now on");
                self.0.concessions.make(Concession::Tools);
            }
            let wrong = match read {
                Ok((parts, means)) => {
                    // A call that was written as text ends an answer like any other.
                    let finish = if finish == Finish::Stop && has_call(&parts) { Finish::ToolCalls } else { finish };
                    let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
                    let usage = usage.with_milliseconds(milliseconds);
                    return Ok(Response::new(parts).with_usage(usage).with_finish(finish).with_means(means));
                }
                Err(Wrong::Final(error)) => return Err(error),
                Err(Wrong::Again(wrong)) => wrong,
            };
            if corrections.len() == AGAIN {
                let message = format!(
                    "`{}` gave no usable answer in {} tries: {}; at last it wrote \"{}\"",
                    self.0.info.name,
                    AGAIN + 1,
                    plain(&wrong, 400),
                    plain(&said, 200)
                );
                return Err(ModelError::new(ModelErrorKind::Response, message));
            }
            tracing::debug!(%wrong, "the answer can't be used; the model is asked again");
            corrections.push(Correction { said, wrong });
        }
    }
}

/// Whether an answer without native calls should have had some: it has them as text, or is none for want of them.
fn calls_are_missing(read: &Result<(Vec<Part>, Means), Wrong>) -> bool {
    match read {
        Ok((parts, _)) => has_call(parts),
        Err(Wrong::Again(_)) => true,
        Err(Wrong::Final(_)) => false,
    }
}

fn has_call(parts: &[Part]) -> bool {
    parts.iter().any(|part| matches!(part, Part::ToolCall(_)))
}

/// What an answer says, as text: calls that can't be read can't be sent back as calls.
fn said(answer: &Assembly) -> String {
    let calls = answer.calls.iter().map(|call| format!("{}({})", call.name, call.arguments));
    let all: Vec<String> = Some(answer.text.clone()).filter(|text| !text.is_empty()).into_iter().chain(calls).collect();
    all.join("\n")
}

impl fmt::Debug for OpenAiModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAiModel")
            .field("info", &self.0.info)
            .field("dialect", &self.0.dialect)
            .finish_non_exhaustive()
    }
}
