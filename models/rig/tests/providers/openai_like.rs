//! Providers whose format is that of OpenAI's chat, and what is different with them.

use cicerone_core::model::{Means, Model};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::server::{KEY, ask, bodies, calls, count, decision, model, server};

fn chunks(deltas: &[Value], finish: &str) -> ResponseTemplate {
    let chunk = |delta: &Value, finish: Value| {
        json!({ "id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m",
                "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] })
    };
    let mut all: Vec<Value> = deltas.iter().map(|delta| chunk(delta, Value::Null)).collect();
    all.push(chunk(&json!({}), finish.into()));
    let usage = json!({
        "prompt_tokens": 30, "completion_tokens": 3, "total_tokens": 33,
        "prompt_tokens_details": { "cached_tokens": 10 },
    });
    all.push(json!({
        "id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [], "usage": usage,
    }));
    let text = all.iter().fold(String::new(), |text, chunk| format!("{text}data: {chunk}\n\n")) + "data: [DONE]\n\n";
    ResponseTemplate::new(200).set_body_raw(text, "text/event-stream")
}

fn said(text: &str) -> ResponseTemplate {
    chunks(&[json!({ "role": "assistant", "content": text })], "stop")
}

#[tokio::test]
async fn where_nothing_is_enforced_the_prompt_asks_for_json() {
    for provider in ["groq", "together", "hugging_face"] {
        let server = server([said("Sure: {\"count\": 7}")]).await;
        let model = model(provider, "m", &server.uri());
        assert!(!model.info().json_schema);
        let (answer, pieces) = ask(&model, &count()).await;
        let answer = answer.unwrap();
        assert_eq!((answer.content().as_str(), answer.means), ("{\"count\":7}", Means::Repaired), "{provider}");
        assert_eq!(pieces, ["{\"count\":7}"], "only what was accepted is shown");
        assert_eq!((answer.usage.prompt_tokens, answer.usage.computed_prompt_tokens), (30, 20), "{provider}");
        let request = &server.received_requests().await.unwrap()[0];
        assert_eq!(request.headers["authorization"], format!("Bearer {KEY}"));
        let body = &bodies(&server).await[0];
        assert!(body.get("response_format").is_none(), "{provider}: {body}");
        assert!(body["messages"].to_string().contains("minimum"), "{provider}: {body}");
    }
}

#[tokio::test]
async fn where_only_the_syntax_is_enforced_the_prompt_has_the_schema() {
    for provider in ["deepseek", "moonshot"] {
        let server = server([said("{\"count\": 7}")]).await;
        let (answer, _) = ask(&model(provider, "m", &server.uri()), &count()).await;
        assert_eq!(answer.unwrap().means, Means::Plain, "{provider}");
        let body = &bodies(&server).await[0];
        assert_eq!(body["response_format"], json!({ "type": "json_object" }), "{provider}");
        assert!(body["messages"].to_string().contains("minimum"), "{provider}: {body}");
    }
}

#[tokio::test]
async fn where_the_schema_is_enforced_it_is_sent() {
    for provider in ["openrouter", "mistral_ai", "cohere"] {
        let server = server([said("{\"count\": 7}")]).await;
        let (answer, _) = ask(&model(provider, "m", &server.uri()), &count()).await;
        assert_eq!(answer.unwrap().means, Means::Constrained, "{provider}");
        let format = &bodies(&server).await[0]["response_format"];
        assert_eq!(format["json_schema"]["schema"]["properties"]["count"]["type"], "integer", "{provider}: {format}");
    }
}

#[tokio::test]
async fn calls_come_in_pieces_and_reasoning_is_not_said_aloud() {
    let call = |delta: Value| json!({ "tool_calls": [delta] });
    let deltas = [
        call(json!({
            "index": 0, "id": "call_9", "type": "function", "function": { "name": "search", "arguments": "" },
        })),
        call(json!({ "index": 0, "function": { "arguments": "{\"city\":" } })),
        call(json!({ "index": 0, "function": { "arguments": "\"Lisboa\"}" } })),
    ];
    for provider in ["deepseek", "groq", "mistral_ai", "openrouter"] {
        let server = server([chunks(&deltas, "tool_calls")]).await;
        let model = model(provider, "m", &server.uri()).with_images(true);
        let (answer, _) = ask(&model, &decision(false)).await;
        let answer = answer.unwrap();
        assert_eq!(calls(&answer), [("search", &json!({ "city": "Lisboa" }))], "{provider}");
        assert_eq!(answer.means, Means::NativeTools);
        let body = &bodies(&server).await[0];
        let forced = matches!(body["tool_choice"].as_str(), Some("required" | "any"));
        assert_eq!(forced, provider != "deepseek", "{provider}: {body}");
        let assistant = &body["messages"][2];
        assert!(!assistant.to_string().contains("hm"), "{provider}: {assistant}");
    }
}
