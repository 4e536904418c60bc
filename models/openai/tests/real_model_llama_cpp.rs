//! A real llama.cpp server: what it enforces, counts and stops.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod wire;

use std::{sync::Arc, time::Duration};

use cicerone_core::{
    message::{Message, Part, Role},
    model::{Delta, DeltaSink, Expect, Finish, Grammar, Means, Model, Request, Sampling},
};
use cicerone_openai::OpenAiModel;
use serde_json::{Value, json};
use wire::{ask, ask_seeing, decision};

fn url() -> String {
    std::env::var("CICERONE_TEST_LLAMA_URL").unwrap_or_else(|_| {
        panic!("`CICERONE_TEST_LLAMA_URL` names no llama.cpp server; `cargo xtask test` starts one and sets it")
    })
}

async fn model() -> OpenAiModel {
    // Other tests may keep the cores busy.
    OpenAiModel::at(url())
        .idle_timeout(Duration::from_secs(300))
        .total_timeout(Duration::from_secs(1_200))
        .await
        .unwrap()
}

fn request(question: &str, tokens: u32) -> Request {
    let messages = vec![Message::system("You answer briefly."), Message::user(question)];
    Request::new(messages).sampling(Sampling::default().max_tokens(tokens))
}

#[tokio::test]
async fn text_is_streamed_token_by_token_and_the_cache_is_counted() {
    let model = model().await;
    let info = model.info();
    assert_eq!(info.provider, "llama.cpp");
    assert!(info.grammar && info.json_schema && info.context_window.is_some(), "{info:?}");
    let question = || request("Count from one to five in words.", 24);
    let (response, seen) = ask_seeing(&model, question()).await;
    let response = response.unwrap();
    let text: String =
        seen.iter().map(|delta| if let Delta::Text(text) = delta { text.as_str() } else { "" }).collect();
    assert_eq!(text, response.content());
    assert!(seen.len() > 3 && text.to_lowercase().contains("two"), "{text}");
    assert!(response.usage.prompt_tokens > 10 && response.usage.output_tokens > 3, "{:?}", response.usage);
    let again = ask(&model, question()).await.unwrap().usage;
    assert_eq!(again.prompt_tokens, response.usage.prompt_tokens);
    assert!(again.computed_prompt_tokens < again.prompt_tokens / 2, "{again:?}");
}

#[tokio::test]
async fn a_limit_of_tokens_is_told() {
    let response = ask(&model().await, request("Count from one to five in words.", 3)).await.unwrap();
    assert_eq!((response.finish, response.usage.output_tokens), (Finish::Length, 3));
}

#[tokio::test]
async fn json_is_held_to_a_schema() {
    let schema = json!({
        "type": "object", "required": ["capital", "country"], "additionalProperties": false,
        "properties": {"capital": {"enum": ["Oslo", "Lisbon"]}, "country": {"const": "Portugal"}},
    });
    let expect = Expect::Json(Arc::new(schema));
    let response =
        ask(&model().await, request("What is the capital of Portugal?", 40).expecting(expect)).await.unwrap();
    let value: Value = serde_json::from_str(&response.content()).unwrap();
    assert_eq!((value, response.means), (json!({"capital": "Lisbon", "country": "Portugal"}), Means::Constrained));
}

#[tokio::test]
async fn text_is_held_to_a_grammar() {
    let grammar = Grammar::new("start: \"aye\" | \"nay\"").with_gbnf("root ::= \"aye\" | \"nay\"");
    let response =
        ask(&model().await, request("Is Lisbon in Portugal?", 10).expecting(Expect::Grammar(grammar))).await.unwrap();
    assert!(["aye", "nay"].contains(&response.content().as_str()), "{response:?}");
    assert_eq!(response.means, Means::Constrained);
}

#[tokio::test]
async fn a_decision_is_a_call_and_its_result_is_understood() {
    let model = model().await;
    let ask_for = "Find flights to Lisbon. Call the tool.";
    let first = ask(&model, request(ask_for, 60).expecting(decision(false))).await.unwrap();
    let call =
        first.parts.iter().find_map(|part| if let Part::ToolCall(call) = part { Some(call.clone()) } else { None });
    let call = call.unwrap();
    assert_eq!((call.tool.as_str(), &call.args["to"]), ("search", &json!("Lisbon")));
    assert_eq!(first.finish, Finish::ToolCalls);
    // This small model writes calls as text, so the second decision is held to a schema; a larger one stays native.
    let result = Part::ToolResult { id: call.id.clone(), content: "[{\"id\":\"F2\"}]".into(), is_error: false };
    let messages = vec![
        Message::user("Find a flight to Lisbon, then book it."),
        Message { role: Role::Assistant, parts: first.parts },
        Message { role: Role::Tool, parts: vec![result] },
    ];
    let request = Request::new(messages).sampling(Sampling::default().max_tokens(100)).expecting(decision(false));
    let second = ask(&model, request).await.unwrap();
    assert!(second.parts.iter().any(|part| matches!(part, Part::ToolCall(_))), "{second:?}");
    assert!(matches!(second.means, Means::Constrained | Means::NativeTools), "{second:?}");
}

#[tokio::test]
async fn a_dropped_request_frees_the_server() {
    let model = model().await;
    let request = request("Write a very long story about a ship.", 2_000);
    let (first, begun) = tokio::sync::oneshot::channel();
    let mut first = Some(first);
    let mut sink = DeltaSink::new(|_| {
        if let Some(first) = first.take() {
            first.send(()).unwrap();
        }
    });
    tokio::select! {
        response = model.respond(&request, &mut sink) => unreachable!("2,000 tokens take longer: {response:?}"),
        begun = begun => begun.unwrap(),
    }
    let slots = url().replace("/v1", "/slots");
    let is_busy = async || {
        let slots: Value = reqwest::get(&slots).await.unwrap().json().await.unwrap();
        slots.as_array().unwrap().iter().any(|slot| slot["is_processing"] == true)
    };
    for _ in 0..100 {
        if !is_busy().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    unreachable!("the server still decodes, 20 seconds after the request was dropped");
}
