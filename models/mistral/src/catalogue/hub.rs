//! Downloads from the Hugging Face hub.

use std::time::Duration;

use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, HeaderMap, RANGE};
use reqwest::{Client, Response, StatusCode};
use tokio::io::AsyncWriteExt as _;

use super::error::root_cause;
use super::partial::Partial;
use super::{CatalogueErrorKind, CatalogueOptions, Source, SourceError};

/// A server that is silent for so long has gone away.
const SILENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(500);

/// Where a file of a repository lies, and what the catalogue calls that.
pub(super) struct HubFile<'a> {
    pub(super) source: &'a Source,
    pub(super) repository: &'a str,
    pub(super) revision: &'a str,
    pub(super) file: &'a str,
}

impl HubFile<'_> {
    /// Completes the partial file, and takes a download that breaks off up again where it was.
    pub(super) async fn download(&self, options: &CatalogueOptions, partial: &Partial<'_>) -> Result<(), SourceError> {
        if options.hub_offline {
            return Err(SourceError::absent(self.source, "HF_HUB_OFFLINE is set"));
        }
        let client = Client::builder()
            .user_agent(concat!("cicerone/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(options.connect_timeout)
            .read_timeout(SILENCE)
            .build()
            .map_err(|error| SourceError::absent(self.source, root_cause(&error)).caused_by(error))?;
        let mut failures = 0;
        loop {
            match self.stream(&client, &self.url(options), partial).await {
                Err(error) if error.kind() == CatalogueErrorKind::Interrupted && failures < options.retries => {
                    failures += 1;
                    partial.note(format!("{error}; going on from there"));
                    tokio::time::sleep(PAUSE * failures).await;
                }
                done_or_failed => return done_or_failed,
            }
        }
    }

    fn url(&self, options: &CatalogueOptions) -> String {
        let endpoint = options.hub_endpoint.trim_end_matches('/');
        format!("{endpoint}/{}/resolve/{}/{}", self.repository, self.revision, self.file)
    }

    async fn stream(&self, client: &Client, url: &str, partial: &Partial<'_>) -> Result<(), SourceError> {
        let mut response = self.ask(client, url, partial.len()).await?;
        let at = self.first_byte(&response, url, partial)?;
        let mut file = partial.open(at).await?;
        let mut done = at;
        let ended = loop {
            partial.report(done);
            match response.chunk().await {
                Ok(None) if done == partial.total() => break Ok(()),
                Ok(None) => break Err(self.broke_off(done, partial, "the server closed the connection")),
                Ok(Some(chunk)) => {
                    let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                    if length > partial.total().saturating_sub(done) {
                        break Err(self.other_file(url, "more", partial.total()));
                    }
                    file.write_all(&chunk).await.map_err(|error| partial.failed_at(done, error))?;
                    done += length;
                }
                Err(error) => break Err(self.broke_off(done, partial, &root_cause(&error)).caused_by(error)),
            }
        };
        file.flush().await.map_err(|error| partial.failed_at(done, error))?;
        ended
    }

    async fn ask(&self, client: &Client, url: &str, from: u64) -> Result<Response, SourceError> {
        let mut request = client.get(url);
        if from > 0 {
            request = request.header(RANGE, format!("bytes={from}-"));
        }
        request.send().await.map_err(|error| {
            let cause = root_cause(&error);
            let reason = if error.is_builder() {
                format!("`{url}` isn't a URL ({cause}); check HF_ENDPOINT")
            } else {
                format!("can't reach {}: {cause}", host(url))
            };
            SourceError::absent(self.source, reason).caused_by(error)
        })
    }

    /// Checks what the server is about to send, and says where in the file it begins.
    fn first_byte(&self, response: &Response, url: &str, partial: &Partial<'_>) -> Result<u64, SourceError> {
        let at = match response.status() {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT if range_start(response.headers()) == Some(partial.len()) => partial.len(),
            StatusCode::RANGE_NOT_SATISFIABLE => return Err(self.other_file(url, "fewer", partial.total())),
            status => return Err(SourceError::absent(self.source, format!("{url} answered {status}"))),
        };
        let content = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if content.starts_with("text/html") {
            let reason = format!("{url} is answered by a web page, perhaps the login of this network");
            return Err(SourceError::absent(self.source, reason));
        }
        if let Some(length) = response.content_length()
            && at.saturating_add(length) != partial.total()
        {
            return Err(self.other_file(url, &at.saturating_add(length).to_string(), partial.total()));
        }
        if at < partial.len() {
            partial.note(format!("{} doesn't resume; starting from the first byte", self.source));
        }
        Ok(at)
    }

    fn other_file(&self, url: &str, found: &str, expected: u64) -> SourceError {
        let reason = format!("{url} is another file: it has {found} bytes where the model has {expected}");
        SourceError::absent(self.source, reason)
    }

    fn broke_off(&self, done: u64, partial: &Partial<'_>, cause: &str) -> SourceError {
        let reason = format!("the download broke off after {done} of {} bytes: {cause}", partial.total());
        SourceError::new(CatalogueErrorKind::Interrupted, self.source, reason)
    }
}

/// The part of a URL that says whom it asks: a whole one in an error hides what went wrong.
fn host(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(after_scheme..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| after_scheme + at);
    url.get(..end).unwrap_or(url)
}

/// The first byte of a partial answer: 500 in `bytes 500-999/1000`.
fn range_start(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (start, _) = range.strip_prefix("bytes ")?.split_once('-')?;
    start.trim().parse().ok()
}
