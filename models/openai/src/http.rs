//! Requests over HTTP.

use std::{error::Error as StdError, time::Duration};

use async_openai::config::Config;
use cicerone_core::model::{ModelError, ModelErrorKind};
use reqwest::{Client, RequestBuilder, Response, StatusCode, header::CONTENT_TYPE, redirect::Policy};
use tokio::time::Instant;

use crate::{
    endpoint::Endpoint,
    failure::{Refusal, plain},
    incoming::Incoming,
};

/// How much of a refusal is read, in bytes.
const REFUSAL: usize = 64 * 1024;

/// How long a server may take to say why it refuses.
const REFUSED_WITHIN: Duration = Duration::from_secs(10);

/// How long is waited for what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waits {
    pub(crate) connect: Duration,
    pub(crate) total: Duration,
    pub(crate) idle: Duration,
}

/// A server that requests can be sent to.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    client: Client,
    pub(crate) endpoint: Endpoint,
    pub(crate) waits: Waits,
}

/// Why a request has no answer.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The server said no.
    Refused(Refusal),
    /// Anything else.
    Failed(ModelError),
}

impl From<ModelError> for Trouble {
    fn from(error: ModelError) -> Self {
        Self::Failed(error)
    }
}

impl Server {
    pub(crate) fn new(endpoint: Endpoint, waits: Waits) -> Result<Self, ModelError> {
        // Redirects are not followed: they would turn a POST into a GET, and the key would go where nobody said.
        let builder = Client::builder().connect_timeout(waits.connect).redirect(Policy::none());
        let builder = builder.user_agent(concat!("cicerone/", env!("CARGO_PKG_VERSION")));
        let builder = if endpoint.is_local() { builder.no_proxy() } else { builder };
        let client = builder.build().map_err(|error| {
            let message = format!("no HTTP client can be made: {}", cause(&error));
            ModelError::new(ModelErrorKind::Load, message).with_source(error.without_url())
        })?;
        Ok(Self { client, endpoint, waits })
    }

    /// Reads a small document within the given time.
    pub(crate) async fn get(&self, url: &str, within: Duration) -> Result<(StatusCode, String), Trouble> {
        let deadline = Instant::now() + within.min(self.waits.total);
        let response = self.send(self.client.get(url), deadline).await?;
        let status = response.status();
        let body = Incoming::new(response, self, deadline).whole().await?;
        Ok((status, body))
    }

    /// Sends the body of a chat completion; the answer is still to be read.
    pub(crate) async fn post(&self, body: Vec<u8>, deadline: Instant) -> Result<Response, Trouble> {
        let url = self.endpoint.address("/chat/completions");
        let request = self.client.post(url).header(CONTENT_TYPE, "application/json").body(body);
        self.send(request, deadline).await
    }

    async fn send(&self, request: RequestBuilder, deadline: Instant) -> Result<Response, Trouble> {
        let sent = request.headers(self.endpoint.headers()).send();
        let response = match tokio::time::timeout_at(deadline, sent).await {
            Ok(sent) => sent.map_err(|error| self.unreachable(error))?,
            Err(_) => return Err(self.too_late().into()),
        };
        if response.status().is_success() {
            return Ok(response);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let deadline = deadline.min(Instant::now() + REFUSED_WITHIN);
        let body = Incoming::new(response, self, deadline).beginning(REFUSAL).await;
        Err(Trouble::Refused(Refusal { status, headers, body }))
    }

    /// The error for a connection that could not be made or broke.
    pub(crate) fn unreachable(&self, error: reqwest::Error) -> ModelError {
        let at = self.endpoint.api_base();
        let cause = cause(&error);
        let (kind, message) = if error.is_connect() && error.is_timeout() {
            let wait = self.waits.connect;
            let message = format!(
                "no connection to {at} within {wait:?}, the connect timeout; check the address, or raise `connect_timeout`"
            );
            (ModelErrorKind::Timeout, message)
        } else if error.is_connect() {
            let message = format!("nothing answers at {at}: {cause}; start the server there, or check the base URL");
            (ModelErrorKind::Unavailable, message)
        } else {
            (ModelErrorKind::Unavailable, format!("the connection to {at} broke: {cause}"))
        };
        ModelError::new(kind, message).with_source(error.without_url())
    }

    /// The error for an answer that took too long.
    pub(crate) fn too_late(&self) -> ModelError {
        let message = format!(
            "{} gave no whole answer within {:?}, the total timeout; raise `total_timeout`, or ask for fewer tokens",
            self.endpoint.api_base(),
            self.waits.total
        );
        ModelError::new(ModelErrorKind::Timeout, message)
    }
}

/// The innermost cause: the outer ones repeat the address, or say nothing.
fn cause(error: &reqwest::Error) -> String {
    let mut inner: &dyn StdError = error;
    while let Some(next) = inner.source() {
        inner = next;
    }
    plain(&inner.to_string(), 200)
}
