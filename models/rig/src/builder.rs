//! What has to be known of a remote model before it can be asked.

use std::{env, time::Duration};

use cicerone_core::model::{ModelError, ModelErrorKind};
use reqwest::{Url, header::HeaderValue};
use rig_core::{
    DynModel,
    operation::Completion,
    providers::{
        anthropic::AnthropicConfig, cohere::CohereConfig, gemini::GeminiConfig, ollama::OllamaConfig,
        openai::OpenAIConfig,
    },
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    RigModel,
    endpoint::Endpoint,
    model::PATIENCE,
    provider::{Json, Provider, Traits, Wire},
    transport::Transport,
};

/// The shortest text that is taken out of messages as a secret. Shorter ones would take words apart.
const SHORTEST_SECRET: usize = 4;

/// A remote model about to be built; see [`RigModel`].
///
/// ```
/// use cicerone_rig::RigModel;
/// use std::time::Duration;
///
/// let builder = RigModel::ollama("qwen3:8b")
///     .base_url("http://localhost:11434")
///     .context_window(16_384)
///     .idle_timeout(Duration::from_secs(300));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a model is made by `build`"]
pub struct RigModelBuilder {
    provider: &'static Provider,
    model: String,
    api_key: Option<SecretString>,
    base_url: Option<String>,
    context_window: Option<u32>,
    traits: Traits,
    connect: Duration,
    idle: Duration,
    patience: Duration,
}

impl RigModelBuilder {
    pub(crate) fn new(provider: &'static Provider, model: String) -> Self {
        Self {
            provider,
            model,
            api_key: None,
            base_url: None,
            context_window: None,
            traits: provider.traits,
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(120),
            patience: PATIENCE,
        }
    }

    /// Sets the key, instead of the provider's variable.
    pub fn api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Sets the address, for a proxy or a server of one's own: what stands in the table of this crate, replaced.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// States the context window, in tokens. Ollama is told, others have it fixed.
    pub fn context_window(mut self, tokens: u32) -> Self {
        self.context_window = Some(tokens);
        self
    }

    /// States whether the model understands images. Assumed of Anthropic and Gemini only.
    pub fn images(mut self, can: bool) -> Self {
        self.traits.images = can;
        self
    }

    /// Asks for JSON in the prompt, for a model that takes no schema though its provider does.
    pub fn without_json_schema(mut self) -> Self {
        if self.traits.json == Json::Schema {
            self.traits.json = Json::Prompt;
        }
        self
    }

    /// Never sends a temperature, for a model that refuses one and that rig does not know to.
    pub fn without_temperature(mut self) -> Self {
        self.traits.temperature = false;
        self
    }

    /// Limits how long connecting may take; 10 seconds unless something else is said.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect = limit;
        self
    }

    /// Limits how long the server may be silent, before its answer and within it; 2 minutes unless something else is
    /// said.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.idle = limit;
        self
    }

    /// Limits how long a request may take in all; 10 minutes unless something else is said.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.patience = limit;
        self
    }

    /// The model. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ModelErrorKind::Authentication`] if there is no usable key, which names the variable to set;
    /// [`ModelErrorKind::Load`] if the address or the model's name can't be one.
    pub fn build(self) -> Result<RigModel, ModelError> {
        self.build_in(|variable| env::var(variable).ok())
    }

    fn build_in(self, variable: impl Fn(&str) -> Option<String>) -> Result<RigModel, ModelError> {
        let set = |name: &&str| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let key = self.key(set)?;
        let header = HeaderValue::from_str(key.expose_secret()).map(|mut header| {
            header.set_sensitive(true);
            header
        });
        let header = header.map_err(|_| {
            let message =
                format!("the key for {} has characters that no key has; {}", self.provider.name, self.advice());
            ModelError::new(ModelErrorKind::Authentication, message)
        })?;
        if !is_name(&self.model) {
            return Err(load(format!("`{}` can't be the name of a model of {}", self.model, self.provider.name)));
        }
        let address = match &self.base_url {
            Some(url) => Some(url.clone()),
            None => self.provider.address_variable.as_ref().and_then(set),
        };
        let address = address.unwrap_or_else(|| default_address(self.provider.wire));
        let url = read(&address)?;
        if url.scheme() == "http" && !key.expose_secret().is_empty() && !is_local(&url) {
            tracing::warn!(provider = self.provider.name, "the key is sent without encryption; use https");
        }
        let transport = Transport::new(self.connect, self.idle).map_err(|error| {
            load("the HTTP client can't be set up; are there root certificates?").with_source(error)
        })?;
        let transport = match self.provider.wire {
            Wire::Gemini => transport.with_google_key(header),
            _ => transport,
        };
        let password = url.password().map(SecretString::from);
        let endpoint = Endpoint {
            model: self.model.clone(),
            address: url.origin().ascii_serialization(),
            key_advice: self.advice(),
            secrets: [Some(key.clone()), password]
                .into_iter()
                .flatten()
                .filter(|secret| secret.expose_secret().len() >= SHORTEST_SECRET)
                .collect(),
        };
        let connected = connect(self.provider.wire, &self.model, key.expose_secret(), &address, transport);
        let model = RigModel::of_provider(self.provider, connected, endpoint, self.traits).with_timeout(self.patience);
        Ok(match self.context_window {
            Some(tokens) => model.with_context_window(tokens),
            None => model,
        })
    }

    fn key(&self, set: impl Fn(&&str) -> Option<String>) -> Result<SecretString, ModelError> {
        let given = self.api_key.as_ref().map(|key| key.expose_secret().trim().to_owned());
        let given = given.filter(|key| !key.is_empty());
        let key = given.or_else(|| self.provider.variables.iter().find_map(set));
        if key.is_none() && self.provider.needs_key {
            let message = format!("there is no key for {}; {}", self.provider.name, self.advice());
            return Err(ModelError::new(ModelErrorKind::Authentication, message));
        }
        Ok(SecretString::from(key.unwrap_or_default()))
    }

    fn advice(&self) -> String {
        let variables: Vec<String> = self.provider.variables.iter().map(|name| format!("`{name}`")).collect();
        format!("set {}, or give a key with `api_key`", variables.join(" or "))
    }
}

/// Whether a name can be a part of a URL's path as it is, and leads nowhere else.
fn is_name(model: &str) -> bool {
    let plain = model.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:/@+".contains(&b));
    plain && !model.is_empty() && !model.contains("..")
}

fn load(message: impl Into<String>) -> ModelError {
    ModelError::new(ModelErrorKind::Load, message)
}

fn read(address: &str) -> Result<Url, ModelError> {
    // The address itself may hold a password, so it is not repeated.
    let url = Url::parse(address)
        .map_err(|error| load("`base_url` is no URL; it is like `https://host`").with_source(error))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(load(format!("`base_url` is of `{}`; it has to be http or https", url.scheme())));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(load("`base_url` has a `?` or `#`; leave out what follows it"));
    }
    Ok(url)
}

fn is_local(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let host = host.trim_matches(['[', ']']);
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

fn default_address(wire: Wire) -> String {
    match wire {
        Wire::Anthropic => AnthropicConfig::new("").base_url,
        Wire::Gemini => GeminiConfig::new("").base_url,
        Wire::Ollama => OllamaConfig::new().base_url,
        Wire::Cohere => CohereConfig::new("").base_url,
        Wire::OpenAi(dialect) => dialect.base_url.to_owned(),
    }
}

fn connect(wire: Wire, model: &str, key: &str, address: &str, http: Transport) -> DynModel<Completion> {
    match wire {
        Wire::Anthropic => {
            let mut model = AnthropicConfig::new(key).with_base_url(address).connect(http).completion(model);
            // Other providers cache prompts on their own; this one has to be asked.
            model.wire = model.wire.with_prompt_caching();
            model.erase()
        }
        // The transport has the key.
        Wire::Gemini => GeminiConfig::new("").with_base_url(address).connect(http).completion(model).erase(),
        // The other format that Ollama speaks has no place for the context window.
        Wire::Ollama => {
            let config = OllamaConfig::new().with_base_url(address).with_api_key(key);
            config.connect(http).native_completion(model).erase()
        }
        Wire::Cohere => CohereConfig::new(key).with_base_url(address).connect(http).completion(model).erase(),
        Wire::OpenAi(dialect) => {
            let config = OpenAIConfig::with_key(dialect, key).with_base_url(address.trim_end_matches('/'));
            config.connect(http).completion(model).erase()
        }
    }
}

#[cfg(test)]
mod tests {
    use cicerone_core::model::Model;

    use super::*;
    use crate::provider::ALL;

    fn nothing(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn a_missing_key_names_its_variable() {
        for provider in ALL.into_iter().filter(|provider| provider.needs_key) {
            let error = RigModelBuilder::new(provider, "m".into()).build_in(nothing).unwrap_err();
            assert_eq!(error.kind(), ModelErrorKind::Authentication);
            assert!(error.to_string().contains(provider.variables[0]), "{error}");
        }
        assert!(RigModel::ollama("m").build_in(nothing).is_ok());
    }

    #[test]
    fn every_provider_builds_and_shows_no_key() {
        for provider in ALL {
            let builder = RigModelBuilder::new(provider, "m".into()).api_key("sk-1234567890").context_window(8_192);
            assert!(!format!("{builder:?}").contains("1234567890"), "{builder:?}");
            let model = builder.build_in(nothing).unwrap();
            assert!(!format!("{model:?}").contains("1234567890"), "{model:?}");
            let info = model.info();
            assert_eq!((info.provider.as_str(), info.context_window), (provider.convention, Some(8_192)));
            assert!(!info.grammar);
        }
    }

    #[test]
    fn the_first_variable_that_is_set_wins() {
        let builder = RigModel::gemini("m");
        let key = |set: &'static [(&str, &str)]| {
            let set = |name: &&str| set.iter().find(|(known, _)| known == name).map(|(_, key)| (*key).to_owned());
            builder.key(set).unwrap().expose_secret().to_owned()
        };
        assert_eq!(key(&[("GOOGLE_API_KEY", "second")]), "second");
        assert_eq!(key(&[("GOOGLE_API_KEY", "second"), ("GEMINI_API_KEY", "first")]), "first");
    }

    #[test]
    fn what_can_not_be_used_is_refused_without_being_repeated() {
        let build = |builder: RigModelBuilder| builder.build_in(nothing).unwrap_err().to_string();
        let model = || RigModel::anthropic("m").api_key("secret");
        assert!(build(model().base_url("localhost")).contains("no URL"));
        assert!(build(model().base_url("ftp://user:hidden@host")).contains("http or https"));
        assert!(build(model().base_url("https://host/?key=hidden")).contains("`?`"));
        assert!(build(RigModel::gemini("../../v1/files").api_key("secret")).contains("name of a model"));
        assert!(build(RigModel::gemini("m?alt=json").api_key("secret")).contains("name of a model"));
        let error = build(RigModel::anthropic("m").api_key("hid\nden"));
        assert!(error.contains("characters") && !error.contains("hid"), "{error}");
    }
}
