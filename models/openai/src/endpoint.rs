//! Where a server is and what opens it.

use async_openai::config::{Config, OPENAI_API_BASE};
use cicerone_core::model::{ModelError, ModelErrorKind};
use reqwest::{
    Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};

/// A server's address with its key.
///
/// Its `Debug` shows no key: that is a `SecretString`, and its header is marked as sensitive.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    base: String,
    /// What follows the path, such as `?api-version=1`, and the same in pairs.
    tail: String,
    query: Vec<(String, String)>,
    local: bool,
    official: bool,
    key: SecretString,
    headers: HeaderMap,
}

impl Endpoint {
    /// Checks an address, and the key that belongs to it.
    pub(crate) fn new(base: &str, key: Option<SecretString>) -> Result<Self, ModelError> {
        let shown = crate::failure::plain(base.split(['?', '#']).next().unwrap_or_default(), 200);
        let wrong = |why: &str| {
            ModelError::new(
                ModelErrorKind::Load,
                format!(
                    "`{shown}` is no base URL: {why}; write it like `{OPENAI_API_BASE}` or `http://127.0.0.1:8080/v1`"
                ),
            )
        };
        // A password would stand in the text, so the text is not shown.
        if base.split(['?', '#']).next().is_some_and(|text| text.contains('@')) {
            let message = "the base URL holds credentials; leave them out and give the key with `api_key`";
            return Err(ModelError::new(ModelErrorKind::Load, message));
        }
        let url = Url::parse(base.trim()).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("it begins with neither `http://` nor `https://`"));
        }
        let host = url.host_str().ok_or_else(|| wrong("it names no host"))?;
        let path = url.path().trim_end_matches('/');
        if path.ends_with("/completions") || path.ends_with("/models") {
            return Err(wrong("it goes on behind the version; leave out `/chat/completions` or `/models`"));
        }
        let local = host == "localhost"
            || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        let official = host == "api.openai.com";
        let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let tail = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let mut bare = url.clone();
        bare.set_query(None);
        bare.set_fragment(None);
        let base = bare.as_str().trim_end_matches('/').to_owned();
        let key = key.filter(|key| !key.expose_secret().trim().is_empty());
        let headers = key.as_ref().map(headers).transpose()?.unwrap_or_default();
        if !local && url.scheme() == "http" && key.is_some() {
            tracing::warn!(%base, "the key goes over the network unencrypted; use https");
        }
        Ok(Self { base, tail, query, local, official, key: key.unwrap_or_default(), headers })
    }

    /// Whether it is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.local
    }

    /// Whether it is OpenAI's own.
    pub(crate) fn is_official(&self) -> bool {
        self.official
    }

    /// Whether a key is sent.
    pub(crate) fn has_key(&self) -> bool {
        !self.key.expose_secret().is_empty()
    }

    /// The whole address of a path.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("{}{}", self.url(path), self.tail)
    }

    /// The address of what a server offers beside its versioned interface.
    pub(crate) fn beside(&self, path: &str) -> String {
        format!("{}{path}{}", self.base.trim_end_matches("/v1"), self.tail)
    }

    /// A server's text for a message: short, without control characters, without the key.
    pub(crate) fn told(&self, text: &str, characters: usize) -> String {
        let key = self.key.expose_secret().trim();
        let text = if key.len() < 4 { text.into() } else { std::borrow::Cow::from(text.replace(key, "[key]")) };
        // Servers repeat keys with their middle starred out; that is still more than a log should hold.
        let words: Vec<&str> =
            text.split_whitespace().map(|word| if looks_like_a_key(word) { "[key]" } else { word }).collect();
        crate::failure::plain(&words.join(" "), characters)
    }
}

/// Whether a word is like `sk-…` or starred out; `task-1` is not.
fn looks_like_a_key(word: &str) -> bool {
    let begins = |(at, _): (usize, &str)| !word.get(..at).is_some_and(|before| before.ends_with(char::is_alphanumeric));
    word.contains("****") || word.match_indices("sk-").any(begins)
}

fn headers(key: &SecretString) -> Result<HeaderMap, ModelError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret().trim())).map_err(|_| {
        let message = "the API key holds characters that no header can; was it copied with a line break?";
        ModelError::new(ModelErrorKind::Authentication, message)
    })?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
}

impl Config for Endpoint {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        self.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    fn api_base(&self) -> &str {
        &self.base
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_may_end_in_a_slash_and_have_a_query() {
        let endpoint = Endpoint::new("http://localhost:8080/v1/?api-version=3", None).unwrap();
        assert_eq!(endpoint.url("/models"), "http://localhost:8080/v1/models");
        assert_eq!(endpoint.address("/models"), "http://localhost:8080/v1/models?api-version=3");
        assert_eq!(endpoint.beside("/props"), "http://localhost:8080/props?api-version=3");
        assert_eq!(endpoint.query(), [("api-version", "3")]);
        assert!(endpoint.is_local() && !endpoint.is_official() && !endpoint.has_key());
    }

    #[test]
    fn a_wrong_base_url_is_refused_with_what_to_write() {
        let cases = [
            ("localhost:8080/v1", "neither `http://`"),
            ("not a url", "no base URL"),
            ("ftp://models.example/v1", "neither"),
            ("https://api.openai.com/v1/chat/completions", "leave out `/chat/completions`"),
            ("http://", "no base URL"),
        ];
        for (base, why) in cases {
            let error = Endpoint::new(base, None).unwrap_err().to_string();
            assert!(error.contains(why), "{base}: {error}");
        }
        let error = Endpoint::new("https://me:secret@models.example/v1", None).unwrap_err().to_string();
        assert!(error.contains("api_key") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn a_key_is_not_shown() {
        let endpoint = Endpoint::new("https://models.example/v1", Some("top-secret-key".into())).unwrap();
        assert!(!format!("{endpoint:?}").contains("top-secret"), "{endpoint:?}");
        assert_eq!(endpoint.headers().get(AUTHORIZATION).unwrap(), "Bearer top-secret-key");
        let told = endpoint.told("bad key\u{1b}[31m top-secret-key or sk-ab****yz\n", 100);
        assert_eq!(told, "bad key[31m [key] or [key]");
        assert_eq!(endpoint.told("no task-1 for key=sk-1", 100), "no task-1 for [key]");
        let error = Endpoint::new("https://models.example/v1", Some("two\nlines".into())).unwrap_err();
        assert_eq!(error.kind(), ModelErrorKind::Authentication);
        assert!(!error.to_string().contains("two"), "{error}");
    }
}
