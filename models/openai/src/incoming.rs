//! What a server sends back, read within limits.

use async_openai::config::Config;
use bytes::Bytes;
use cicerone_core::model::{DeltaSink, ModelError, ModelErrorKind};
use reqwest::Response;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

use crate::{
    assembly::Assembly,
    chunk::Chunk,
    failure::{self, Said, plain},
    http::Server,
    sse::Decoder,
};

/// The most bytes that are read of one answer: 16 MiB. A longer one is an error.
///
/// The longest answers of models are a few hundred kilobytes; what is longer is no answer of one.
pub const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// How long is waited for the usage, which comes after the end of an answer.
const GRACE: Duration = Duration::from_secs(5);

/// How much of what was received an error shows, in characters.
const SHOWN: usize = 120;

/// A body that is being received.
#[derive(Debug)]
pub(crate) struct Incoming<'s> {
    response: Response,
    server: &'s Server,
    deadline: Instant,
    received: usize,
    /// The beginning, for messages.
    sample: Vec<u8>,
}

impl<'s> Incoming<'s> {
    pub(crate) fn new(response: Response, server: &'s Server, deadline: Instant) -> Self {
        Self { response, server, deadline, received: 0, sample: Vec::new() }
    }

    /// The next bytes; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, ModelError> {
        // Before the first byte a server may read a long prompt; only between bytes is silence a sign.
        let idle = Instant::now() + self.server.waits.idle;
        let until = if self.received > 0 { idle.min(self.deadline) } else { self.deadline };
        let bytes = match timeout_at(until, self.response.chunk()).await {
            Ok(bytes) => bytes.map_err(|error| self.cut(Some(error)))?,
            Err(_) if until < self.deadline => return Err(self.stalled()),
            Err(_) => return Err(self.server.too_late()),
        };
        let Some(bytes) = bytes else { return Ok(None) };
        self.received = self.received.saturating_add(bytes.len());
        if self.received > BODY_LIMIT {
            let message = format!(
                "{} sent more than {} MiB in one answer, which is the limit; it was not read further",
                self.at(),
                BODY_LIMIT >> 20
            );
            return Err(ModelError::new(ModelErrorKind::Response, message));
        }
        let room = 512_usize.saturating_sub(self.sample.len()).min(bytes.len());
        self.sample.extend_from_slice(bytes.get(..room).unwrap_or_default());
        Ok(Some(bytes))
    }

    /// All of it, as text.
    pub(crate) async fn whole(mut self) -> Result<String, ModelError> {
        let mut all = Vec::new();
        while let Some(bytes) = self.next().await? {
            all.extend_from_slice(&bytes);
        }
        Ok(text_of(&all))
    }

    /// Its first bytes, as text; what can't be read is left out.
    pub(crate) async fn beginning(mut self, most: usize) -> String {
        let mut all = Vec::new();
        while all.len() < most
            && let Ok(Some(bytes)) = self.next().await
        {
            all.extend_from_slice(&bytes);
        }
        all.truncate(most);
        text_of(&all)
    }

    /// The answer in it: a stream of events, or one JSON body from a server that does not stream.
    ///
    /// Which of them it is, its first byte says: the content type often says something else.
    pub(crate) async fn answer(mut self, deltas: &mut DeltaSink<'_>) -> Result<Assembly, ModelError> {
        let mut begin: Vec<u8> = Vec::new();
        let mut first = None;
        while first.is_none()
            && let Some(bytes) = self.next().await?
        {
            first = bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace());
            begin.extend_from_slice(&bytes);
        }
        match first {
            None => Err(self.cut(None)),
            Some(b'<') => {
                let page = format!("{}{}", text_of(&begin), self.beginning_of_rest().await);
                Err(failure::html(&self.server.endpoint, &page))
            }
            Some(b'{') => {
                while let Some(bytes) = self.next().await? {
                    begin.extend_from_slice(&bytes);
                }
                self.in_one_piece(&text_of(&begin), deltas)
            }
            Some(_) => self.streamed(&begin, deltas).await,
        }
    }

    async fn beginning_of_rest(&mut self) -> String {
        let mut rest = Vec::new();
        while rest.len() < 4_096
            && let Ok(Some(bytes)) = self.next().await
        {
            rest.extend_from_slice(&bytes);
        }
        text_of(&rest)
    }

    fn in_one_piece(&self, text: &str, deltas: &mut DeltaSink<'_>) -> Result<Assembly, ModelError> {
        let mut assembly = Assembly::default();
        add(self.server, text, &mut assembly, deltas)?;
        self.checked(assembly)
    }

    async fn streamed(&mut self, begin: &[u8], deltas: &mut DeltaSink<'_>) -> Result<Assembly, ModelError> {
        let mut assembly = Assembly::default();
        let mut decoder = Decoder::default();
        let mut over = feed(self.server, &mut decoder, Some(begin), &mut assembly, deltas)?;
        while !over {
            if assembly.is_finished() {
                // Only the usage is still to come; an answer that is whole is not lost over it.
                self.deadline = self.deadline.min(Instant::now() + GRACE);
            }
            match self.next().await {
                Ok(Some(bytes)) => over = feed(self.server, &mut decoder, Some(&bytes), &mut assembly, deltas)?,
                Ok(None) => {
                    over = feed(self.server, &mut decoder, None, &mut assembly, deltas)?;
                    if !over && !assembly.is_finished() {
                        return Err(self.cut_after(&assembly, None));
                    }
                    break;
                }
                Err(error) if assembly.is_finished() => {
                    tracing::debug!(%error, "the answer is whole, but the stream did not end well");
                    break;
                }
                Err(error) if error.kind() == ModelErrorKind::Unavailable => {
                    return Err(self.cut_after(&assembly, Some(error)));
                }
                Err(error) => return Err(error),
            }
        }
        self.checked(assembly)
    }

    fn checked(&self, assembly: Assembly) -> Result<Assembly, ModelError> {
        if assembly.has_failed() {
            let message = format!("{} failed in the middle of its answer: {}", self.at(), self.so_far(&assembly));
            return Err(ModelError::new(ModelErrorKind::Unavailable, message));
        }
        if !assembly.is_begun() {
            let message = format!("{} sent no answer: its `choices` are empty; try another model", self.at());
            return Err(ModelError::new(ModelErrorKind::Response, message));
        }
        Ok(assembly)
    }

    fn at(&self) -> &'s str {
        self.server.endpoint.api_base()
    }

    fn so_far(&self, assembly: &Assembly) -> String {
        match (&assembly.text, assembly.calls.first()) {
            (text, _) if !text.is_empty() => format!("so far it said \"{}\"", plain(text, SHOWN)),
            (_, Some(call)) => format!("so far it called `{}`", plain(&call.name, SHOWN)),
            _ if self.sample.is_empty() => "nothing came".to_owned(),
            _ => format!("what came begins \"{}\"", self.server.endpoint.told(&text_of(&self.sample), SHOWN)),
        }
    }

    fn cut_after(&self, assembly: &Assembly, error: Option<ModelError>) -> ModelError {
        let message = format!("{} ended its answer before it was whole; {}", self.at(), self.so_far(assembly));
        let cut = ModelError::new(ModelErrorKind::Unavailable, message);
        match error {
            Some(error) => cut.with_source(error),
            None => cut,
        }
    }

    fn cut(&self, error: Option<reqwest::Error>) -> ModelError {
        match error {
            Some(error) => self.server.unreachable(error),
            None => self.cut_after(&Assembly::default(), None),
        }
    }

    fn stalled(&self) -> ModelError {
        let message = format!(
            "{} fell silent for {:?} in the middle of its answer, the idle timeout; raise `idle_timeout` if it is that slow",
            self.at(),
            self.server.waits.idle
        );
        ModelError::new(ModelErrorKind::Timeout, message)
    }
}

/// Feeds a stream's bytes, or its end, and says whether the stream is over; what follows its end is not looked at.
fn feed(
    server: &Server,
    decoder: &mut Decoder,
    bytes: Option<&[u8]>,
    assembly: &mut Assembly,
    deltas: &mut DeltaSink<'_>,
) -> Result<bool, ModelError> {
    let mut over = false;
    let take = |data: &str| {
        over |= data.trim() == "[DONE]";
        if over || data.trim().is_empty() { Ok(()) } else { add(server, data, assembly, deltas) }
    };
    match bytes {
        Some(bytes) => decoder.feed(bytes, take),
        None => decoder.end(take),
    }?;
    Ok(over)
}

/// Adds one event's data, or a whole answer, to what has come.
fn add(server: &Server, data: &str, assembly: &mut Assembly, deltas: &mut DeltaSink<'_>) -> Result<(), ModelError> {
    let chunk: Chunk = serde_json::from_str(data).map_err(|error| {
        let begin = server.endpoint.told(data, SHOWN);
        let at = server.endpoint.api_base();
        let message = format!("{at} sent a piece of an answer that can't be read: {error}; it begins \"{begin}\"");
        ModelError::new(ModelErrorKind::Response, message).with_source(error)
    })?;
    let nothing = chunk.choices.is_empty() && chunk.usage().is_none();
    if chunk.error.as_ref().is_some_and(|error| !error.is_null()) || nothing {
        // The rare case is read twice.
        let said = serde_json::from_str(data).ok().as_ref().and_then(Said::of);
        if let Some(said) = said {
            return Err(said.into_error(&server.endpoint));
        }
    }
    assembly.add(chunk, deltas);
    Ok(())
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
