//! HTTP as this crate wants it under rig: bounded in time, without redirects, keys in headers only.
#![expect(clippy::result_large_err, reason = "the error is rig's, in signatures that rig demands")]

use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, future};
use reqwest::{Url, header::HeaderValue, redirect};
use rig_core::{
    http_client::{BoxedStream, Error, HttpClientExt, LazyBody, MultipartForm, Request, Response, Result},
    wasm_compat::WasmCompatSend,
};

/// How much of a refusal's body is read. The rest would not be shown.
const REFUSAL: usize = 64 * 1024;

/// An HTTP client for one provider.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    client: reqwest::Client,
    /// Gemini's key. rig would write it into the URL, where logs and proxies see it.
    google_key: Option<HeaderValue>,
}

impl Transport {
    /// A client that gives up on a connection after `connect`, on a silent one after `idle`.
    ///
    /// It follows no redirect: the header that holds a key would go to wherever the redirect leads.
    pub(crate) fn new(connect: Duration, idle: Duration) -> reqwest::Result<Self> {
        let client = reqwest::Client::builder()
            .connect_timeout(connect)
            .read_timeout(idle)
            .redirect(redirect::Policy::none())
            .build()?;
        Ok(Self { client, google_key: None })
    }

    /// Sends this key as Google's header.
    pub(crate) fn with_google_key(mut self, key: HeaderValue) -> Self {
        self.google_key = Some(key);
        self
    }

    /// The response to a request, once its status says that it is one.
    fn begin(&self, request: Request<Bytes>) -> impl Future<Output = Result<reqwest::Response>> + Send + use<> {
        let (mut parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string());
        let url = url.map(|url| if self.google_key.is_some() { without_key(url) } else { url });
        if let Some(key) = &self.google_key {
            parts.headers.insert("x-goog-api-key", key.clone());
        }
        let sending = url.map(|url| self.client.request(parts.method, url).headers(parts.headers).body(body).send());
        async move {
            let response = sending.map_err(Error::instance)?.await.map_err(failure)?;
            if response.status().is_success() { Ok(response) } else { Err(refusal(response).await) }
        }
    }
}

fn without_key(mut url: Url) -> Url {
    let others: Vec<(String, String)> =
        url.query_pairs().filter(|(name, _)| name != "key").map(|(name, value)| (name.into(), value.into())).collect();
    url.set_query(None);
    if !others.is_empty() {
        url.query_pairs_mut().extend_pairs(others);
    }
    url
}

/// URLs may hold what nobody should read.
fn failure(error: reqwest::Error) -> Error {
    Error::instance(error.without_url())
}

fn pieces(response: reqwest::Response) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
    response.bytes_stream().map(|piece| piece.map_err(failure))
}

async fn refusal(response: reqwest::Response) -> Error {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    let mut pieces = Box::pin(pieces(response));
    while body.len() < REFUSAL {
        let Some(Ok(piece)) = pieces.next().await else { break };
        body.extend(piece.into_iter().take(REFUSAL - body.len()));
    }
    Error::non_success_with_details(status, headers, String::from_utf8_lossy(&body).into_owned())
}

/// The same response with another body.
fn rebuilt<B>(response: reqwest::Response, body: impl FnOnce(reqwest::Response) -> B) -> Result<Response<B>> {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut rebuilt = Response::builder().status(status).body(body(response)).map_err(Error::Protocol)?;
    *rebuilt.headers_mut() = headers;
    Ok(rebuilt)
}

impl HttpClientExt for Transport {
    fn send<T, U>(
        &self,
        request: Request<T>,
    ) -> impl Future<Output = Result<Response<LazyBody<U>>>> + WasmCompatSend + 'static
    where
        T: Into<Bytes> + WasmCompatSend,
        U: From<Bytes> + WasmCompatSend + 'static,
    {
        let begun = self.begin(request.map(Into::into));
        async move {
            rebuilt(begun.await?, |response| -> LazyBody<U> {
                Box::pin(async move { response.bytes().await.map(U::from).map_err(failure) })
            })
        }
    }

    fn send_multipart<U>(
        &self,
        _: Request<MultipartForm>,
    ) -> impl Future<Output = Result<Response<LazyBody<U>>>> + WasmCompatSend + 'static
    where
        U: From<Bytes> + WasmCompatSend + 'static,
    {
        future::ready(Err(Error::instance(std::io::Error::other("completions are never sent as forms"))))
    }

    fn send_streaming<T>(
        &self,
        request: Request<T>,
    ) -> impl Future<Output = Result<Response<BoxedStream>>> + WasmCompatSend
    where
        T: Into<Bytes> + WasmCompatSend,
    {
        let begun = self.begin(request.map(Into::into));
        async move { rebuilt(begun.await?, |response| -> BoxedStream { Box::pin(pieces(response)) }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leaves_the_url_and_the_rest_stays() {
        let url = Url::parse("https://host/v1beta/models/m:streamGenerateContent?alt=sse&key=secret").unwrap();
        assert_eq!(without_key(url).as_str(), "https://host/v1beta/models/m:streamGenerateContent?alt=sse");
        let url = Url::parse("https://host/v1beta?key=secret").unwrap();
        assert_eq!(without_key(url).as_str(), "https://host/v1beta");
    }
}
