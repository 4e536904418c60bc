//! A model that rig reaches.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use cicerone_core::model::{
    Delta, DeltaSink, Expect, Model, ModelError, ModelErrorKind, ModelInfo, Request, Response, Usage,
};
use futures::StreamExt;
use jsonschema::Validator;
use rig_core::{
    DynModel, ProviderError,
    completion::{CompletionRequest, CompletionResponse},
    operation::Completion,
    streaming::{Item, StreamEvent},
};

use crate::{
    RigModelBuilder,
    answer::{self, Verdict},
    endpoint::Endpoint,
    given::CompletionModel,
    provider::{self, COMMON, Json, Provider, Traits},
    request,
};

/// How often a request is made until its answer is what was expected.
const TRIES: u32 = 3;
/// How long a request may take, tries included, unless something else is said.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

/// A remote model; cheap to clone, clones share connections.
///
/// Requests may be made concurrently. Dropping a request's future closes its connection, at which providers stop.
#[derive(Clone)]
pub struct RigModel {
    model: DynModel<Completion>,
    endpoint: Arc<Endpoint>,
    info: ModelInfo,
    traits: Traits,
    patience: Duration,
}

/// One constructor a provider.
macro_rules! constructors {
    ($($(#[$documentation:meta])* $name:ident => $provider:ident;)*) => {
        impl RigModel {
            $(
                $(#[$documentation])*
                pub fn $name(model: impl Into<String>) -> RigModelBuilder {
                    RigModelBuilder::new(&provider::$provider, model.into())
                }
            )*
        }
    };
}

constructors! {
    /// A model of Anthropic, such as `claude-sonnet-4-5`.
    anthropic => ANTHROPIC;
    /// A model of Cohere, such as `command-a-03-2025`.
    cohere => COHERE;
    /// A model of DeepSeek, such as `deepseek-chat`.
    deepseek => DEEPSEEK;
    /// A model of Google's Gemini API, such as `gemini-2.5-flash`.
    gemini => GEMINI;
    /// A model that Groq serves, such as `llama-3.3-70b-versatile`.
    groq => GROQ;
    /// A model behind Hugging Face's router, such as `Qwen/Qwen3-32B`.
    hugging_face => HUGGING_FACE;
    /// A model of Mistral AI's platform, such as `mistral-large-latest`.
    mistral_ai => MISTRAL_AI;
    /// A model of Moonshot AI, such as `kimi-k2-0905-preview`.
    moonshot => MOONSHOT;
    /// A model of an Ollama server, such as `qwen3:8b`. Say how long its context is, or it cuts long prompts silently.
    ollama => OLLAMA;
    /// A model behind OpenRouter, such as `anthropic/claude-sonnet-4.5`.
    openrouter => OPENROUTER;
    /// A model that Together AI serves, such as `Qwen/Qwen3-235B-A22B-fp8-tput`.
    together => TOGETHER;
    /// A model of xAI, such as `grok-4`.
    xai => XAI;
}

impl RigModel {
    /// A model of a provider that is named by data, such as `("gemini", "gemini-2.5-flash")`.
    ///
    /// ```
    /// use cicerone_rig::RigModel;
    ///
    /// let error = RigModel::of("gemni", "gemini-2.5-flash").unwrap_err();
    /// assert!(error.to_string().contains("gemini"));
    /// ```
    ///
    /// # Errors
    /// [`ModelErrorKind::Load`] with the names that there are, if there is no such provider.
    pub fn of(provider: &str, model: impl Into<String>) -> Result<RigModelBuilder, ModelError> {
        match provider::ALL.iter().find(|known| known.name == provider) {
            Some(known) => Ok(RigModelBuilder::new(known, model.into())),
            None => {
                let known = crate::providers().collect::<Vec<_>>().join(", ");
                let message = format!("there is no provider `{provider}`; there are {known}");
                Err(ModelError::new(ModelErrorKind::Load, message))
            }
        }
    }

    /// A completion model that a program made with rig-core 0.44 itself, for what has no constructor here.
    ///
    /// Nothing is known of its abilities: JSON is asked for in the prompt, images are refused, and timeouts within a
    /// request are those of its own HTTP client. The methods that begin with `with_` say what is known.
    #[must_use]
    pub fn new(model: impl CompletionModel) -> Self {
        let model = model.erased();
        let name = model.id().unwrap_or("the model").to_owned();
        let convention = match model.name() {
            "mistral" => "mistral_ai",
            "xai" => "x_ai",
            "azure.openai" => "azure.ai.openai",
            "aws_bedrock" => "aws.bedrock",
            "vertexai" => "gcp.vertex_ai",
            other => other,
        };
        let endpoint = Endpoint {
            model: name.clone(),
            address: convention.to_owned(),
            key_advice: "check the key that the model was made with".to_owned(),
            secrets: Vec::new(),
        };
        let info = ModelInfo::new(name, convention);
        Self::assembled(model, endpoint, info, Traits { json: Json::Prompt, ..COMMON })
    }

    pub(crate) fn of_provider(
        provider: &Provider,
        model: DynModel<Completion>,
        endpoint: Endpoint,
        traits: Traits,
    ) -> Self {
        let info = ModelInfo::new(endpoint.model.clone(), provider.convention);
        Self::assembled(model, endpoint, info, traits)
    }

    fn assembled(model: DynModel<Completion>, endpoint: Endpoint, info: ModelInfo, mut traits: Traits) -> Self {
        traits.forces_calls &= !model.capabilities().completion.rejects_forced_tool_choice;
        let mut info = info.with_json_schema(traits.json == Json::Schema);
        info.images = traits.images;
        Self { model, endpoint: Arc::new(endpoint), info, traits, patience: PATIENCE }
    }

    /// States the context window, in tokens.
    #[must_use]
    pub fn with_context_window(mut self, tokens: u32) -> Self {
        self.info = self.info.with_context_window(tokens);
        self
    }

    /// States whether the provider holds decoding to a JSON Schema that rig sends it.
    #[must_use]
    pub fn with_json_schema(mut self, can: bool) -> Self {
        self.traits.json = match (can, self.traits.json) {
            (true, _) => Json::Schema,
            (false, Json::Schema) => Json::Prompt,
            (false, weaker) => weaker,
        };
        self.info = self.info.with_json_schema(can);
        self
    }

    /// States whether images are understood.
    #[must_use]
    pub fn with_images(mut self, can: bool) -> Self {
        self.traits.images = can;
        self.info.images = can;
        self
    }

    /// Limits how long a request may take in all; 10 minutes unless something else is said.
    #[must_use]
    pub fn with_timeout(mut self, limit: Duration) -> Self {
        self.patience = limit;
        self
    }

    /// Asks until the answer is what was expected, at most [`TRIES`] times.
    async fn converse(&self, request: &Request, deltas: &mut DeltaSink<'_>) -> Result<Response, ModelError> {
        let validator = validator(&request.expect)?;
        let lower = |json| request::lower(request, &self.traits, json, self.info.context_window);
        let mut json = self.traits.json;
        let mut lowered = lower(json)?;
        let mut usage = Usage::default();
        let mut tried = 0;
        loop {
            // Text that may still be refused is shown once it is accepted.
            let shown = validator.is_none() || json == Json::Schema;
            let response = match self.ask(lowered.clone(), shown, deltas).await {
                Ok(response) => response,
                Err(error) if tried == 0 && validator.is_some() && json == Json::Schema && self.refuses_it(&error) => {
                    tracing::warn!(endpoint = %self.endpoint, "the schema is refused; it is asked for in the prompt");
                    json = Json::Prompt;
                    lowered = lower(json)?;
                    continue;
                }
                Err(error) => return Err(self.endpoint.error(&error)),
            };
            tried += 1;
            usage += cost(&response);
            match answer::judge(&request.expect, json, validator.as_ref(), &response)? {
                Verdict::Fits { parts, finish, means } => {
                    let answer = Response::new(parts).with_usage(usage).with_finish(finish).with_means(means);
                    if !shown {
                        deltas.send(Delta::Text(answer.content()));
                    }
                    return Ok(answer);
                }
                Verdict::Wrong { why, .. } if tried >= TRIES => {
                    let message = format!("{} gave no usable answer in {tried} tries: {why}", self.endpoint);
                    return Err(ModelError::new(ModelErrorKind::Response, self.endpoint.redacted(&message)));
                }
                Verdict::Wrong { why, turns } => {
                    tracing::debug!(endpoint = %self.endpoint, why, "asked again");
                    lowered.chat_history.extend(turns);
                }
            }
        }
    }

    /// One request and its streamed answer.
    async fn ask(
        &self,
        request: CompletionRequest,
        shown: bool,
        deltas: &mut DeltaSink<'_>,
    ) -> Result<CompletionResponse, ProviderError> {
        let mut stream = self.model.stream(request)?;
        while let Some(item) = stream.next().await {
            match item? {
                Item::Event(StreamEvent::Text { text, .. }) if shown && !text.is_empty() => {
                    deltas.send(Delta::Text(text));
                }
                Item::Event(StreamEvent::Reasoning { text, .. }) if !text.is_empty() => {
                    deltas.send(Delta::Reasoning(text));
                }
                _ => {}
            }
        }
        stream.finish().await
    }

    /// Whether an error may be about the schema: models of one provider differ in which they take, if any.
    fn refuses_it(&self, error: &ProviderError) -> bool {
        error.provider_response_status().is_some_and(|status| matches!(status.as_u16(), 400 | 422))
            && self.endpoint.error(error).kind() == ModelErrorKind::Request
    }
}

impl Model for RigModel {
    fn info(&self) -> ModelInfo {
        self.info.clone()
    }

    async fn respond(&self, request: &Request, deltas: &mut DeltaSink<'_>) -> Result<Response, ModelError> {
        let begun = Instant::now();
        let answered = tokio::time::timeout(self.patience, self.converse(request, deltas)).await;
        let mut response = answered.map_err(|_| {
            let message = format!("{} gave no whole answer within {:?}; see `timeout`", self.endpoint, self.patience);
            ModelError::new(ModelErrorKind::Timeout, message)
        })??;
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        response.usage = response.usage.with_milliseconds(milliseconds);
        Ok(response)
    }
}

impl fmt::Debug for RigModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RigModel").field("info", &self.info).finish_non_exhaustive()
    }
}

fn validator(expect: &Expect) -> Result<Option<Validator>, ModelError> {
    let Expect::Json(schema) = expect else { return Ok(None) };
    jsonschema::validator_for(schema).map(Some).map_err(|error| {
        ModelError::new(ModelErrorKind::Request, format!("the schema of the answer is not valid: {error}"))
    })
}

fn cost(response: &CompletionResponse) -> Usage {
    let usage = &response.usage;
    let prompt = usage.input_tokens.unwrap_or(0);
    let cached = usage.cached_input_tokens.unwrap_or(0);
    Usage::new(prompt, usage.output_tokens.unwrap_or(0)).with_computed(prompt.saturating_sub(cached))
}
