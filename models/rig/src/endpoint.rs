//! Where a model is reached, and what its failures are called.

use std::{error::Error as StdError, fmt, time::Duration};

use cicerone_core::model::{ModelError, ModelErrorKind};
use rig_core::{ProviderError, ProviderResponseError, http_client};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// The most characters of a provider's own explanation in a message.
const DETAIL: usize = 400;

/// A model's place: what errors name, and what they must not.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// The model's name.
    pub(crate) model: String,
    /// Scheme, host and port; a path may hold what nobody should read.
    pub(crate) address: String,
    /// What to do about a refused key.
    pub(crate) key_advice: String,
    /// What no message may contain.
    pub(crate) secrets: Vec<SecretString>,
}

impl Endpoint {
    /// What a failure of rig is to the framework.
    pub(crate) fn error(&self, error: &ProviderError) -> ModelError {
        let (kind, message) = match error {
            ProviderError::Http(error) => self.transport(error),
            ProviderError::InvalidAuthentication(response) | ProviderError::ProviderResponse(response) => {
                self.refused(response)
            }
            ProviderError::Truncated => {
                (ModelErrorKind::Unavailable, format!("{self} broke off in the middle of the answer"))
            }
            ProviderError::Json(error) => {
                let why = if error.is_eof() { "it is cut" } else { "is this the address of the provider's API?" };
                (ModelErrorKind::Response, format!("{self} sent something that is not the provider's format; {why}"))
            }
            ProviderError::Url(_) => {
                (ModelErrorKind::Request, format!("{self}: the address is no URL; give one with `base_url`"))
            }
            ProviderError::Request(_) | ProviderError::UnsupportedOption(_) => {
                (ModelErrorKind::Request, format!("the request can't be put to {self}: {error}"))
            }
            _ => (ModelErrorKind::Response, format!("the answer of {self} can't be understood: {error}")),
        };
        let mapped = ModelError::new(kind, self.redacted(&message)).with_source(self.cause(error));
        match retry_after(error) {
            Some(wait) => mapped.with_retry_after(wait),
            None => mapped,
        }
    }

    /// `text` without a secret.
    pub(crate) fn redacted(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), "[redacted]"))
    }

    fn cause(&self, error: &(dyn StdError + 'static)) -> Cause {
        Cause {
            text: self.redacted(&error.to_string()),
            source: error.source().map(|source| Box::new(self.cause(source))),
        }
    }

    fn transport(&self, error: &http_client::Error) -> (ModelErrorKind, String) {
        if let http_client::Error::InvalidContentType(found) = error {
            let found = found.to_str().unwrap_or_default();
            let found = if found.is_empty() { "no content type" } else { found };
            let message = format!("{self} answered with `{found}`, not with a stream of events; check `base_url`");
            return (ModelErrorKind::Response, message);
        }
        let cause = StdError::source(error).and_then(|cause| cause.downcast_ref::<reqwest::Error>());
        let cause = cause.or_else(|| match error {
            http_client::Error::Instance(cause) => cause.downcast_ref::<reqwest::Error>(),
            _ => None,
        });
        match cause {
            Some(cause) if cause.is_timeout() && cause.is_connect() => {
                (ModelErrorKind::Timeout, format!("no connection to {self} within the time allowed"))
            }
            Some(cause) if cause.is_timeout() => {
                (ModelErrorKind::Timeout, format!("{self} was silent for longer than allowed; see `idle_timeout`"))
            }
            Some(cause) if cause.is_connect() => {
                let message = format!("{self} can't be reached: {}; check `base_url` and the network", root(cause));
                (ModelErrorKind::Unavailable, message)
            }
            Some(cause) => (ModelErrorKind::Unavailable, format!("the connection to {self} broke: {}", root(cause))),
            None => (ModelErrorKind::Unavailable, format!("{self} can't be asked: {error}")),
        }
    }

    fn refused(&self, response: &ProviderResponseError) -> (ModelErrorKind, String) {
        let detail = detail(&response.body);
        if response.refusal {
            let message = format!("{self} refused what it was asked: {detail}; ask for something else");
            return (ModelErrorKind::Request, message);
        }
        let status = response.status.map(|status| status.as_u16()).filter(|status| *status >= 300);
        let code = response.machine_code().unwrap_or_default();
        let bad_key = response.body.contains("API_KEY_INVALID");
        let kind = match status {
            _ if bad_key => ModelErrorKind::Authentication,
            Some(status) => kind_of(status),
            None => kind_named(&code),
        };
        let status = status.map(|status| format!(" (HTTP {status})")).unwrap_or_default();
        let message = match kind {
            ModelErrorKind::Authentication => {
                format!("{self} refused the key{status}: {detail}; {}", self.key_advice)
            }
            ModelErrorKind::RateLimit => format!("{self} asks to slow down{status}: {detail}"),
            ModelErrorKind::Unavailable => format!("{self} failed{status}: {detail}"),
            ModelErrorKind::Timeout => format!("{self} took too long{status}: {detail}"),
            _ => format!("{self} refused the request{status}: {detail}; check the model's name and `base_url`"),
        };
        (kind, message)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` at {}", self.model, self.address)
    }
}

fn kind_of(status: u16) -> ModelErrorKind {
    match status {
        401 | 403 => ModelErrorKind::Authentication,
        408 | 504 => ModelErrorKind::Timeout,
        429 => ModelErrorKind::RateLimit,
        425 | 500.. => ModelErrorKind::Unavailable,
        _ => ModelErrorKind::Request,
    }
}

/// The kind of an error that came within a stream, by the name that the provider gave it.
fn kind_named(code: &str) -> ModelErrorKind {
    match code {
        "authentication_error" | "permission_error" | "UNAUTHENTICATED" | "PERMISSION_DENIED" => {
            ModelErrorKind::Authentication
        }
        "rate_limit_error" | "rate_limit_exceeded" | "RESOURCE_EXHAUSTED" => ModelErrorKind::RateLimit,
        "timeout_error" | "DEADLINE_EXCEEDED" => ModelErrorKind::Timeout,
        "invalid_request_error" | "not_found_error" | "request_too_large" | "INVALID_ARGUMENT" | "NOT_FOUND" => {
            ModelErrorKind::Request
        }
        _ => ModelErrorKind::Unavailable,
    }
}

/// What a refusal says, in one line.
fn detail(body: &str) -> String {
    let body = body.trim();
    if body.is_empty() {
        return "it gave no reason".to_owned();
    }
    if body.starts_with('<') {
        return "it sent an HTML page, so this may be no API".to_owned();
    }
    let said = serde_json::from_str::<Value>(body).ok().and_then(|value| {
        let error = value.get("error").unwrap_or(&value);
        let said = error.get("message").or_else(|| error.get("detail")).unwrap_or(error);
        said.as_str().map(str::to_owned)
    });
    let line = said.as_deref().unwrap_or(body).split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(DETAIL) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// How long the provider asked to wait: in the header, or where Google says it.
fn retry_after(error: &ProviderError) -> Option<Duration> {
    let header = error.provider_response_headers().and_then(|headers| headers.get("retry-after"));
    let seconds = header.and_then(|value| value.to_str().ok()?.trim().parse::<f64>().ok());
    let seconds = seconds.or_else(|| {
        let body = error.provider_response_json().ok()??;
        let details = body.get("error")?.get("details")?.as_array()?;
        let delay = details.iter().find_map(|detail| detail.get("retryDelay")?.as_str())?;
        delay.strip_suffix('s')?.parse::<f64>().ok()
    });
    seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}

/// The innermost error, which says most of a network.
fn root<'a>(error: &'a (dyn StdError + 'static)) -> &'a dyn StdError {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root
}

/// What an error said, without the secrets in it. The error itself would show them to whoever prints its sources.
#[derive(Debug)]
struct Cause {
    text: String,
    source: Option<Box<Cause>>,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint() -> Endpoint {
        Endpoint {
            model: "m".into(),
            address: "http://host".into(),
            key_advice: "check `SOME_KEY`".into(),
            secrets: vec![SecretString::from("sk-1234567890")],
        }
    }

    fn within(code: &str) -> ModelErrorKind {
        let body = format!(r#"{{"type":"error","error":{{"type":"{code}","message":"no"}}}}"#);
        endpoint().error(&ProviderError::from_provider_body(body)).kind()
    }

    #[test]
    fn an_error_within_a_stream_has_the_kind_that_it_names() {
        assert_eq!(within("overloaded_error"), ModelErrorKind::Unavailable);
        assert_eq!(within("rate_limit_error"), ModelErrorKind::RateLimit);
        assert_eq!(within("invalid_request_error"), ModelErrorKind::Request);
    }

    #[test]
    fn a_key_that_a_server_repeats_is_nowhere() {
        let body = r#"{"error":{"message":"bad key sk-1234567890"}}"#;
        let error = endpoint().error(&ProviderError::from_provider_body(body));
        let source = StdError::source(&error).unwrap();
        for text in [error.to_string(), format!("{error:?}"), source.to_string(), format!("{source:?}")] {
            assert!(!text.contains("1234567890"), "{text}");
        }
        assert!(error.to_string().contains("[redacted]"), "{error}");
    }

    #[test]
    fn details_are_short_and_say_what_they_are() {
        assert_eq!(detail("<html><body>Bad gateway</body></html>"), "it sent an HTML page, so this may be no API");
        assert_eq!(detail(r#"{"error":{"message":"too\n long"}}"#), "too long");
        assert_eq!(detail(r#"{"error":"model 'x' not found"}"#), "model 'x' not found");
        assert_eq!(detail(&"ö".repeat(1_000)).chars().count(), DETAIL + 1);
    }
}
