//! What servers answer, and what becomes of it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod wire;

use std::sync::Arc;

use cicerone_core::{
    message::{Message, Part, Role},
    model::{Delta, Expect, Finish, Grammar, Means, Model, ModelErrorKind, Request, Usage},
};
use cicerone_openai::Dialect;
use serde_json::json;
use wire::*;
use wiremock::{MockServer, ResponseTemplate};

#[tokio::test]
async fn text_is_streamed_and_its_cost_is_counted() {
    let counts = json!({"choices": [], "usage": {"prompt_tokens": 20, "completion_tokens": 3, "total_tokens": 23,
        "prompt_tokens_details": {"cached_tokens": 16}}});
    let all = [
        delta(json!({"reasoning_content": "hm"})),
        delta(json!({"content": "In Lis"})),
        delta(json!({"content": "bon."})),
        finish("stop"),
        counts,
    ];
    let server = server(events(&all)).await;
    let model = at(&server).await.unwrap();
    let (response, seen) = ask_seeing(&model, request()).await;
    let response = response.unwrap();
    assert_eq!(response.parts, [Part::Reasoning { text: "hm".into() }, Part::Text { text: "In Lisbon.".into() }]);
    assert_eq!((response.finish, response.means), (Finish::Stop, Means::Plain));
    assert_eq!(response.usage.with_milliseconds(0), Usage::new(20, 3).with_computed(4));
    let expected = [Delta::Reasoning("hm".into()), Delta::Text("In Lis".into()), Delta::Text("bon.".into())];
    assert_eq!(seen, expected);
    let expected = json!({
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Where is the Tower of Belém?"},
        ],
        "stream": true,
        "stream_options": {"include_usage": true},
        "temperature": 0.0,
        "max_tokens": 1024,
    });
    assert_eq!(bodies(&server).await, [expected]);
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood() {
    let body = json!({
        "id": "x", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": "In Lis"}}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 2},
    });
    let server = server(ResponseTemplate::new(200).set_body_json(body)).await;
    let (response, seen) = ask_seeing(&at(&server).await.unwrap(), request()).await;
    let response = response.unwrap();
    assert_eq!((response.content().as_str(), response.finish), ("In Lis", Finish::Length));
    assert_eq!((response.usage.output_tokens, seen.len()), (2, 1));
}

#[tokio::test]
async fn an_image_is_sent_inline() {
    let server = server(text("A tower.")).await;
    let image = Part::Image { media_type: "image/png".into(), data: "iVBORw0KGgo=".into() };
    let message = Message { role: Role::User, parts: vec![Part::Text { text: "What is it?".into() }, image] };
    ask(&at(&server).await.unwrap(), Request::new(vec![message])).await.unwrap();
    let sent = &bodies(&server).await[0]["messages"][0]["content"];
    assert_eq!(sent[1]["image_url"]["url"], "data:image/png;base64,iVBORw0KGgo=");
}

#[tokio::test]
async fn what_a_server_withholds_is_a_refusal() {
    for all in [
        vec![delta(json!({"content": "I"})), finish("content_filter")],
        vec![delta(json!({"refusal": "I"})), finish("stop")],
    ] {
        let server = server(events(&all)).await;
        let expect = Expect::Json(Arc::new(json!({"type": "object", "properties": {}})));
        let response = ask(&at(&server).await.unwrap(), request().expecting(expect)).await.unwrap();
        assert_eq!((response.finish, response.content().as_str()), (Finish::Refused, "I"));
    }
}

#[tokio::test]
async fn json_is_held_to_a_strict_schema_and_given_back_as_it_was_asked_for() {
    let server = server(text(r#"{"city":"Lisbon","built":null}"#)).await;
    let schema = json!({"type": "object", "required": ["city"],
        "properties": {"city": {"type": "string", "maxLength": 40}, "built": {"type": "integer"}}});
    let expect = Expect::Json(Arc::new(schema));
    let response = ask(&at(&server).await.unwrap(), request().expecting(expect)).await.unwrap();
    assert_eq!((response.content().as_str(), response.means), (r#"{"city":"Lisbon"}"#, Means::Constrained));
    let format = &bodies(&server).await[0]["response_format"];
    assert_eq!((&format["type"], &format["json_schema"]["strict"]), (&json!("json_schema"), &json!(true)));
    assert_eq!(format["json_schema"]["schema"]["required"], json!(["city", "built"]));
}

#[tokio::test]
async fn a_list_is_asked_for_as_a_field_and_given_back_bare() {
    let server = server(text(r#"{"value":[1,2]}"#)).await;
    let expect = Expect::Json(Arc::new(json!({"type": "array", "items": {"type": "integer"}})));
    let response = ask(&at(&server).await.unwrap(), request().expecting(expect)).await.unwrap();
    assert_eq!(response.content(), "[1,2]");
}

#[tokio::test]
async fn native_tool_calls_are_read_and_get_ids_of_their_own() {
    let call = |index, id: &str, args: &str| json!({"index": index, "id": id, "type": "function", "function": {"name": "search", "arguments": args}});
    let all = [
        delta(json!({"tool_calls": [call(0, "c1", "{\"to\":"), call(1, "c1", "{\"to\":\"Porto\",\"most\":2}")]})),
        delta(json!({"tool_calls": [{"index": 0, "function": {"arguments": "\"Lisbon\",\"most\":null}"}}]})),
        finish("tool_calls"),
    ];
    let server = server(events(&all)).await;
    let response = ask(&at(&server).await.unwrap(), request().expecting(decision(true))).await.unwrap();
    assert_eq!((response.finish, response.means), (Finish::ToolCalls, Means::NativeTools));
    let calls: Vec<_> = response
        .parts
        .iter()
        .filter_map(|part| if let Part::ToolCall(call) = part { Some(call) } else { None })
        .collect();
    assert_eq!((&calls[0].args, &calls[1].args), (&json!({"to": "Lisbon"}), &json!({"to": "Porto", "most": 2})));
    assert_eq!(calls[0].id, "c1");
    assert_ne!(calls[1].id, "c1");
    let sent = &bodies(&server).await[0];
    assert_eq!((&sent["tool_choice"], &sent["parallel_tool_calls"]), (&json!("auto"), &json!(true)));
    let function = &sent["tools"][0]["function"];
    assert_eq!((&function["strict"], &function["parameters"]["required"]), (&json!(true), &json!(["to", "most"])));
}

#[tokio::test]
async fn broken_arguments_are_mended_and_hopeless_ones_asked_for_again() {
    let with = |args: &str| {
        let call = json!({"index": 0, "id": "c1", "function": {"name": "search", "arguments": args}});
        events(&[
            delta(json!({"tool_calls": [call]})),
            finish("tool_calls"),
            json!({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 1}}),
        ])
    };
    let server = server(InTurn::new([with("to Lisbon"), with("{'to': 'Lisbon',}")])).await;
    let response = ask(&at(&server).await.unwrap(), request().expecting(decision(false))).await.unwrap();
    assert_eq!(response.means, Means::Repaired);
    assert!(matches!(&response.parts[..], [Part::ToolCall(call)] if call.args == json!({"to": "Lisbon"})));
    assert_eq!((response.usage.prompt_tokens, response.usage.output_tokens), (10, 2));
    let sent = bodies(&server).await;
    assert_eq!(sent[0]["tool_choice"], "required");
    assert_eq!(sent[1]["messages"][2]["content"], "search(to Lisbon)");
    assert!(sent[1]["messages"][3]["content"].as_str().unwrap().contains("arguments of `search`"));
}

#[tokio::test]
async fn a_call_written_as_text_is_read_and_the_next_one_is_held_to_a_schema() {
    let spoken = text("```json\n{\"name\": \"search\", \"arguments\": {\"to\": \"Lisbon\"}}\n```");
    let held = text(r#"{"value":{"thought":"t","calls":[{"tool":"search","args":{"to":"Porto","most":null}}]}}"#);
    let server = server(InTurn::new([spoken, held])).await;
    let model = at(&server).await.unwrap();
    let response = ask(&model, request().expecting(decision(true))).await.unwrap();
    assert!(
        matches!(&response.parts[..], [Part::ToolCall(call)] if call.tool == "search" && call.args == json!({"to": "Lisbon"}))
    );
    assert_eq!((response.finish, response.means), (Finish::ToolCalls, Means::Repaired));
    let response = ask(&model, request().expecting(decision(true))).await.unwrap();
    assert!(
        matches!(&response.parts[..], [Part::Reasoning { .. }, Part::ToolCall(call)] if call.args == json!({"to": "Porto"}))
    );
    assert_eq!((response.finish, response.means), (Finish::ToolCalls, Means::Constrained));
    assert!(bodies(&server).await[1].get("tools").is_none());
}

#[tokio::test]
async fn an_answer_in_the_place_of_a_call_that_is_needed_is_not_taken() {
    let held = text(r#"{"thought":"t","calls":[{"tool":"search","args":{"to":"Porto"}}]}"#);
    let server = server(InTurn::new([text("Lisbon is nice."), held])).await;
    let response = ask(&at(&server).await.unwrap(), request().expecting(decision(false))).await.unwrap();
    assert!(matches!(&response.parts[..], [Part::Reasoning { .. }, Part::ToolCall(_)]));
    assert_eq!(bodies(&server).await.len(), 2);
}

#[tokio::test]
async fn a_plain_server_is_asked_in_words_and_asked_again() {
    let good = r#"{"thought":"look","calls":[{"tool":"book","args":{"id":"F2"}}]}"#;
    let wrong = r#"{"thought":"look","calls":[{"tool":"book","args":{"id":"F9"}}]}"#;
    let server = server(InTurn::new([text("Let me see."), text(wrong), text(&format!("Here: {good}"))])).await;
    let model = at(&server).dialect(Dialect::Plain).await.unwrap();
    let response = ask(&model, request().expecting(decision(false))).await.unwrap();
    assert_eq!(response.means, Means::Repaired);
    assert!(
        matches!(&response.parts[..], [Part::Reasoning { .. }, Part::ToolCall(call)] if call.args == json!({"id": "F2"}))
    );
    let sent = bodies(&server).await;
    assert_eq!(sent.len(), 3);
    assert!(sent[0].get("tools").is_none() && sent[0].get("response_format").is_none());
    let system = sent[0]["messages"][0]["content"].as_str().unwrap();
    assert!(system.starts_with("Be brief.") && system.contains("Books a flight.") && system.contains("JSON Schema"));
    assert!(sent[2]["messages"][5]["content"].as_str().unwrap().contains("/calls/0"), "{}", sent[2]);
    assert!(!model.info().json_schema);
}

#[tokio::test]
async fn after_three_useless_answers_it_is_an_error() {
    let server = server(text("No.")).await;
    let model = at(&server).dialect(Dialect::Plain).await.unwrap();
    let expect = Expect::Json(Arc::new(json!({"type": "object"})));
    let error = ask(&model, request().expecting(expect)).await.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Response);
    assert_eq!(
        error.to_string(),
        "`m` gave no usable answer in 3 tries: it is no JSON: expected value at line 1 column 1; at last it wrote \"No.\""
    );
    assert_eq!(bodies(&server).await.len(), 3);
}

#[tokio::test]
async fn json_cut_at_the_limit_is_not_mended() {
    let server = server(events(&[delta(json!({"content": "{\"a\": 1, \"b\": [1"})), finish("length")])).await;
    let model = at(&server).await.unwrap();
    let expect = Expect::Json(Arc::new(json!({"type": "object", "properties": {"a": {"type": "integer"}}})));
    let response = ask(&model, request().expecting(expect)).await.unwrap();
    assert_eq!((response.finish, response.content().as_str()), (Finish::Length, "{\"a\": 1, \"b\": [1"));
}

#[tokio::test]
async fn what_a_server_refuses_is_left_out_from_then_on() {
    let no = |message: &str| ResponseTemplate::new(400).set_body_json(json!({"error": {"message": message}}));
    let good = text(r#"{"thought":"t","calls":[{"tool":"search","args":{"to":"Lisbon"}}]}"#);
    let answers = [no("this model does not support tools"), no("unknown field `response_format`"), good.clone(), good];
    let server = server(InTurn::new(answers)).await;
    let model = at(&server).await.unwrap();
    for _ in 0..2 {
        let response = ask(&model, request().expecting(decision(false))).await.unwrap();
        assert_eq!(response.means, Means::Plain);
    }
    let sent = bodies(&server).await;
    assert_eq!(sent.len(), 4);
    assert!(sent[0].get("tools").is_some() && sent[1].get("response_format").is_some());
    assert!(sent[3].get("tools").is_none() && sent[3].get("response_format").is_none());
}

#[tokio::test]
async fn what_is_refused_again_and_again_ends_in_an_error() {
    let no = ResponseTemplate::new(400)
        .set_body_json(json!({"error": {"message": "strict tools and response_format are unsupported"}}));
    let server = server(no).await;
    let error = ask(&at(&server).await.unwrap(), request().expecting(decision(false))).await.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Request);
    assert!(bodies(&server).await.len() <= 4);
}

#[tokio::test]
async fn llama_cpp_is_recognised_and_takes_grammars() {
    let server = MockServer::start().await;
    let listed = json!({"data": [{"id": "/models/qwen.gguf", "owned_by": "llamacpp", "meta": {"n_ctx": 2048, "n_ctx_train": 32768}}]});
    list(&server, listed).await;
    let props = json!({"default_generation_settings": {"n_ctx": 4096}, "modalities": {"vision": true}});
    let answer = ResponseTemplate::new(200).set_body_json(props);
    wiremock::Mock::given(wiremock::matchers::path("/props")).respond_with(answer).mount(&server).await;
    wiremock::Mock::given(wiremock::matchers::method("POST")).respond_with(text("yes")).mount(&server).await;
    let model = at(&server).await.unwrap();
    let info = model.info();
    assert_eq!((info.name.as_str(), info.provider.as_str(), info.context_window), ("qwen", "llama.cpp", Some(4096)));
    assert!(info.grammar && info.json_schema && info.images);
    let grammar = Grammar::new("start: \"yes\" | \"no\"").with_gbnf("root ::= \"yes\" | \"no\"");
    let response = ask(&model, request().expecting(Expect::Grammar(grammar))).await.unwrap();
    assert_eq!(response.means, Means::Constrained);
    let sent = &bodies(&server).await[0];
    assert_eq!((&sent["grammar"], &sent["model"]), (&json!("root ::= \"yes\" | \"no\""), &json!("/models/qwen.gguf")));
    let error = ask(&model, request().expecting(Expect::Grammar(Grammar::new("start: \"x\"")))).await.unwrap_err();
    assert!(error.to_string().contains("with_gbnf"), "{error}");
}

#[tokio::test]
async fn a_grammar_is_a_request_that_other_servers_cannot_meet() {
    let server = server(text("yes")).await;
    let expect = Expect::Grammar(Grammar::new("start: \"yes\"").with_gbnf("root ::= \"yes\""));
    let error = ask(&at(&server).await.unwrap(), request().expecting(expect)).await.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Request);
    assert!(bodies(&server).await.is_empty());
}
