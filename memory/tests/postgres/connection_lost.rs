//! What becomes of a run when the server, or the way to it, is gone in the middle of an append.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    time::Duration,
};

use cicerone_core::{
    RunId,
    memory::{Memory, MemoryErrorKind, RunFilter},
};
use cicerone_memory::Postgres;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{block_in_place, spawn},
    time::sleep,
};

use crate::{
    entry,
    server::{Server, with_database},
};

const BATCH: u64 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_goes_on_when_the_server_is_killed_and_restarted() {
    let mut server = block_in_place(Server::start);
    let store = Postgres::connect(&server.url).await.unwrap();
    let run = RunId::new();
    let (made, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicU8::new(0)));
    let writer = spawn({
        let (store, made, stop) = (store.clone(), Arc::clone(&made), Arc::clone(&stop));
        async move {
            for at in (0..).step_by(BATCH as usize) {
                if stop.load(Ordering::Relaxed) == 1 {
                    return at;
                }
                let batch: Vec<_> = (at..at + BATCH).map(|position| entry(&position.to_string())).collect();
                store.append(&run, at, &batch).await.unwrap();
                made.fetch_add(1, Ordering::Relaxed);
            }
            0
        }
    });
    for round in 0..6 {
        // At another point of an append each time.
        let before = made.load(Ordering::Relaxed);
        while made.load(Ordering::Relaxed) < before + 10 {
            sleep(Duration::from_millis(1)).await;
        }
        sleep(Duration::from_micros(300 * round)).await;
        block_in_place(|| {
            server.kill();
            server.restart();
        });
    }
    stop.store(1, Ordering::Relaxed);
    let length = writer.await.unwrap();
    let written: Vec<_> = (0..length).map(|position| entry(&position.to_string())).collect();
    assert!(length > 60 * BATCH, "only {length} events were written");
    assert_eq!(store.read(&run, 0).await.unwrap(), written);
    assert_eq!(store.runs(&RunFilter::default()).await.unwrap()[0].events, length);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_whose_answer_was_lost_is_made_once() {
    with_database(async |url| {
        let way = Way::to(url).await;
        let store = Postgres::connect(&way.url).await.unwrap();
        let run = RunId::new();
        for (round, cut) in (0..).zip([Cut::Answer, Cut::Question, Cut::Answer, Cut::Answer, Cut::Question]) {
            let batch = [entry(&format!("{round} a")), entry(&format!("{round} b"))];
            way.cut(cut);
            store.append(&run, round * 2, &batch).await.unwrap();
            assert!(way.is_whole(), "the connection was not cut");
            assert_eq!(store.read(&run, round * 2).await.unwrap(), batch);
        }
        assert_eq!(store.read(&run, 0).await.unwrap().len(), 10);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_overtaken_while_the_connection_was_lost_gets_a_conflict() {
    with_database(async |url| {
        let way = Way::to(url).await;
        let store = Postgres::connect(&way.url).await.unwrap();
        let run = RunId::new();
        store.append(&run, 0, &[entry("before")]).await.unwrap();
        way.cut(Cut::Question);
        // The very same entries: whose they are is told by who wrote them, not by what they say.
        let successor = Postgres::connect(url).await.unwrap();
        let same = [entry("after")];
        let (late, made) = tokio::join!(store.append(&run, 1, &same), successor.append(&run, 1, &same));
        // Whoever came first, there is one of them.
        let errors: Vec<_> = [late, made].into_iter().filter_map(Result::err).collect();
        assert_eq!(errors.iter().map(|error| error.kind()).collect::<Vec<_>>(), [MemoryErrorKind::Conflict]);
        assert_eq!(store.read(&run, 0).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn patience_ends() {
    let mut server = block_in_place(Server::start);
    let patient = Postgres::connect(&server.url).await.unwrap();
    let store = patient.clone().patience(Duration::from_millis(300));
    let run: RunId = "0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2a47".parse().unwrap();
    patient.append(&run, 0, &[entry("before")]).await.unwrap();
    block_in_place(|| server.kill());
    let mut said = String::new();
    for error in [
        store.append(&run, 1, &[entry("after")]).await.unwrap_err(),
        store.read(&run, 1).await.unwrap_err(),
        store.runs(&RunFilter::default()).await.unwrap_err(),
        Postgres::connect(&server.url).await.unwrap_err(),
    ] {
        said += &format!("{:?}: {error}\n", error.kind());
    }
    let place = server.url.split_once('@').unwrap().1;
    insta::assert_snapshot!(said.replace(place, "HOST/postgres"), @r#"
    Unavailable: can't append to run 0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2a47 at 1 in `postgres://HOST/postgres`: the server does not answer; check that it runs, and the host and port, then try again
    Unavailable: can't read run 0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2a47 from 1 on in `postgres://HOST/postgres`: the server does not answer; check that it runs, and the host and port, then try again
    Unavailable: can't list the runs in `postgres://HOST/postgres`: the server does not answer; check that it runs, and the host and port, then try again
    Unavailable: can't open `postgres://HOST/postgres`: the server does not answer; check that it runs, and the host and port, then try again
    "#);
    block_in_place(|| server.restart());
    assert_eq!(patient.read(&run, 0).await.unwrap(), [entry("before")]);
}

/// What is lost of the next exchange.
#[derive(Clone, Copy)]
enum Cut {
    /// The server does what is asked, and nobody hears of it.
    Answer = 1,
    /// The server is never asked.
    Question = 2,
}

/// A way to a server that can be cut in the middle of an exchange.
struct Way {
    url: String,
    cut: Arc<AtomicU8>,
}

impl Way {
    async fn to(url: &str) -> Self {
        let (user, rest) = url.split_once('@').unwrap();
        let (server, database) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{user}@{}/{database}", listener.local_addr().unwrap());
        let cut = Arc::new(AtomicU8::new(0));
        let (server, scissors) = (server.to_owned(), Arc::clone(&cut));
        spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, scissors) = (server.clone(), Arc::clone(&scissors));
                spawn(async move {
                    let server = TcpStream::connect(server).await.unwrap();
                    carry(client, server, &scissors).await;
                });
            }
        });
        Self { url, cut }
    }

    fn cut(&self, what: Cut) {
        self.cut.store(what as u8, Ordering::SeqCst);
    }

    fn is_whole(&self) -> bool {
        self.cut.load(Ordering::SeqCst) == 0
    }
}

/// Carries bytes both ways until one end has closed or the way is cut.
async fn carry(mut client: TcpStream, mut server: TcpStream, cut: &AtomicU8) {
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    // Only an append carries this; what asks whether the connection lives, or prepares a statement, does not.
    let is_append = |bytes: &[u8]| bytes.windows(9).any(|window| window == b"questions");
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let length = read.unwrap_or(0);
                if length == 0 {
                    return;
                }
                let question = &asked[..length];
                let what = if is_append(question) { cut.swap(0, Ordering::SeqCst) } else { 0 };
                if what == Cut::Question as u8 {
                    return;
                }
                server.write_all(question).await.unwrap();
                if what == Cut::Answer as u8 {
                    // The first bytes come once it is committed, since a statement is a transaction.
                    assert_ne!(server.read(&mut answered).await.unwrap(), 0, "the server has gone");
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let length = read.unwrap_or(0);
                if length == 0 || client.write_all(&answered[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
