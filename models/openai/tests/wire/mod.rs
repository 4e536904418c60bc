//! Servers that answer as a test says, and what is sent to them.

#![allow(dead_code, clippy::unwrap_used, reason = "shared by tests, which may panic and use what they need")]

use std::{sync::Arc, time::Duration};

use cicerone_core::{
    message::Message,
    model::{Decision, Delta, DeltaSink, Expect, Model, ModelError, Request, Response},
    tool::{Effect, ToolSpec},
};
use cicerone_openai::{Connector, OpenAiModel};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use wiremock::{
    Mock, MockServer, Respond, ResponseTemplate,
    matchers::{method, path},
};

/// A server that lists the model `m` and answers completions as `respond` says.
pub(crate) async fn server(respond: impl Respond + 'static) -> MockServer {
    let server = MockServer::start().await;
    list(&server, json!({"data": [{"id": "m"}]})).await;
    Mock::given(method("POST")).and(path("/v1/chat/completions")).respond_with(respond).mount(&server).await;
    server
}

/// Lets a server list these models.
pub(crate) async fn list(server: &MockServer, models: Value) {
    let answer = ResponseTemplate::new(200).set_body_json(models);
    Mock::given(method("GET")).and(path("/v1/models")).respond_with(answer).mount(server).await;
}

pub(crate) fn at(server: &MockServer) -> Connector {
    OpenAiModel::at(format!("{}/v1", server.uri()))
}

/// A stream of these events, then its end.
pub(crate) fn events(all: &[Value]) -> ResponseTemplate {
    let mut body: String = all.iter().map(|event| format!("data: {event}\n\n")).collect();
    body.push_str("data: [DONE]\n\n");
    ResponseTemplate::new(200).set_body_raw(body, "text/event-stream")
}

/// A stream that says a text.
pub(crate) fn text(text: &str) -> ResponseTemplate {
    events(&[delta(json!({"role": "assistant", "content": ""})), delta(json!({"content": text})), finish("stop")])
}

pub(crate) fn delta(delta: Value) -> Value {
    json!({"id": "x", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
}

pub(crate) fn finish(reason: &str) -> Value {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
}

/// Answers in turn, the last one again and again.
pub(crate) struct InTurn(pub(crate) Vec<ResponseTemplate>, pub(crate) std::sync::atomic::AtomicUsize);

impl InTurn {
    pub(crate) fn new(all: impl Into<Vec<ResponseTemplate>>) -> Self {
        Self(all.into(), 0.into())
    }
}

impl Respond for InTurn {
    fn respond(&self, _: &wiremock::Request) -> ResponseTemplate {
        let at = self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.0.get(at).or(self.0.last()).unwrap().clone()
    }
}

/// The bodies of the completions that a server was asked for.
pub(crate) async fn bodies(server: &MockServer) -> Vec<Value> {
    let all = server.received_requests().await.unwrap();
    all.iter().filter(|request| request.method == "POST").map(|request| request.body_json().unwrap()).collect()
}

pub(crate) fn request() -> Request {
    Request::new(vec![Message::system("Be brief."), Message::user("Where is the Tower of Belém?")])
}

pub(crate) async fn ask(model: &OpenAiModel, request: Request) -> Result<Response, ModelError> {
    model.respond(&request, &mut DeltaSink::none()).await
}

/// The response together with the deltas sent on the way.
pub(crate) async fn ask_seeing(model: &OpenAiModel, request: Request) -> (Result<Response, ModelError>, Vec<Delta>) {
    let mut seen = Vec::new();
    let response = model.respond(&request, &mut DeltaSink::new(|delta| seen.push(delta))).await;
    (response, seen)
}

/// A decision about a search and a booking.
pub(crate) fn decision(may_finish: bool) -> Expect {
    let search = json!({
        "type": "object", "required": ["to"],
        "properties": {"to": {"type": "string", "maxLength": 40}, "most": {"type": "integer", "format": "uint32"}},
    });
    let booking = json!({"type": "object", "required": ["id"], "properties": {"id": {"enum": ["F1", "F2"]}}});
    let tool = |name, what, schema| Arc::new(ToolSpec::new(name, what, Effect::Read, schema, json!({})).unwrap());
    Expect::Decision(Decision {
        tools: vec![tool("search", "Finds flights.", search), tool("book", "Books a flight.", booking)],
        may_finish,
    })
}

/// A server of raw bytes: it lists the model `m`, then hands each completion's connection, its request read, to
/// `answer`. Gives its base URL.
pub(crate) async fn raw<F, R>(answer: F) -> String
where
    F: Fn(TcpStream) -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let head = read_request(&mut stream).await;
            if head.starts_with("GET") {
                let list = r#"{"data":[{"id":"m"}]}"#;
                let length = list.len();
                let reply = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{list}");
                let _ = stream.write_all(reply.as_bytes()).await;
            } else {
                tokio::spawn(answer(stream));
            }
        }
    });
    format!("http://{address}/v1")
}

/// Reads one request whole, and gives it back.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let mut some = [0; 4096];
    loop {
        let read = stream.read(&mut some).await.unwrap_or(0);
        all.extend_from_slice(some.get(..read).unwrap());
        let text = String::from_utf8_lossy(&all).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if read == 0 {
                return text;
            }
            continue;
        };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if read == 0 || body.len() >= length.unwrap_or(0) {
            return String::from_utf8_lossy(&all).into_owned();
        }
    }
}

/// The head of a stream, and a first event in it.
pub(crate) const STREAM_HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

pub(crate) async fn write(stream: &mut TcpStream, text: &str) {
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.flush().await;
}

pub(crate) const SHORT: Duration = Duration::from_millis(200);
