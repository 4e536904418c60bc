//! Errors out of what a server says.

use std::time::{Duration, SystemTime};

use async_openai::config::Config;
use cicerone_core::model::{ModelError, ModelErrorKind};
use reqwest::{
    StatusCode,
    header::{HeaderMap, LOCATION, RETRY_AFTER},
};
use serde_json::Value;

use crate::endpoint::Endpoint;

/// How much of a server's own words a message holds, in characters.
const TOLD: usize = 300;

/// A text on one line, without control characters, at most so many characters long.
pub(crate) fn plain(text: &str, characters: usize) -> String {
    let mut words = String::new();
    let mut count = 0;
    for word in text.split_whitespace() {
        let gap = usize::from(count > 0);
        for shown in " ".chars().take(gap).chain(word.chars().filter(|c| !is_hidden(*c))) {
            if count == characters {
                words.push('…');
                return words;
            }
            words.push(shown);
            count += 1;
        }
    }
    words
}

/// Control characters, and those that turn the direction of what follows.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// What a server said instead of an answer.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The body, as far as it was read.
    pub(crate) body: String,
}

/// The error object of a server, in any of the forms in use.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Said {
    pub(crate) message: String,
    /// What kind of error, by the server's own names: its type and its code.
    pub(crate) kind: String,
    pub(crate) param: String,
    status: Option<u16>,
}

impl Said {
    /// Reads `{"error": …}`, or what frameworks send in its place.
    pub(crate) fn of(body: &Value) -> Option<Self> {
        let error = body.get("error").filter(|error| !error.is_null());
        let text = |value: Option<&Value>| match value {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        };
        match error {
            Some(Value::Object(error)) => Some(Self {
                message: text(error.get("message")),
                kind: format!("{} {}", text(error.get("type")), text(error.get("code"))).trim().to_owned(),
                param: text(error.get("param")),
                status: error.get("code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok()),
            }),
            Some(other) => Some(Self { message: text(Some(other)), ..Self::default() }),
            None => {
                let message =
                    body.get("detail").or_else(|| body.get("message")).filter(|_| body.get("choices").is_none());
                message.map(|message| Self { message: text(Some(message)), ..Self::default() })
            }
        }
    }

    /// The error for one that came in the place of an answer, in a response that began well.
    pub(crate) fn into_error(self, endpoint: &Endpoint) -> ModelError {
        let has = |word: &str| self.kind.contains(word);
        let kind = match self.status {
            Some(401 | 403) => ModelErrorKind::Authentication,
            Some(429) => ModelErrorKind::RateLimit,
            Some(400..=499) => ModelErrorKind::Request,
            _ if has("rate_limit") => ModelErrorKind::RateLimit,
            _ if has("invalid_request") => ModelErrorKind::Request,
            _ => ModelErrorKind::Unavailable,
        };
        let told = endpoint.told(&self.message, TOLD);
        ModelError::new(kind, format!("{} broke off with an error: {told}", endpoint.api_base()))
    }
}

impl Refusal {
    /// What the server says is wrong.
    pub(crate) fn said(&self) -> Said {
        let json = serde_json::from_str::<Value>(&self.body).ok();
        json.as_ref().and_then(Said::of).unwrap_or_else(|| Said { message: self.body.clone(), ..Said::default() })
    }

    /// The error that this refusal is.
    pub(crate) fn into_error(self, endpoint: &Endpoint, model: &str) -> ModelError {
        let at = endpoint.api_base();
        if is_html(&self.body) && !matches!(self.status.as_u16(), 401 | 403 | 429 | 500..) {
            return html(endpoint, &self.body);
        }
        let said = self.said();
        let status = self.status.as_u16();
        let told = match (is_html(&self.body), endpoint.told(&said.message, TOLD)) {
            (true, _) => "it sent an HTML page".to_owned(),
            (false, told) if told.is_empty() => "it gave no reason".to_owned(),
            (false, told) => format!("it says: {told}"),
        };
        let (kind, message) = match status {
            401 | 403 => (ModelErrorKind::Authentication, authentication(endpoint, status, &told)),
            404 => {
                let hint = "check the model's name, and that the base URL ends in `/v1` if the server's interface does";
                (ModelErrorKind::Request, format!("{at} knows no model `{model}` (404): {told}; {hint}"))
            }
            402 => (ModelErrorKind::Request, format!("{at} wants to be paid first (402): {told}")),
            429 if said.kind.contains("insufficient_quota") => {
                let message = format!("the account at {at} has no quota left (429): {told}; waiting does not help");
                (ModelErrorKind::Request, message)
            }
            429 => (ModelErrorKind::RateLimit, format!("{at} asks to slow down (429): {told}")),
            408 => (ModelErrorKind::Timeout, format!("{at} gave up waiting (408): {told}")),
            300..=399 => {
                let place = self.headers.get(LOCATION).and_then(|place| place.to_str().ok()).unwrap_or("nowhere");
                let place = endpoint.told(place.split('?').next().unwrap_or_default(), TOLD);
                let message = format!("{at} has moved ({status}) to {place}; give that address as the base URL");
                (ModelErrorKind::Request, message)
            }
            409 | 425 | 500.. => (ModelErrorKind::Unavailable, format!("{at} failed ({status}): {told}")),
            _ => (ModelErrorKind::Request, format!("{at} can't answer this request ({status}): {told}")),
        };
        let error = ModelError::new(kind, message);
        match retry_after(&self.headers, SystemTime::now()) {
            Some(wait) if error.is_retryable() => error.with_retry_after(wait),
            _ => error,
        }
    }
}

fn authentication(endpoint: &Endpoint, status: u16, told: &str) -> String {
    let at = endpoint.api_base();
    let what_now = if endpoint.has_key() {
        "check the key in `OPENAI_API_KEY` or given with `api_key`, and that it belongs to this address"
    } else {
        "no key was sent; give one with `api_key`, or in `OPENAI_API_KEY` with the address in `OPENAI_BASE_URL`"
    };
    format!("{at} refused the credentials ({status}), {told}; {what_now}")
}

/// Whether a body is a web page.
pub(crate) fn is_html(body: &str) -> bool {
    body.trim_start().starts_with('<')
}

/// The error for a web page in the place of an answer.
pub(crate) fn html(endpoint: &Endpoint, body: &str) -> ModelError {
    let at = endpoint.api_base();
    let message = format!(
        "{at} sent an HTML page in the place of an answer: \"{}\"; check the base URL, which usually ends in `/v1`",
        endpoint.told(&without_tags(body), 80)
    );
    ModelError::new(ModelErrorKind::Response, message)
}

/// The words of a page that are no markup.
fn without_tags(page: &str) -> String {
    let mut text = String::new();
    for piece in page.split('<').skip(1) {
        let (tag, words) = piece.split_once('>').unwrap_or((piece, ""));
        if !tag.starts_with("style") && !tag.starts_with("script") {
            text.push_str(words);
            text.push(' ');
        }
    }
    text
}

/// How long a server asks to wait: in seconds, or until a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let milliseconds = headers.get("retry-after-ms").and_then(|value| value.to_str().ok()?.trim().parse::<f64>().ok());
    if let Some(wait) = milliseconds {
        return Duration::try_from_secs_f64(wait / 1_000.0).ok();
    }
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(value).ok()?;
    Some(SystemTime::from(until).duration_since(now).unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn server_text_is_one_short_line() {
        assert_eq!(plain("a\u{1b}[2J b\n\n c\u{202e}d", 100), "a[2J b cd");
        assert_eq!(plain("abcdef", 3), "abc…");
        assert_eq!(plain("abc", 3), "abc");
        assert_eq!(plain("äöü ä", 4), "äöü …");
    }

    #[test]
    fn how_long_to_wait_is_a_number_or_a_date() {
        let of = |value: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
            retry_after(&headers, SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770))
        };
        assert_eq!(of("7"), Some(Duration::from_secs(7)));
        assert_eq!(of("0.5"), Some(Duration::from_millis(500)));
        // Seven seconds after `now`, the example of RFC 9110.
        assert_eq!(of("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(of("Sun, 06 Nov 1990 08:49:37 GMT"), Some(Duration::ZERO));
        assert_eq!(of("soon"), None);
        assert_eq!(of("-1"), None);
    }

    #[test]
    fn errors_are_read_in_every_form() {
        let cases = [
            (r#"{"error":{"message":"no","type":"t","code":"c","param":"p"}}"#, "no", "t c", "p"),
            (r#"{"error":{"message":"no","type":"t","code":400}}"#, "no", "t 400", ""),
            (r#"{"error":"no"}"#, "no", "", ""),
            (r#"{"detail":"no"}"#, "no", "", ""),
        ];
        for (body, message, kind, param) in cases {
            let said = Said::of(&serde_json::from_str(body).unwrap()).unwrap();
            assert_eq!(
                (said.message.as_str(), said.kind.as_str(), said.param.as_str()),
                (message, kind, param),
                "{body}"
            );
        }
        assert_eq!(Said::of(&serde_json::json!({"choices": [], "error": null})), None);
    }
}
