//! From an address to a model.

use std::{future::IntoFuture, time::Duration};

use async_openai::config::{Config, OPENAI_API_BASE};
use cicerone_core::model::{ModelError, ModelErrorKind, ModelInfo};
use futures::future::BoxFuture;
use secrecy::SecretString;

use crate::{
    dialect::Dialect,
    discovery,
    endpoint::Endpoint,
    http::{Server, Waits},
    model::OpenAiModel,
};

/// Where a model is and how it is asked; await it, or call [`connect`](Self::connect), to get the model.
///
/// Its `Debug` shows no key.
#[derive(Clone, Debug)]
#[must_use = "a connector does nothing until it is awaited"]
pub struct Connector {
    name: Option<String>,
    base_url: Option<String>,
    api_key: Option<SecretString>,
    waits: Waits,
    context_window: Option<u32>,
    images: Option<bool>,
    dialect: Option<Dialect>,
}

/// What the environment says.
#[derive(Clone, Debug, Default)]
struct Environment {
    key: Option<SecretString>,
    base_url: Option<String>,
}

impl Environment {
    fn read() -> Self {
        let of = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        Self { key: of("OPENAI_API_KEY").map(SecretString::from), base_url: of("OPENAI_BASE_URL") }
    }
}

impl Connector {
    pub(crate) fn new(name: Option<String>, base_url: Option<String>) -> Self {
        let waits =
            Waits { connect: Duration::from_secs(10), total: Duration::from_secs(600), idle: Duration::from_secs(120) };
        Self { name, base_url, api_key: None, waits, context_window: None, images: None, dialect: None }
    }

    /// Sets the address up to the version, such as `http://127.0.0.1:8080/v1`. Without it, `OPENAI_BASE_URL` counts,
    /// then OpenAI's own.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Sets the key. Without it, `OPENAI_API_KEY` counts, but only for the address that the environment names and for
    /// OpenAI's own: a key is sent to no server that it was not meant for.
    pub fn api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Sets how long a connection may take to be made; ten seconds if not set.
    pub fn connect_timeout(mut self, wait: Duration) -> Self {
        self.waits.connect = wait;
        self
    }

    /// Sets how long one answer may take from the request to its end; ten minutes if not set.
    pub fn total_timeout(mut self, wait: Duration) -> Self {
        self.waits.total = wait;
        self
    }

    /// Sets how long an answer may pause once it has begun; two minutes if not set.
    pub fn idle_timeout(mut self, wait: Duration) -> Self {
        self.waits.idle = wait;
        self
    }

    /// States how many tokens prompt and output may have together, where the server does not say.
    pub fn context_window(mut self, tokens: u32) -> Self {
        self.context_window = Some(tokens);
        self
    }

    /// States whether the model understands images, where the server does not say. OpenAI's models are taken to.
    pub fn images(mut self, can: bool) -> Self {
        self.images = Some(can);
        self
    }

    /// States what kind of server it is. Without it, the server's list of models tells llama.cpp; everything else is
    /// taken to speak OpenAI's dialect, and what it refuses is left out.
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = Some(dialect);
        self
    }

    /// Asks the server what it has.
    ///
    /// # Errors
    /// `Load` if the address is no URL, the model is unknown (the error lists what there is) or none is named where
    /// there are several; `Authentication` if a key is missing or refused; `Unavailable` or `Timeout` if nothing
    /// answers; `Response` if something else than such a server does.
    pub async fn connect(self) -> Result<OpenAiModel, ModelError> {
        self.connect_from(Environment::read()).await
    }

    async fn connect_from(self, environment: Environment) -> Result<OpenAiModel, ModelError> {
        let server = Server::new(self.endpoint(environment)?, self.waits)?;
        let official = server.endpoint.is_official();
        let listed = discovery::models(&server).await?;
        let chosen = discovery::choose(self.name.as_deref(), listed, &server)?;
        let dialect =
            self.dialect.unwrap_or(if chosen.is_of_llama_cpp() { Dialect::LlamaCpp } else { Dialect::OpenAi });
        let properties = match dialect {
            Dialect::LlamaCpp => discovery::properties(&server).await,
            _ => discovery::Properties::default(),
        };
        let provider = if dialect == Dialect::LlamaCpp { "llama.cpp" } else { "openai" };
        let mut info = ModelInfo::new(chosen.name(), provider)
            .with_json_schema(dialect != Dialect::Plain)
            .with_grammar(dialect == Dialect::LlamaCpp);
        info.context_window = self.context_window.or(properties.context_window).or(chosen.context_window());
        info.images = self.images.unwrap_or(official || properties.images);
        tracing::debug!(model = %chosen.id, ?dialect, at = server.endpoint.api_base(), "connected");
        Ok(OpenAiModel::new(server, chosen.id, info, dialect))
    }

    fn endpoint(&self, environment: Environment) -> Result<Endpoint, ModelError> {
        let given = self.base_url.as_deref();
        let base = given.or(environment.base_url.as_deref()).unwrap_or(OPENAI_API_BASE);
        let meant =
            given.is_none() || environment.base_url.as_deref() == given || Endpoint::new(base, None)?.is_official();
        let key = self.api_key.clone().or(environment.key.filter(|_| meant));
        let endpoint = Endpoint::new(base, key)?;
        if endpoint.is_official() && !endpoint.has_key() {
            let message = format!(
                "{base} wants a key: set `OPENAI_API_KEY`, give one with `api_key`, or choose another server with `base_url`"
            );
            return Err(ModelError::new(ModelErrorKind::Authentication, message));
        }
        Ok(endpoint)
    }
}

impl IntoFuture for Connector {
    type Output = Result<OpenAiModel, ModelError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.connect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn environment(key: Option<&str>, base_url: Option<&str>) -> Environment {
        Environment { key: key.map(SecretString::from), base_url: base_url.map(str::to_owned) }
    }

    fn endpoint(connector: Connector, environment: Environment) -> Result<(String, bool), ModelError> {
        connector.endpoint(environment).map(|endpoint| (endpoint.api_base().to_owned(), endpoint.has_key()))
    }

    #[test]
    fn the_environment_fills_in_address_and_key() {
        let named = || OpenAiModel::named("m");
        let own = ("https://api.openai.com/v1".to_owned(), true);
        assert_eq!(endpoint(named(), environment(Some("k-1"), None)).unwrap(), own);
        let other = ("http://models.example/v1".to_owned(), true);
        assert_eq!(endpoint(named(), environment(Some("k-1"), Some("http://models.example/v1"))).unwrap(), other);
    }

    #[test]
    fn a_key_of_the_environment_goes_to_no_other_server() {
        let connector = OpenAiModel::at("http://models.example/v1");
        let (_, has_key) = endpoint(connector.clone(), environment(Some("k-1"), None)).unwrap();
        assert!(!has_key);
        let (_, has_key) = endpoint(connector.api_key("k-2"), environment(None, None)).unwrap();
        assert!(has_key);
    }

    #[test]
    fn openai_wants_a_key() {
        let error = endpoint(OpenAiModel::named("m"), environment(None, None)).unwrap_err();
        assert_eq!(error.kind(), ModelErrorKind::Authentication);
        assert!(error.to_string().contains("OPENAI_API_KEY"), "{error}");
    }

    #[test]
    fn a_connector_shows_no_key() {
        let shown = format!("{:?}", OpenAiModel::named("m").api_key("top-secret"));
        assert!(!shown.contains("top-secret"), "{shown}");
    }
}
