//! What goes wrong on the way to a server and back, and what is said about it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod wire;

use std::time::Duration;

use cicerone_core::model::{DeltaSink, Model, ModelError, ModelErrorKind};
use cicerone_openai::{BODY_LIMIT, OpenAiModel};
use serde_json::json;
use tokio::io::AsyncReadExt;
use wire::*;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

/// The error that a completion answered so ends in, the server's address replaced.
async fn fault(answer: ResponseTemplate) -> ModelErrorText {
    let server = server(answer).await;
    let model = at(&server).api_key("sk-very-secret-key").await.unwrap();
    let error = ask(&model, request()).await.unwrap_err();
    ModelErrorText { text: error.to_string().replace(&server.uri(), "SERVER"), error }
}

struct ModelErrorText {
    text: String,
    error: ModelError,
}

fn says(status: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"error": {"message": message, "type": "t", "code": null}}))
}

#[tokio::test]
async fn refused_credentials_are_named_and_not_shown() {
    for status in [401, 403] {
        let fault = fault(says(status, "Incorrect API key provided: sk-very-secret-key (sk-ve****key).")).await;
        assert_eq!(fault.error.kind(), ModelErrorKind::Authentication);
        assert!(!fault.error.is_retryable());
        assert!(fault.text.contains("OPENAI_API_KEY") && fault.text.contains("Incorrect API key"), "{}", fault.text);
        assert!(!fault.text.contains("secret") && !fault.text.contains("sk-"), "{}", fault.text);
        assert!(!format!("{:?}", fault.error).contains("secret"));
    }
}

#[tokio::test]
async fn an_unknown_model_and_a_wrong_path_are_told() {
    let fault = fault(says(404, "The model `m` does not exist")).await;
    assert_eq!(fault.error.kind(), ModelErrorKind::Request);
    assert!(fault.text.contains("knows no model `m`") && fault.text.contains("/v1"), "{}", fault.text);
}

#[tokio::test]
async fn how_long_to_wait_is_passed_on() {
    let fault_of = |status, value: &str| fault(says(status, "slow down").insert_header("retry-after", value));
    let limited = fault_of(429, "7").await;
    assert_eq!(
        (limited.error.kind(), limited.error.retry_after()),
        (ModelErrorKind::RateLimit, Some(Duration::from_secs(7)))
    );
    let until = fault_of(503, "Sun, 06 Nov 1994 08:49:37 GMT").await;
    assert_eq!((until.error.kind(), until.error.retry_after()), (ModelErrorKind::Unavailable, Some(Duration::ZERO)));
    let silent = fault(says(429, "slow down")).await;
    assert_eq!(silent.error.retry_after(), None);
    assert!(silent.error.is_retryable());
}

#[tokio::test]
async fn an_empty_account_is_not_worth_waiting_for() {
    let body = json!({"error": {"message": "You exceeded your current quota", "type": "insufficient_quota", "code": "insufficient_quota"}});
    let fault = fault(ResponseTemplate::new(429).set_body_json(body)).await;
    assert!(!fault.error.is_retryable(), "{}", fault.text);
}

#[tokio::test]
async fn a_failing_server_may_recover() {
    for status in [500, 502, 503, 529] {
        let fault =
            fault(ResponseTemplate::new(status).set_body_raw("<html><body>Bad gateway</body></html>", "text/html"))
                .await;
        assert_eq!(fault.error.kind(), ModelErrorKind::Unavailable);
        assert!(fault.text.contains(&status.to_string()) && fault.text.contains("HTML page"), "{}", fault.text);
    }
}

#[tokio::test]
async fn nothing_is_tried_again_behind_the_callers_back() {
    let server = server(says(500, "oops")).await;
    ask(&at(&server).await.unwrap(), request()).await.unwrap_err();
    assert_eq!(bodies(&server).await.len(), 1);
}

#[tokio::test]
async fn a_request_that_is_too_long_says_so_in_the_servers_words() {
    let fault = fault(says(400, "maximum context length is 4096 tokens,\u{1b}[31m max_tokens is 9000")).await;
    assert_eq!(fault.error.kind(), ModelErrorKind::Request);
    assert!(fault.text.contains("4096 tokens,[31m max"), "{}", fault.text);
}

#[tokio::test]
async fn a_web_page_is_recognised() {
    let page = "<!DOCTYPE html><html><head><title>Welcome to nginx!</title></head><body>…</body></html>";
    for status in [200, 404] {
        let fault = fault(ResponseTemplate::new(status).set_body_raw(page, "text/html")).await;
        assert_eq!(fault.error.kind(), ModelErrorKind::Response);
        assert!(
            fault.text.contains("HTML page") && fault.text.contains("Welcome to nginx!") && fault.text.contains("/v1"),
            "{}",
            fault.text
        );
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let fault =
        fault(ResponseTemplate::new(308).insert_header("location", "https://other.example/v1/chat/completions?k=1"))
            .await;
    assert!(fault.text.contains("https://other.example/v1/chat/completions;"), "{}", fault.text);
    assert_eq!(fault.error.kind(), ModelErrorKind::Request);
}

#[tokio::test]
async fn an_answer_without_choices_is_none() {
    for answer in [events(&[json!({"choices": []})]), ResponseTemplate::new(200).set_body_json(json!({"choices": []}))]
    {
        let fault = fault(answer).await;
        assert_eq!(fault.error.kind(), ModelErrorKind::Response);
        assert!(fault.text.contains("`choices` are empty"), "{}", fault.text);
    }
}

#[tokio::test]
async fn a_piece_that_is_no_json_is_shown_in_short() {
    let body = format!("data: {}\n\ndata: {{\"choices\": [{{\n\n", delta(json!({"content": "In"})));
    let fault = fault(ResponseTemplate::new(200).set_body_raw(body, "text/event-stream")).await;
    assert_eq!(fault.error.kind(), ModelErrorKind::Response);
    assert!(
        fault.text.contains("can't be read") && fault.text.contains("begins \"{\"choices\": [{\""),
        "{}",
        fault.text
    );
}

#[tokio::test]
async fn an_error_in_the_middle_of_a_stream_is_one() {
    for (error, kind) in [
        (json!({"error": {"message": "out of memory", "code": 500}}), ModelErrorKind::Unavailable),
        (json!({"error": {"message": "slow down", "code": "rate_limit_exceeded"}}), ModelErrorKind::RateLimit),
    ] {
        let fault = fault(events(&[delta(json!({"content": "In"})), error])).await;
        assert_eq!(fault.error.kind(), kind, "{}", fault.text);
        assert!(fault.text.contains("out of memory") || fault.text.contains("slow down"), "{}", fault.text);
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_is_no_answer() {
    let body = format!("data: {}\n\n", delta(json!({"content": "In Lis"})));
    let fault = fault(ResponseTemplate::new(200).set_body_raw(body, "text/event-stream")).await;
    assert_eq!(fault.error.kind(), ModelErrorKind::Unavailable);
    assert_eq!(fault.text, "SERVER/v1 ended its answer before it was whole; so far it said \"In Lis\"");
}

#[tokio::test]
async fn a_connection_that_breaks_is_no_answer() {
    let base = raw(|mut stream| async move {
        let piece = format!("data: {}\n\n", delta(json!({"content": "In Lis"})));
        let head = STREAM_HEAD.replace("connection: close", "transfer-encoding: chunked");
        write(&mut stream, &format!("{head}{:x}\r\n{piece}\r\n", piece.len())).await;
    })
    .await;
    let error = ask(&OpenAiModel::at(base).await.unwrap(), request()).await.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Unavailable);
    assert!(error.to_string().contains("so far it said \"In Lis\""), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_whole_survives_a_stream_without_an_end() {
    let base = raw(|mut stream| async move {
        let text = format!("{STREAM_HEAD}data: {}\n\ndata: {}", delta(json!({"content": "Hi"})), finish("stop"));
        write(&mut stream, &text).await;
    })
    .await;
    let response = ask(&OpenAiModel::at(base).await.unwrap(), request()).await.unwrap();
    assert_eq!(response.content(), "Hi");
}

#[tokio::test]
async fn a_stream_that_stalls_is_given_up() {
    let base = raw(|mut stream| async move {
        write(&mut stream, &format!("{STREAM_HEAD}data: {}\n\n", delta(json!({"content": "In"})))).await;
        let _ = stream.read_u8().await;
    })
    .await;
    let model = OpenAiModel::at(base).idle_timeout(SHORT).await.unwrap();
    let error = ask(&model, request()).await.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Timeout);
    assert!(
        error.to_string().contains("fell silent for 200ms") && error.to_string().contains("idle_timeout"),
        "{error}"
    );
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up() {
    let base = raw(|mut stream| async move {
        write(&mut stream, STREAM_HEAD).await;
        loop {
            write(&mut stream, ": still here\n\n").await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let model = OpenAiModel::at(base).idle_timeout(SHORT).total_timeout(Duration::from_millis(500)).await.unwrap();
    let error = ask(&model, request()).await.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Timeout);
    assert!(error.to_string().contains("within 500ms, the total timeout"), "{error}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let base = raw(|mut stream| async move {
        let _ = stream.read_u8().await;
    })
    .await;
    let model = OpenAiModel::at(base).total_timeout(Duration::from_millis(300)).await.unwrap();
    let error = ask(&model, request()).await.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Timeout);
}

#[tokio::test]
async fn dropping_the_future_closes_the_connection() {
    let (closed, is_closed) = tokio::sync::oneshot::channel();
    let closed = std::sync::Arc::new(std::sync::Mutex::new(Some(closed)));
    let base = raw(move |mut stream| {
        let closed = std::sync::Arc::clone(&closed);
        async move {
            write(&mut stream, &format!("{STREAM_HEAD}data: {}\n\n", delta(json!({"content": "In"})))).await;
            // The other side says nothing more: the read ends when it is gone.
            let _ = stream.read_u8().await;
            let closed = closed.lock().unwrap().take();
            closed.unwrap().send(()).unwrap();
        }
    })
    .await;
    let model = OpenAiModel::at(base).await.unwrap();
    let request = request();
    let mut sink = DeltaSink::none();
    tokio::select! {
        _ = model.respond(&request, &mut sink) => unreachable!("the stream has no end"),
        () = tokio::time::sleep(SHORT) => {}
    }
    tokio::time::timeout(Duration::from_secs(5), is_closed).await.unwrap().unwrap();
}

#[tokio::test]
async fn an_endless_body_is_not_read_to_its_end() {
    for head in ["{\"choices\": [], \"x\": \"", "data: \""] {
        let base = raw(move |mut stream| async move {
            write(&mut stream, STREAM_HEAD).await;
            write(&mut stream, head).await;
            let megabyte = "x".repeat(1 << 20);
            for _ in 0..40 {
                write(&mut stream, &megabyte).await;
            }
        })
        .await;
        let error = ask(&OpenAiModel::at(base).await.unwrap(), request()).await.unwrap_err();
        assert_eq!(error.kind(), ModelErrorKind::Response);
        assert!(error.to_string().contains(&format!("more than {} MiB", BODY_LIMIT >> 20)), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let error = OpenAiModel::at(&base).await.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Unavailable);
    assert!(error.to_string().starts_with(&format!("nothing answers at {base}: ")), "{error}");
    assert!(error.to_string().contains("start the server"), "{error}");
}

#[tokio::test]
async fn an_unknown_model_is_told_what_there_is() {
    let server = MockServer::start().await;
    list(&server, json!({"data": [{"id": "gpt-4.1-mini"}, {"id": "gpt-4.1"}, {"broken": 1}, {"id": "llama:latest"}]}))
        .await;
    let base = format!("{}/v1", server.uri());
    let error = OpenAiModel::named("gpt-4.1-mimi").base_url(&base).await.unwrap_err().to_string();
    assert!(
        error.contains("no model `gpt-4.1-mimi`; did you mean `gpt-4.1-mini`? there are `gpt-4.1-mini`, `gpt-4.1`"),
        "{error}"
    );
    let error = OpenAiModel::at(&base).await.unwrap_err().to_string();
    assert!(error.contains("several models") && error.contains("`gpt-4.1`"), "{error}");
    let model = OpenAiModel::named("llama").base_url(&base).await.unwrap();
    assert_eq!(model.info().name, "llama:latest");
}

#[tokio::test]
async fn a_server_without_a_list_takes_the_name_it_is_given() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(404).set_body_json(json!({"error": "no"})))
        .mount(&server)
        .await;
    let base = format!("{}/v1", server.uri());
    assert_eq!(OpenAiModel::named("m").base_url(&base).await.unwrap().info().name, "m");
    let error = OpenAiModel::at(&base).await.unwrap_err();
    assert!(error.to_string().contains("OpenAiModel::named"), "{error}");
}

#[tokio::test]
async fn a_wrong_key_is_noticed_while_connecting() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(says(401, "bad key")).mount(&server).await;
    let error = at(&server).api_key("sk-very-secret-key").await.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Authentication);
}

#[tokio::test]
async fn the_key_is_sent_and_the_model_does_not_show_it() {
    let server = server(text("Hi")).await;
    let model = at(&server).api_key("sk-very-secret-key").await.unwrap();
    ask(&model, request()).await.unwrap();
    let sent = server.received_requests().await.unwrap();
    assert!(sent.iter().all(|request| request.headers["authorization"] == "Bearer sk-very-secret-key"));
    assert!(!format!("{model:?}").contains("secret"));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_that_is_not_made_is_given_up() {
    // Linux lets one connection more than this wait to be accepted, and answers no further one.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(SHORT, tokio::net::TcpStream::connect(address)).await {
        waiting.push(stream);
    }
    let error = OpenAiModel::at(format!("http://{address}/v1")).connect_timeout(SHORT).await.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Timeout);
    assert!(error.to_string().contains("within 200ms, the connect timeout"), "{error}");
}
