//! Gemini's `streamGenerateContent`.

use cicerone_core::{
    message::Part,
    model::{Finish, Means, ModelErrorKind},
};
use serde_json::{Value, json};
use wiremock::{MockServer, ResponseTemplate};

use crate::server::{KEY, ask, bodies, calls, count, decision, events, model, question, server};

const NAME: &str = "gemini-2.5-flash";

fn gemini(server: &MockServer) -> cicerone_rig::RigModel {
    model("gemini", NAME, &server.uri())
}

fn chunk(parts: Value, finish: Option<&str>) -> Value {
    let mut candidate = json!({ "content": { "role": "model", "parts": parts }, "index": 0 });
    let mut usage = json!({ "promptTokenCount": 50, "totalTokenCount": 50 });
    if let Some(finish) = finish {
        candidate["finishReason"] = finish.into();
        usage = json!({
            "promptTokenCount": 50, "cachedContentTokenCount": 30, "candidatesTokenCount": 4,
            "thoughtsTokenCount": 6, "totalTokenCount": 60,
        });
    }
    json!({ "candidates": [candidate], "usageMetadata": usage, "modelVersion": NAME, "responseId": "r1" })
}

fn answer(text: &str) -> ResponseTemplate {
    events(&[chunk(json!([{ "text": text }]), Some("STOP"))])
}

fn refusal(status: u16, name: &str, message: &str, details: Value) -> ResponseTemplate {
    let error = json!({ "error": { "code": status, "message": message, "status": name, "details": details } });
    ResponseTemplate::new(status).set_body_json(error)
}

#[tokio::test]
async fn text_and_reasoning_are_streamed_and_counted() {
    let chunks = [
        chunk(json!([{ "text": "A river", "thought": true }]), None),
        chunk(json!([{ "text": "The " }]), None),
        chunk(json!([{ "text": "Tejo" }]), Some("STOP")),
    ];
    let server = server([events(&chunks)]).await;
    let (answer, pieces) = ask(&gemini(&server), &question()).await;
    let answer = answer.unwrap();
    assert_eq!(pieces, ["[A river]", "The ", "Tejo"]);
    assert_eq!((answer.content().as_str(), answer.finish), ("The Tejo", Finish::Stop));
    let usage = answer.usage;
    assert_eq!((usage.prompt_tokens, usage.computed_prompt_tokens, usage.output_tokens), (50, 20, 10));

    let request = &server.received_requests().await.unwrap()[0];
    assert_eq!(request.url.path(), format!("/v1beta/models/{NAME}:streamGenerateContent"));
    assert_eq!(request.url.query(), Some("alt=sse"), "the key is in no URL");
    assert_eq!(request.headers["x-goog-api-key"], KEY);
    let body = &bodies(&server).await[0];
    assert_eq!(body["systemInstruction"]["parts"][0]["text"], "Be brief.");
    assert_eq!(body["contents"][0]["parts"][0]["text"], "Which river flows through Lisbon?");
    assert_eq!(body["generationConfig"]["maxOutputTokens"], 1024);
    assert_eq!(body["generationConfig"]["temperature"], 0.0);
}

#[tokio::test]
async fn a_conversation_with_tools_and_images_is_sent_whole() {
    let called = json!([
        { "functionCall": { "name": "search", "args": { "city": "Lisboa" } } },
        { "functionCall": { "name": "today" } },
    ]);
    let server = server([events(&[chunk(called, Some("STOP"))])]).await;
    let (answer, _) = ask(&gemini(&server), &decision(false)).await;
    let answer = answer.unwrap();
    assert_eq!(calls(&answer), [("search", &json!({ "city": "Lisboa" })), ("today", &Value::Null)]);
    assert_eq!((answer.finish, answer.means), (Finish::ToolCalls, Means::NativeTools));
    let ids: Vec<&str> = answer
        .parts
        .iter()
        .filter_map(|part| if let Part::ToolCall(call) = part { Some(call.id.as_str()) } else { None })
        .collect();
    assert!(!ids[0].is_empty() && ids[0] != ids[1], "calls without ids get some: {ids:?}");

    let body = &bodies(&server).await[0];
    assert_eq!(
        body["contents"][0]["parts"][1]["inlineData"],
        json!({ "mimeType": "image/png", "data": "iVBORw0KGgo=" })
    );
    assert_eq!(body["contents"][1]["role"], "model");
    assert_eq!(body["contents"][1]["parts"][0]["functionCall"]["args"]["city"], "Lissabon");
    let result = &body["contents"][2]["parts"][0]["functionResponse"];
    assert_eq!((&result["name"], &result["response"]["error"]), (&json!("search"), &json!("there is no such city")));
    let declared = &body["tools"][0]["functionDeclarations"];
    assert_eq!(declared[0]["parametersJsonSchema"]["properties"]["city"]["type"], "string");
    assert_eq!(declared[1]["name"], "today");
    assert_eq!(body["toolConfig"]["functionCallingConfig"]["mode"], "ANY");
}

#[tokio::test]
async fn decoding_is_held_to_the_schema() {
    let server = server([answer("{\"count\": 7}")]).await;
    let (answer, _) = ask(&gemini(&server), &count()).await;
    let answer = answer.unwrap();
    assert_eq!((answer.content().as_str(), answer.means), ("{\"count\": 7}", Means::Constrained));
    let config = &bodies(&server).await[0]["generationConfig"];
    assert_eq!(config["responseMimeType"], "application/json");
    assert_eq!(config["responseJsonSchema"]["properties"]["count"]["minimum"], 1);
}

#[tokio::test]
async fn a_malformed_call_is_asked_for_again() {
    let malformed = events(&[chunk(json!([]), Some("MALFORMED_FUNCTION_CALL"))]);
    let called = events(&[chunk(json!([{ "functionCall": { "name": "today", "args": {} } }]), Some("STOP"))]);
    let server = server([malformed, called]).await;
    let (answer, _) = ask(&gemini(&server), &decision(false)).await;
    assert_eq!(calls(&answer.unwrap()), [("today", &Value::Null)]);
    let bodies = bodies(&server).await;
    assert!(bodies[1]["contents"].to_string().contains("MALFORMED_FUNCTION_CALL"));
}

#[tokio::test]
async fn a_refused_key_is_known_by_its_reason() {
    let details = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID" }]);
    let forms = [
        refusal(400, "INVALID_ARGUMENT", "API key not valid.", details),
        refusal(401, "UNAUTHENTICATED", "Login required.", json!([])),
    ];
    for form in forms {
        let server = server([form]).await;
        let error = ask(&gemini(&server), &count()).await.0.unwrap_err();
        assert_eq!(error.kind(), ModelErrorKind::Authentication, "{error}");
        assert!(error.to_string().contains("GEMINI_API_KEY"), "{error}");
    }
}

#[tokio::test]
async fn a_rate_limit_says_how_long_to_wait() {
    let details = json!([{ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "12.5s" }]);
    let server = server([refusal(429, "RESOURCE_EXHAUSTED", "You exceeded your quota.", details)]).await;
    let error = ask(&gemini(&server), &question()).await.0.unwrap_err();
    let wait = error.retry_after().map(|wait| wait.as_millis());
    assert_eq!((error.kind(), wait), (ModelErrorKind::RateLimit, Some(12_500)));
}

#[tokio::test]
async fn a_cut_stream_is_no_answer() {
    let server = server([events(&[chunk(json!([{ "text": "The " }]), None)])]).await;
    let error = ask(&gemini(&server), &question()).await.0.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Unavailable);
    assert!(error.to_string().contains("broke off"), "{error}");
}

#[tokio::test]
async fn a_blocked_prompt_is_not_asked_again() {
    let blocked = json!({ "promptFeedback": { "blockReason": "PROHIBITED_CONTENT" } });
    let server = server([events(&[blocked])]).await;
    let error = ask(&gemini(&server), &question()).await.0.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Request);
    assert!(!error.is_retryable());
}
