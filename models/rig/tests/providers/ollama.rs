//! Ollama's `/api/chat`.

use cicerone_core::model::{Finish, Means, Model, ModelErrorKind};
use cicerone_rig::RigModel;
use serde_json::{Value, json};
use wiremock::{MockServer, ResponseTemplate};

use crate::server::{KEY, ask, bodies, calls, count, decision, lines, model, question, server};

const NAME: &str = "qwen3:8b";

fn qwen(server: &MockServer) -> RigModel {
    model("ollama", NAME, &server.uri()).with_images(true)
}

fn line(message: Value) -> Value {
    let mut whole = json!({ "role": "assistant", "content": "" });
    for (field, value) in message.as_object().unwrap() {
        whole[field] = value.clone();
    }
    json!({ "model": NAME, "created_at": "2025-01-01T00:00:00Z", "message": whole, "done": false })
}

fn done(reason: &str) -> Value {
    json!({
        "model": NAME, "created_at": "2025-01-01T00:00:01Z", "message": { "role": "assistant", "content": "" },
        "done": true, "done_reason": reason, "prompt_eval_count": 40, "eval_count": 8,
    })
}

fn said(text: &str) -> ResponseTemplate {
    lines(&[line(json!({ "content": text })), done("stop")])
}

#[tokio::test]
async fn text_and_reasoning_are_streamed_and_counted() {
    let all = [
        line(json!({ "thinking": "A river" })),
        line(json!({ "content": "The " })),
        line(json!({ "content": "Tejo" })),
        done("stop"),
    ];
    let server = server([lines(&all)]).await;
    let (answer, pieces) = ask(&qwen(&server), &question()).await;
    let answer = answer.unwrap();
    assert_eq!(pieces, ["[A river]", "The ", "Tejo"]);
    assert_eq!((answer.content().as_str(), answer.finish), ("The Tejo", Finish::Stop));
    assert_eq!((answer.usage.prompt_tokens, answer.usage.output_tokens), (40, 8));

    let request = &server.received_requests().await.unwrap()[0];
    assert_eq!(request.url.path(), "/api/chat");
    assert_eq!(request.headers["authorization"], format!("Bearer {KEY}"));
    let body = &bodies(&server).await[0];
    assert_eq!(body["messages"][0], json!({ "role": "system", "content": "Be brief." }));
    assert_eq!((&body["model"], &body["stream"]), (&json!(NAME), &json!(true)));
    assert_eq!(body["options"], json!({ "temperature": 0.0, "num_predict": 1024, "num_ctx": 8192 }));
}

#[tokio::test]
async fn a_conversation_with_tools_and_images_is_sent_whole() {
    let called = json!([{ "function": { "name": "search", "arguments": { "city": "Lisboa" } } }]);
    let server = server([lines(&[line(json!({ "tool_calls": called })), done("stop")])]).await;
    let (answer, _) = ask(&qwen(&server), &decision(true)).await;
    let answer = answer.unwrap();
    assert_eq!(calls(&answer), [("search", &json!({ "city": "Lisboa" }))]);
    assert_eq!((answer.finish, answer.means), (Finish::ToolCalls, Means::NativeTools));

    let body = &bodies(&server).await[0];
    assert_eq!(body["messages"][1], json!({ "role": "user", "content": "Go here", "images": ["iVBORw0KGgo="] }));
    assert_eq!(body["messages"][2]["tool_calls"][0]["function"]["arguments"]["city"], "Lissabon");
    let result = &body["messages"][3];
    assert_eq!((&result["role"], &result["tool_name"]), (&json!("tool"), &json!("search")));
    assert!(result["content"].as_str().unwrap().contains("there is no such city"));
    assert_eq!(body["tools"][0]["function"]["parameters"]["properties"]["city"]["type"], "string");
    assert!(body.get("tool_choice").is_none());
}

#[tokio::test]
async fn where_calls_can_not_be_forced_they_are_asked_for_again() {
    let called = json!([{ "function": { "name": "today", "arguments": {} } }]);
    let server = server([said("I think"), lines(&[line(json!({ "tool_calls": called })), done("stop")])]).await;
    let (answer, _) = ask(&qwen(&server), &decision(false)).await;
    assert_eq!(calls(&answer.unwrap()), [("today", &Value::Null)]);
    let bodies = bodies(&server).await;
    assert!(bodies[0]["messages"].to_string().contains("do not answer in words"));
    assert!(bodies[1]["messages"].to_string().contains("it calls no tool"));
}

#[tokio::test]
async fn decoding_is_held_to_the_schema() {
    let server = server([said("{\"count\": 7}")]).await;
    let (answer, _) = ask(&qwen(&server), &count()).await;
    assert_eq!(answer.unwrap().means, Means::Constrained);
    assert_eq!(bodies(&server).await[0]["format"]["properties"]["count"]["minimum"], 1);
}

#[tokio::test]
async fn refusals_have_their_kinds() {
    let kinds = [
        (401, ModelErrorKind::Authentication),
        (404, ModelErrorKind::Request),
        (429, ModelErrorKind::RateLimit),
        (500, ModelErrorKind::Unavailable),
        (504, ModelErrorKind::Timeout),
    ];
    for (status, kind) in kinds {
        let refusal = ResponseTemplate::new(status).set_body_json(json!({ "error": "model 'qwen3:8b' not found" }));
        let server = server([refusal]).await;
        let error = ask(&qwen(&server), &question()).await.0.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains("model 'qwen3:8b' not found"), "{error}");
    }
}

#[tokio::test]
async fn a_cut_stream_is_no_answer() {
    let server = server([lines(&[line(json!({ "content": "The " }))])]).await;
    let error = ask(&qwen(&server), &question()).await.0.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Unavailable);
    assert!(error.to_string().contains("broke off"), "{error}");
}

#[tokio::test]
async fn a_line_that_is_cut_is_no_answer() {
    let cut = "{\"model\":\"qwen3:8b\",\"message\":{\"role\":\"assist";
    let server = server([ResponseTemplate::new(200).set_body_raw(cut, "application/x-ndjson")]).await;
    let error = ask(&qwen(&server), &question()).await.0.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Response);
}

#[tokio::test]
async fn a_model_made_with_rig_is_one_too() {
    let server = server([said("It is {\"count\": 7}")]).await;
    let config = rig_core::providers::ollama::OllamaConfig::new().with_base_url(server.uri());
    let model = RigModel::new(config.client().native_completion(NAME)).with_context_window(8_192);
    let info = model.info();
    assert_eq!((info.name.as_str(), info.provider.as_str(), info.json_schema), (NAME, "ollama", false));
    assert_eq!(ask(&model, &count()).await.0.unwrap().content(), "{\"count\":7}");
}
