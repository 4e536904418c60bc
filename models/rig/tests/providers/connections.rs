//! Connections that break, stay silent or are given up.

use std::time::{Duration, Instant};

use cicerone_core::model::{DeltaSink, Model, ModelErrorKind};
use cicerone_rig::RigModel;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use crate::server::{KEY, ask, question};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n";
const PIECE: &str = r#"{"model":"m","message":{"role":"assistant","content":"The "},"done":false}"#;

/// A server that sends the beginning of an answer to one connection, then leaves it to `then`.
async fn server<F>(then: impl FnOnce(TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 64 * 1024];
        let _ = stream.read(&mut request).await.unwrap();
        let line = format!("{PIECE}\n");
        let begun = format!("{HEAD}{:x}\r\n{line}\r\n", line.len());
        stream.write_all(begun.as_bytes()).await.unwrap();
        then(stream).await;
    });
    address
}

fn ollama(address: &str) -> cicerone_rig::RigModelBuilder {
    RigModel::ollama("m").api_key(KEY).base_url(address)
}

#[tokio::test]
async fn a_connection_that_breaks_is_unavailable() {
    let address = server(|stream| async move { drop(stream) }).await;
    let (answer, pieces) = ask(&ollama(&address).build().unwrap(), &question()).await;
    let error = answer.unwrap_err();
    assert_eq!(pieces, ["The "]);
    assert_eq!(error.kind(), ModelErrorKind::Unavailable);
    assert!(error.to_string().contains("broke"), "{error}");
}

#[tokio::test]
async fn a_silent_server_is_a_timeout() {
    let address = server(|stream| async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        drop(stream);
    })
    .await;
    let begun = Instant::now();
    let model = ollama(&address).idle_timeout(Duration::from_millis(200)).build().unwrap();
    let error = ask(&model, &question()).await.0.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Timeout, "{error}");
    assert!(error.to_string().contains("idle_timeout"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn an_answer_without_end_is_a_timeout() {
    let address = server(|mut stream| async move {
        let line = format!("{PIECE}\n");
        let chunk = format!("{:x}\r\n{line}\r\n", line.len());
        while stream.write_all(chunk.as_bytes()).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let model = ollama(&address).timeout(Duration::from_millis(300)).build().unwrap();
    let error = ask(&model, &question()).await.0.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Timeout, "{error}");
    assert!(error.is_retryable());
}

#[tokio::test]
async fn a_dropped_request_closes_its_connection() {
    let (closed, was_closed) = oneshot::channel();
    let address = server(|mut stream| async move {
        let mut rest = [0; 16];
        while matches!(stream.read(&mut rest).await, Ok(read) if read > 0) {}
        closed.send(()).unwrap();
    })
    .await;
    let model = ollama(&address).build().unwrap();
    let (first, came) = oneshot::channel();
    let mut first = Some(first);
    let request = question();
    let mut sink = DeltaSink::new(move |_| {
        if let Some(first) = first.take() {
            first.send(()).unwrap();
        }
    });
    tokio::select! {
        _ = model.respond(&request, &mut sink) => panic!("the answer has no end"),
        came = came => came.unwrap(),
    }
    tokio::time::timeout(Duration::from_secs(10), was_closed).await.unwrap().unwrap();
}
