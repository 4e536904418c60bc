//! xAI's responses, which are OpenAI's newer format.

use cicerone_core::model::{Finish, Means};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::server::{ask, bodies, calls, count, decision, events, model, server};

fn response(item: Value, deltas: &[Value]) -> ResponseTemplate {
    let whole = |status: &str, output: &[Value]| {
        let mut whole = json!({ "id": "r1", "object": "response", "created_at": 1, "model": "grok-4" });
        whole["status"] = status.into();
        whole["output"] = output.into();
        whole
    };
    let mut done = whole("completed", std::slice::from_ref(&item));
    done["usage"] = json!({
        "input_tokens": 40, "input_tokens_details": { "cached_tokens": 30 },
        "output_tokens": 6, "output_tokens_details": { "reasoning_tokens": 2 }, "total_tokens": 46,
    });
    let mut all = vec![
        json!({ "type": "response.created", "sequence_number": 0, "response": whole("in_progress", &[]) }),
        json!({ "type": "response.output_item.added", "sequence_number": 1, "output_index": 0, "item": item }),
    ];
    all.extend_from_slice(deltas);
    all.push(json!({ "type": "response.output_item.done", "sequence_number": 8, "output_index": 0, "item": item }));
    all.push(json!({ "type": "response.completed", "sequence_number": 9, "response": done }));
    events(&all)
}

#[tokio::test]
async fn decoding_is_held_to_the_schema() {
    let item = json!({
        "type": "message", "id": "m1", "role": "assistant", "status": "completed",
        "content": [{ "type": "output_text", "text": "{\"count\":7}", "annotations": [] }],
    });
    let delta = |text: &str| {
        let mut delta = json!({ "type": "response.output_text.delta", "sequence_number": 2, "item_id": "m1" });
        delta["output_index"] = 0.into();
        delta["content_index"] = 0.into();
        delta["delta"] = text.into();
        delta
    };
    let server = server([response(item, &[delta("{\"count\""), delta(":7}")])]).await;
    let (answer, pieces) = ask(&model("xai", "grok-4", &server.uri()), &count()).await;
    let answer = answer.unwrap();
    assert_eq!(pieces.concat(), "{\"count\":7}");
    assert_eq!((answer.content(), answer.means, answer.finish), (pieces.concat(), Means::Constrained, Finish::Stop));
    assert_eq!(
        (answer.usage.prompt_tokens, answer.usage.computed_prompt_tokens, answer.usage.output_tokens),
        (40, 10, 6)
    );
    let body = &bodies(&server).await[0];
    assert_eq!(body["text"]["format"]["schema"]["properties"]["count"]["type"], "integer", "{body}");
}

#[tokio::test]
async fn calls_are_forced_and_assembled() {
    let item = json!({
        "type": "function_call", "id": "f1", "call_id": "call_9", "name": "search", "status": "completed",
        "arguments": "{\"city\":\"Lisboa\"}",
    });
    let server = server([response(item, &[])]).await;
    let model = model("xai", "grok-4", &server.uri()).with_images(true);
    let answer = ask(&model, &decision(false)).await.0.unwrap();
    assert_eq!(calls(&answer), [("search", &json!({ "city": "Lisboa" }))]);
    let body = &bodies(&server).await[0];
    assert_eq!(body["tool_choice"], "required");
    assert_eq!(body["tools"][0]["parameters"]["properties"]["city"]["type"], "string", "{body}");
}
