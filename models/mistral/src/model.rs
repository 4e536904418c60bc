//! A loaded model.

use std::{fmt, sync::Arc, time::Instant};

use cicerone_core::model::{
    Delta, DeltaSink, Expect, Finish, Means, Model, ModelError, ModelErrorKind, ModelInfo, Request, Response, Usage,
};
use mistralrs::Response as Chunk;

use crate::{Loader, answer, prefix::Prefixes, request};

/// A local model; cheap to clone, clones share the weights.
///
/// Requests may be made concurrently: the engine decodes several at once. Dropping a request's future stops its
/// decoding at the next token.
#[derive(Clone)]
pub struct MistralModel(Arc<Loaded>);

struct Loaded {
    engine: mistralrs::Model,
    info: ModelInfo,
    stop: Vec<u32>,
    prefixes: Prefixes,
}

/// What models call the tokens that end a turn or a text. A grammar that is complete lets only the tokenizer's own end
/// token through, which is not always the one that ends a chat turn; decoding has to stop at either.
const END_TOKENS: [&str; 7] =
    ["<|endoftext|>", "<|im_end|>", "</s>", "<|eot_id|>", "<|end_of_text|>", "<|end|>", "<end_of_turn>"];

impl MistralModel {
    /// Loads a GGUF file: a name of the [catalogue](crate::catalogue), which is downloaded if need be, or a path.
    pub fn gguf(name_or_path: impl Into<String>) -> Loader {
        Loader::gguf(name_or_path.into())
    }

    /// Loads a model of the hub, or a folder of the same form, and quantises it while it is loaded.
    pub fn hub(repository: impl Into<String>) -> Loader {
        Loader::hub(repository.into())
    }

    pub(crate) async fn new(engine: mistralrs::Model, name: String, context: u32) -> Result<Self, ModelError> {
        let info =
            ModelInfo::new(name, "mistral.rs").with_context_window(context).with_grammar(true).with_json_schema(true);
        let mut stop = Vec::new();
        for text in END_TOKENS {
            let tokens = engine.tokenize(either::Either::Right(text.to_owned()), None, false, false, None).await;
            if let Ok([token]) = tokens.as_deref() {
                stop.push(*token);
            }
        }
        Ok(Self(Arc::new(Loaded { engine, info, stop, prefixes: Prefixes::default() })))
    }

    /// How many tokens the prompt of a request has.
    async fn count(&self, request: &Request) -> Result<Vec<u32>, ModelError> {
        let messages = request::texts(request);
        let tokens = self.0.engine.tokenize(either::Either::Left(messages), None, false, true, None).await;
        tokens.map_err(|error| {
            ModelError::new(ModelErrorKind::Request, format!("the prompt can't be tokenized: {error}"))
        })
    }
}

impl Model for MistralModel {
    fn info(&self) -> ModelInfo {
        self.0.info.clone()
    }

    async fn respond(&self, request: &Request, deltas: &mut DeltaSink<'_>) -> Result<Response, ModelError> {
        let begun = Instant::now();
        let tokens = self.count(request).await?;
        let window = self.0.info.context_window.unwrap_or(u32::MAX) as usize;
        if tokens.len() >= window {
            let message = format!("the prompt has {} tokens; {} takes {window}", tokens.len(), self.0.info.name);
            return Err(ModelError::new(ModelErrorKind::Request, message));
        }
        let prompt = tokens.len() as u64;
        let computed = self.0.prefixes.computed(tokens);
        let lowered = request::lower(request, &self.0.stop);
        // Always streamed: when the receiver of a stream is dropped, the engine stops at the next token, whereas an
        // answer in one piece is decoded to its end.
        let mut stream = self.0.engine.stream_chat_request(lowered).await.map_err(|error| {
            ModelError::new(ModelErrorKind::Unavailable, format!("the engine does not take requests: {error}"))
        })?;
        let mut text = String::new();
        let mut output = 0;
        let mut finish = None;
        while let Some(chunk) = stream.next().await {
            match chunk {
                Chunk::Chunk(chunk) => {
                    if let Some(usage) = &chunk.usage {
                        output = usage.completion_tokens as u64;
                    }
                    let Some(choice) = chunk.choices.into_iter().next() else { continue };
                    if let Some(more) = choice.delta.content.filter(|more| !more.is_empty()) {
                        text.push_str(&more);
                        deltas.send(Delta::Text(more));
                    }
                    finish = finish.or(choice.finish_reason);
                    if finish.is_some() {
                        break;
                    }
                }
                Chunk::ModelError(message, _) => {
                    return Err(ModelError::new(ModelErrorKind::Response, format!("the model failed: {message}")));
                }
                Chunk::InternalError(error) | Chunk::ValidationError(error) => {
                    let message = format!("the engine refused the request: {error}");
                    return Err(ModelError::new(ModelErrorKind::Request, message).with_source(error));
                }
                _ => {}
            }
        }
        let finish = match finish.as_deref() {
            Some("length") => Finish::Length,
            Some(_) => Finish::Stop,
            // The engine sends no last chunk for an answer that its length limit cuts inside a character.
            None if !text.is_empty() => Finish::Length,
            None => {
                let message = "the engine stopped before it answered";
                return Err(ModelError::new(ModelErrorKind::Unavailable, message));
            }
        };
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let usage = Usage::new(prompt, output).with_computed(computed).with_milliseconds(milliseconds);
        let means = if matches!(request.expect, Expect::Text) { Means::Plain } else { Means::Constrained };
        let parts = answer::parts(&request.expect, text, finish)?;
        Ok(Response::new(parts).with_usage(usage).with_finish(finish).with_means(means))
    }
}

impl fmt::Debug for MistralModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MistralModel").field("info", &self.0.info).finish_non_exhaustive()
    }
}
