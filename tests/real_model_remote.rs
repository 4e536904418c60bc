//! The travel agent over llama.cpp's server, the same model behind HTTP: the same bookings as with the local one.
#![allow(
    missing_docs,
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail, and uses a part of the example's modules"
)]

#[path = "../examples/travel_booking/agent.rs"]
mod agent;
#[path = "../examples/travel_booking/reading.rs"]
mod reading;
#[path = "../examples/travel_booking/rules.rs"]
mod rules;
#[path = "../examples/travel_booking/summary.rs"]
mod summary;
#[path = "../examples/travel_booking/tools.rs"]
mod tools;
mod travel;
#[path = "../examples/travel_booking/world/mod.rs"]
mod world;

use cicerone::model::{Model, from_name};
use travel::{CASES, TODAY, book};
use world::World;

/// Where the server is: `cargo xtask test` starts one and says it here.
fn server() -> String {
    std::env::var("CICERONE_TEST_LLAMA_URL")
        .expect("CICERONE_TEST_LLAMA_URL is not set: `cargo xtask test` starts a server, or `cargo xtask llama` does")
}

#[tokio::test]
async fn real_model_behind_a_server_books_the_same() {
    let model = from_name("openai:").base_url(server()).await.unwrap();
    assert!(model.info().grammar, "{:?}", model.info());
    let mut wrong = Vec::new();
    for (name, request, expected) in CASES {
        let (run, mut booked) = book(&model, request, 0.0).await;
        let mut expected = expected(&World::in_memory(TODAY).unwrap());
        booked.sort();
        expected.sort();
        let trace = run.as_ref().map_or_else(|error| error.trace().cloned(), |run| Some(run.trace.clone()));
        eprintln!("{name}: {} bookings", booked.len());
        if booked != expected {
            wrong.push(format!("{name}: booked {booked:?}, not {expected:?}\n{}", trace.unwrap()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
