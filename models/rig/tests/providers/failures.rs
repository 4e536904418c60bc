//! What goes wrong with any provider.

use std::{error::Error, sync::Arc};

use cicerone_core::{
    message::Message,
    model::{Expect, Grammar, Model, ModelErrorKind, Request},
};
use cicerone_rig::providers;
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::server::{KEY, ask, decision, model, question, server};

/// Everything that can be read of an error.
fn everything(error: &dyn Error) -> String {
    let mut text = format!("{error}\n{error:?}\n");
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!("{error}\n{error:?}\n"));
        source = error.source();
    }
    text
}

#[tokio::test]
async fn no_provider_shows_a_key_that_its_server_repeats() {
    for provider in providers() {
        for status in [400, 401, 403, 500] {
            let body = json!({ "error": { "message": format!("the key {KEY} is bad"), "type": "x" } });
            let server = server([ResponseTemplate::new(status).set_body_json(body)]).await;
            let model = model(provider, "m", &server.uri());
            let error = ask(&model, &question()).await.0.unwrap_err();
            let shown = format!("{}{model:?}{:?}", everything(&error), model.info());
            assert!(!shown.contains(KEY), "{provider}: {shown}");
            assert!(error.to_string().contains("the key [redacted] is bad"), "{provider}: {error}");
            assert!(error.source().is_some());
        }
    }
}

#[tokio::test]
async fn no_provider_shows_a_key_in_a_connection_that_fails() {
    for provider in providers() {
        let error = ask(&model(provider, "m", "http://127.0.0.1:9"), &question()).await.0.unwrap_err();
        assert_eq!(error.kind(), ModelErrorKind::Unavailable, "{provider}: {error}");
        assert!(!everything(&error).contains(KEY), "{provider}: {}", everything(&error));
        assert!(error.to_string().contains("127.0.0.1:9"), "{error}");
    }
}

#[tokio::test]
async fn a_page_is_no_answer() {
    for provider in providers() {
        let page = ResponseTemplate::new(200).set_body_raw("<html><body>Sign in</body></html>", "text/html");
        let server = server([page]).await;
        let error = ask(&model(provider, "m", &server.uri()), &question()).await.0.unwrap_err();
        assert_eq!(error.kind(), ModelErrorKind::Response, "{provider}: {error}");
        let page = ResponseTemplate::new(502).set_body_raw("<html><body>Bad gateway</body></html>", "text/html");
        let server = crate::server::server([page]).await;
        let error = ask(&model(provider, "m", &server.uri()), &question()).await.0.unwrap_err();
        assert_eq!(error.kind(), ModelErrorKind::Unavailable, "{provider}: {error}");
        assert!(error.to_string().contains("HTML page"), "{provider}: {error}");
    }
}

#[tokio::test]
async fn an_empty_reply_is_no_answer() {
    for provider in providers() {
        let server = server([ResponseTemplate::new(200).set_body_raw("", "text/event-stream")]).await;
        let error = ask(&model(provider, "m", &server.uri()), &question()).await.0.unwrap_err();
        assert_eq!(error.kind(), ModelErrorKind::Unavailable, "{provider}: {error}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = server([]).await;
    let redirect = ResponseTemplate::new(307).insert_header("location", elsewhere.uri());
    let server = server([redirect]).await;
    let error = ask(&model("anthropic", "m", &server.uri()), &question()).await.0.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Request, "{error}");
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_can_not_be_asked_is_refused_before_it_is_sent() {
    let server = server([]).await;
    let model = model("groq", "m", &server.uri());
    let refused = |request: Request| {
        let model = model.clone();
        async move {
            let error = ask(&model, &request).await.0.unwrap_err();
            assert_eq!(error.kind(), ModelErrorKind::Request, "{error}");
            error.to_string()
        }
    };
    assert!(refused(decision(true)).await.contains("images(true)"));
    let words = || Request::new(vec![Message::user("x")]);
    let schema = Expect::Json(Arc::new(json!({ "type": "nonsense" })));
    assert!(refused(words().expecting(schema)).await.contains("schema"));
    let grammar = Expect::Grammar(Grammar::new("start: \"yes\""));
    assert!(refused(words().expecting(grammar)).await.contains("grammar"));
    assert!(refused(Request::new(Vec::<Message>::new())).await.contains("add a message"));
    assert!(server.received_requests().await.unwrap().is_empty());
}
