//! Journals on a real PostgreSQL server, which `cargo xtask test` starts; by hand, `cargo xtask postgres` does.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[path = "postgres/connection_lost.rs"]
mod connection_lost;
#[path = "postgres/contents.rs"]
mod contents;
#[path = "postgres/refusals.rs"]
mod refusals;
#[path = "postgres/server.rs"]
mod server;

use cicerone_core::event::{End, Entry, Event};
use cicerone_memory::{Postgres, conformance};

use server::with_database;

/// An entry that says so.
fn entry(text: &str) -> Entry {
    Entry { time: 7, event: Event::Finished(End::NeedsInput { questions: vec![text.to_owned()] }) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_store_for_all_cases() {
    with_database(async |url| {
        let store = Postgres::connect(url).await.unwrap();
        conformance::run(async || Ok(store.clone())).await.unwrap();
        conformance::run_recall(async || Ok(store.clone())).await.unwrap();
        conformance::run_shared(async || Ok(store.clone())).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_opened_for_each_case() {
    with_database(async |url| {
        conformance::run(async || Postgres::connect(url).await).await.unwrap();
        conformance::run_recall(async || Postgres::connect(url).await).await.unwrap();
        conformance::run_shared(async || Postgres::connect(url).await).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn on_one_thread() {
    with_database(async |url| conformance::run(async || cicerone_memory::open(url).await).await.unwrap()).await;
}
