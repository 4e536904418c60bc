//! Servers for tests, and what is asked of them.

use std::{sync::Arc, time::Duration};

use cicerone_core::{
    message::{Message, Part, Role, ToolCall},
    model::{Decision, Delta, DeltaSink, Expect, Model, ModelError, Request, Response},
    tool::{Effect, ToolSpec},
};
use cicerone_rig::RigModel;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

/// The key that no message may show.
pub(crate) const KEY: &str = "sk-not-to-be-seen";

/// A server that answers in this order.
pub(crate) async fn server(answers: impl IntoIterator<Item = ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    for answer in answers {
        Mock::given(any()).respond_with(answer).up_to_n_times(1).mount(&server).await;
    }
    server
}

/// A model of `provider` at `address`.
pub(crate) fn model(provider: &str, name: &str, address: &str) -> RigModel {
    let builder = RigModel::of(provider, name).unwrap().api_key(KEY).base_url(address);
    builder.timeout(Duration::from_secs(20)).context_window(8_192).build().unwrap()
}

/// Events as a stream of server-sent ones.
pub(crate) fn events(events: &[Value]) -> ResponseTemplate {
    let text = events.iter().fold(String::new(), |text, event| {
        let name = event.get("type").and_then(Value::as_str).map(|name| format!("event: {name}\n")).unwrap_or_default();
        format!("{text}{name}data: {event}\n\n")
    });
    ResponseTemplate::new(200).set_body_raw(text, "text/event-stream")
}

/// Objects, one a line.
pub(crate) fn lines(lines: &[Value]) -> ResponseTemplate {
    let text = lines.iter().fold(String::new(), |text, line| format!("{text}{line}\n"));
    ResponseTemplate::new(200).set_body_raw(text, "application/x-ndjson")
}

/// The bodies that a server was sent.
pub(crate) async fn bodies(server: &MockServer) -> Vec<Value> {
    let requests = server.received_requests().await.unwrap();
    requests.iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
}

/// An answer and the pieces in which it came: text, and reasoning in brackets.
pub(crate) async fn ask(model: &RigModel, request: &Request) -> (Result<Response, ModelError>, Vec<String>) {
    let mut pieces = Vec::new();
    let mut sink = DeltaSink::new(|delta| {
        pieces.push(match delta {
            Delta::Text(text) => text,
            Delta::Reasoning(text) => format!("[{text}]"),
            other => panic!("{other:?}"),
        });
    });
    let answer = model.respond(request, &mut sink).await;
    drop(sink);
    (answer, pieces)
}

/// Something to say.
pub(crate) fn question() -> Request {
    Request::new(vec![Message::system("Be brief."), Message::user("Which river flows through Lisbon?")])
}

/// A number is expected.
pub(crate) fn count() -> Request {
    let schema = json!({
        "type": "object",
        "required": ["count"],
        "properties": { "count": { "type": "integer", "minimum": 1 } },
        "additionalProperties": false,
    });
    Request::new(vec![Message::user("How many hills has Lisbon?")]).expecting(Expect::Json(Arc::new(schema)))
}

/// A decision between tools, after one of them was called for a picture and failed.
pub(crate) fn decision(may_finish: bool) -> Request {
    let picture = Part::Image { media_type: "image/png".into(), data: "iVBORw0KGgo=".into() };
    let call = ToolCall { id: "call_1".into(), tool: "search".into(), args: json!({ "city": "Lissabon" }) };
    let failed = Part::ToolResult { id: "call_1".into(), content: "there is no such city".into(), is_error: true };
    let messages = vec![
        Message::system("You travel."),
        Message { role: Role::User, parts: vec![Part::Text { text: "Go here".into() }, picture] },
        Message { role: Role::Assistant, parts: vec![Part::Reasoning { text: "hm".into() }, Part::ToolCall(call)] },
        Message { role: Role::Tool, parts: vec![failed] },
    ];
    let search = json!({ "type": "object", "required": ["city"], "properties": { "city": { "type": "string" } } });
    let tools = [("search", "Finds a city.", search), ("today", "Tells the date.", json!({ "type": "null" }))];
    let tools = tools.map(|(name, description, schema)| {
        Arc::new(ToolSpec::new(name, description, Effect::Read, schema, json!({ "type": "string" })).unwrap())
    });
    Request::new(messages).expecting(Expect::Decision(Decision { tools: tools.to_vec(), may_finish }))
}

/// The calls of an answer: name and arguments.
pub(crate) fn calls(response: &Response) -> Vec<(&str, &Value)> {
    let call = |part: &'_ Part| matches!(part, Part::ToolCall(_));
    response
        .parts
        .iter()
        .filter(|part| call(part))
        .map(|part| match part {
            Part::ToolCall(call) => (call.tool.as_str(), &call.args),
            other => panic!("{other:?}"),
        })
        .collect()
}
