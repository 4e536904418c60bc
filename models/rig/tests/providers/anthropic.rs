//! Anthropic's messages, streamed as events.

use cicerone_core::{
    message::Part,
    model::{Finish, Means, Model, ModelErrorKind},
};
use serde_json::{Value, json};
use wiremock::{MockServer, ResponseTemplate};

use crate::server::{KEY, ask, bodies, calls, count, decision, events, model, question, server};

const NAME: &str = "claude-sonnet-4-5";

fn claude(server: &MockServer) -> cicerone_rig::RigModel {
    model("anthropic", NAME, &server.uri())
}

fn begin() -> Value {
    let usage = json!({
        "input_tokens": 20, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 0, "output_tokens": 1,
    });
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": NAME, "content": [], "stop_reason": null,
        "usage": usage,
    });
    json!({ "type": "message_start", "message": message })
}

fn block(index: usize, block: Value, deltas: &[Value]) -> Vec<Value> {
    let mut events = vec![json!({ "type": "content_block_start", "index": index, "content_block": block })];
    let delta = |delta| json!({ "type": "content_block_delta", "index": index, "delta": delta });
    events.extend(deltas.iter().map(delta));
    events.push(json!({ "type": "content_block_stop", "index": index }));
    events
}

fn text(index: usize, pieces: &[&str]) -> Vec<Value> {
    let deltas: Vec<Value> = pieces.iter().map(|text| json!({ "type": "text_delta", "text": text })).collect();
    block(index, json!({ "type": "text", "text": "" }), &deltas)
}

fn call(index: usize, tool: &str, pieces: &[&str]) -> Vec<Value> {
    let deltas: Vec<Value> =
        pieces.iter().map(|json| json!({ "type": "input_json_delta", "partial_json": json })).collect();
    block(index, json!({ "type": "tool_use", "id": format!("toolu_{index}"), "name": tool, "input": {} }), &deltas)
}

fn end(reason: &str) -> Vec<Value> {
    let delta = json!({ "stop_reason": reason, "stop_sequence": null });
    vec![
        json!({ "type": "message_delta", "delta": delta, "usage": { "output_tokens": 5 } }),
        json!({ "type": "message_stop" }),
    ]
}

fn message(blocks: Vec<Vec<Value>>, reason: &str) -> ResponseTemplate {
    let ping = json!({ "type": "ping" });
    events(&[vec![begin(), ping], blocks.concat(), end(reason)].concat())
}

fn refusal(status: u16, kind: &str, message: &str) -> ResponseTemplate {
    let error = json!({ "type": "error", "error": { "type": kind, "message": message } });
    ResponseTemplate::new(status).set_body_json(error)
}

#[tokio::test]
async fn text_and_reasoning_are_streamed_and_counted() {
    let thinking = block(
        0,
        json!({ "type": "thinking", "thinking": "" }),
        &[
            json!({ "type": "thinking_delta", "thinking": "A river" }),
            json!({ "type": "signature_delta", "signature": "c2ln" }),
        ],
    );
    let server = server([message(vec![thinking, text(1, &["The ", "Tejo"])], "end_turn")]).await;
    let (answer, pieces) = ask(&claude(&server), &question()).await;
    let answer = answer.unwrap();
    assert_eq!(pieces, ["[A river]", "The ", "Tejo"]);
    assert_eq!(answer.content(), "The Tejo");
    assert_eq!((answer.finish, answer.means), (Finish::Stop, Means::Plain));
    let usage = answer.usage;
    assert_eq!((usage.prompt_tokens, usage.computed_prompt_tokens, usage.output_tokens), (120, 20, 5));

    let request = &server.received_requests().await.unwrap()[0];
    assert_eq!(request.url.path(), "/v1/messages");
    assert_eq!(request.headers["x-api-key"], KEY);
    assert!(request.headers.contains_key("anthropic-version"));
    let body = &bodies(&server).await[0];
    assert_eq!((&body["model"], &body["max_tokens"], &body["stream"]), (&json!(NAME), &json!(1024), &json!(true)));
    assert_eq!(body["temperature"], 0.0);
    assert_eq!(body["system"][0]["text"], "Be brief.");
    assert_eq!(body["messages"][0]["role"], "user");
    assert_eq!(body["messages"][0]["content"][0]["text"], "Which river flows through Lisbon?");
}

#[tokio::test]
async fn a_conversation_with_tools_and_images_is_sent_whole() {
    let blocks =
        vec![text(0, &["Once more"]), call(1, "search", &["{\"ci", "ty\":\"Lisboa\"}"]), call(2, "today", &[])];
    let server = server([message(blocks, "tool_use")]).await;
    let (answer, _) = ask(&claude(&server), &decision(false)).await;
    let answer = answer.unwrap();
    assert_eq!(calls(&answer), [("search", &json!({ "city": "Lisboa" })), ("today", &Value::Null)]);
    assert_eq!((answer.finish, answer.means), (Finish::ToolCalls, Means::NativeTools));
    assert!(matches!(&answer.parts[0], Part::Text { text } if text == "Once more"));
    assert!(matches!(&answer.parts[1], Part::ToolCall(call) if call.id == "toolu_1"));

    let body = &bodies(&server).await[0];
    assert_eq!(body["system"][0]["text"], "You travel.");
    let picture =
        json!({ "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo=" } });
    assert_eq!(body["messages"][0]["content"][1], picture);
    let used = &body["messages"][1]["content"];
    assert_eq!(used.as_array().unwrap().len(), 1, "reasoning without its signature stays here: {used}");
    assert_eq!(
        (&used[0]["type"], &used[0]["id"], &used[0]["input"]["city"]),
        (&json!("tool_use"), &json!("call_1"), &json!("Lissabon"))
    );
    let result = &body["messages"][2]["content"][0];
    assert_eq!(
        (&result["type"], &result["tool_use_id"], &result["is_error"]),
        (&json!("tool_result"), &json!("call_1"), &json!(true))
    );
    assert_eq!(result["content"][0]["text"], "there is no such city");
    assert_eq!(body["tools"][0]["name"], "search");
    assert_eq!(body["tools"][0]["input_schema"]["properties"]["city"]["type"], "string");
    assert_eq!(body["tools"][1]["input_schema"]["type"], "object");
    assert_eq!(body["tool_choice"]["type"], "any");
}

#[tokio::test]
async fn an_answer_may_be_given_instead_of_a_call() {
    let server = server([message(vec![text(0, &["Lisbon"])], "end_turn")]).await;
    let (answer, pieces) = ask(&claude(&server), &decision(true)).await;
    assert_eq!(answer.unwrap().content(), "Lisbon");
    assert_eq!(pieces, ["Lisbon"]);
    assert_eq!(bodies(&server).await[0]["tool_choice"]["type"], "auto");
}

#[tokio::test]
async fn decoding_is_held_to_the_schema() {
    let server = server([message(vec![text(0, &["{\"count\"", ":7}"])], "end_turn")]).await;
    let model = claude(&server);
    assert!(model.info().json_schema);
    let (answer, pieces) = ask(&model, &count()).await;
    let answer = answer.unwrap();
    assert_eq!((answer.content().as_str(), answer.means), ("{\"count\":7}", Means::Constrained));
    assert_eq!(pieces.concat(), answer.content());
    let format = &bodies(&server).await[0]["output_config"]["format"];
    assert_eq!(format["type"], "json_schema");
    assert_eq!(format["schema"]["properties"]["count"]["type"], "integer");
}

#[tokio::test]
async fn a_refused_schema_goes_into_the_prompt() {
    let refused = refusal(400, "invalid_request_error", "output_config: not supported by this model");
    let fenced = message(vec![text(0, &["```json\n{\"count\": 7}\n```"])], "end_turn");
    let server = server([refused, fenced]).await;
    let (answer, pieces) = ask(&claude(&server), &count()).await;
    let answer = answer.unwrap();
    assert_eq!((answer.content().as_str(), answer.means), ("{\"count\":7}", Means::Repaired));
    assert_eq!(pieces, ["{\"count\":7}"]);
    let bodies = bodies(&server).await;
    assert!(bodies[1].get("output_config").is_none());
    assert!(bodies[1]["messages"][0]["content"][1]["text"].as_str().unwrap().contains("\"minimum\":1"));
}

#[tokio::test]
async fn a_wrong_answer_is_told_what_is_wrong() {
    let answers = ["{\"count\":0}", "{\"count\":\"seven\"}", "{\"count\":7}"];
    let server = server(answers.map(|answer| message(vec![text(0, &[answer])], "end_turn"))).await;
    let (answer, _) = ask(&claude(&server), &count()).await;
    let answer = answer.unwrap();
    assert_eq!(answer.content(), "{\"count\":7}");
    assert_eq!(answer.usage.output_tokens, 15, "all three were paid for");
    let bodies = bodies(&server).await;
    assert_eq!(bodies.len(), 3);
    let messages = bodies[2]["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 5, "{messages:?}");
    assert_eq!(messages[1]["content"][0]["text"], "{\"count\":0}");
    assert!(messages[2]["content"][0]["text"].as_str().unwrap().contains("minimum"), "{messages:?}");
}

#[tokio::test]
async fn after_three_wrong_answers_it_is_an_error() {
    let server = server(["no", "no", "no"].map(|answer| message(vec![text(0, &[answer])], "end_turn"))).await;
    let (answer, _) = ask(&claude(&server), &count()).await;
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Response);
    assert!(error.to_string().contains("3 tries") && error.to_string().contains("not JSON"), "{error}");
}

#[tokio::test]
async fn arguments_that_are_no_object_are_mended_or_asked_for_again() {
    let thinking = block(
        0,
        json!({ "type": "thinking", "thinking": "" }),
        &[
            json!({ "type": "thinking_delta", "thinking": "A city" }),
            json!({ "type": "signature_delta", "signature": "c2ln" }),
        ],
    );
    let broken = message(vec![thinking, call(1, "search", &["city is Lisboa"])], "tool_use");
    let nearly = message(vec![call(0, "search", &["{\"city\": \"Lisboa\",}"])], "tool_use");
    let server = server([broken, nearly]).await;
    let (answer, _) = ask(&claude(&server), &decision(false)).await;
    let answer = answer.unwrap();
    assert_eq!(calls(&answer), [("search", &json!({ "city": "Lisboa" }))]);
    assert_eq!(answer.means, Means::Repaired);
    let bodies = bodies(&server).await;
    let messages = bodies[1]["messages"].as_array().unwrap();
    let thought = &messages[3]["content"][0];
    assert_eq!((&thought["type"], &thought["signature"]), (&json!("thinking"), &json!("c2ln")), "{messages:?}");
    let said = messages.last().unwrap();
    assert_eq!((&said["content"][0]["type"], &said["content"][0]["is_error"]), (&json!("tool_result"), &json!(true)));
    assert!(said.to_string().contains("not a JSON object"), "{said}");
}

#[tokio::test]
async fn a_cut_answer_is_an_error_and_is_not_mended() {
    let server = server([message(vec![text(0, &["{\"count\": 1"])], "max_tokens")]).await;
    let (answer, _) = ask(&claude(&server), &count()).await;
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Response);
    assert!(error.to_string().contains("max_tokens"), "{error}");
    assert_eq!(bodies(&server).await.len(), 1);
}

#[tokio::test]
async fn a_refused_key_names_its_variable() {
    let server = server([refusal(401, "authentication_error", "invalid x-api-key")]).await;
    let error = ask(&claude(&server), &question()).await.0.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Authentication);
    assert!(
        error.to_string().contains("invalid x-api-key") && error.to_string().contains("ANTHROPIC_API_KEY"),
        "{error}"
    );
}

#[tokio::test]
async fn a_rate_limit_says_how_long_to_wait() {
    let limit = refusal(429, "rate_limit_error", "slow down").insert_header("retry-after", "7");
    let server = server([limit]).await;
    let error = ask(&claude(&server), &question()).await.0.unwrap_err();
    assert_eq!((error.kind(), error.retry_after().map(|wait| wait.as_secs())), (ModelErrorKind::RateLimit, Some(7)));
    assert!(error.is_retryable());
}

#[tokio::test]
async fn a_cut_stream_is_no_answer() {
    let cut = [vec![begin()], text(0, &["The "])].concat();
    let server = server([events(&cut)]).await;
    let (answer, pieces) = ask(&claude(&server), &question()).await;
    let error = answer.unwrap_err();
    assert_eq!(pieces, ["The "]);
    assert_eq!(error.kind(), ModelErrorKind::Unavailable);
    assert!(error.to_string().contains("broke off"), "{error}");
}

#[tokio::test]
async fn an_error_within_the_stream_is_one() {
    let overloaded = json!({ "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } });
    let server = server([events(&[begin(), overloaded])]).await;
    let error = ask(&claude(&server), &question()).await.0.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Unavailable);
    assert!(error.to_string().contains("Overloaded"), "{error}");
}

#[tokio::test]
async fn a_withheld_answer_is_an_error() {
    let server = server([message(Vec::new(), "refusal")]).await;
    let error = ask(&claude(&server), &question()).await.0.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Response);
    assert!(error.to_string().contains("withheld"), "{error}");
}
