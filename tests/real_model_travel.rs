//! The travel agent with the real default model: each request ends with exactly the right bookings.
//!
//! One process loads the model once and answers all requests one after another, each in a fresh inventory. What is
//! right is worked out from the inventory itself, never from what the agent said.
#![allow(
    missing_docs,
    dead_code,
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

use std::{sync::Arc, time::Instant};

use cicerone::{event::Event, mistral::catalogue::progress, prelude::*};
use travel::{CASES, TODAY, book};
use world::World;

#[tokio::test]
async fn real_model_books_exactly_what_is_asked() {
    let loading = Instant::now();
    let model = MistralModel::gguf("qwen2.5-coder-1.5b").progress(progress::stderr()).await.unwrap();
    eprintln!("loaded in {:.1} s", loading.elapsed().as_secs_f64());
    let model = Arc::new(model);
    let mut wrong = Vec::new();
    for (name, request, expected) in CASES {
        let begun = Instant::now();
        let (run, mut booked) = book(&model, request, 0.0).await;
        let seconds = begun.elapsed().as_secs_f64();
        let mut expected = expected(&World::in_memory(TODAY).unwrap());
        booked.sort();
        expected.sort();
        let (calls, usage) = match &run {
            Ok(run) => (run.model_calls, run.usage),
            Err(error) => (0, error.trace().map(|trace| trace.usage()).unwrap_or_default()),
        };
        eprintln!(
            "{name}: {seconds:.1} s, {calls} model calls, {} of {} prompt tokens computed, {} out",
            usage.computed_prompt_tokens, usage.prompt_tokens, usage.output_tokens
        );
        if booked != expected {
            let trace = run.as_ref().map_or_else(|error| error.trace().cloned(), |run| Some(run.trace.clone()));
            wrong.push(format!("{name}: booked {booked:?}, not {expected:?}\n{}", trace.unwrap()));
        }
        if name == "return with a hotel" {
            assert!(calls <= 2 && usage.output_tokens <= 200, "{calls} calls, {} tokens", usage.output_tokens);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    typed_output(&model).await;
    valid_by_construction(&model).await;
    cancelling_stops_decoding(&model).await;
    requests_run_concurrently(&model).await;
}

/// Tell how warm it is in a city, in degrees Celsius.
#[tool(effect = "read")]
async fn temperature(city: String) -> Result<f64, ToolError> {
    Ok(if city == "Lisbon" { 18.5 } else { -2.0 })
}

/// What [`typed_output`] asks for.
#[derive(Debug, PartialEq, serde::Deserialize, schemars::JsonSchema)]
struct Weather {
    city: String,
    degrees: f64,
}

/// The output is of the type that the caller asked for, filled in from what the tool returned.
async fn typed_output(model: &Arc<MistralModel>) {
    let agent = Agent::builder(Arc::clone(model)).tools(tools![temperature]).build().unwrap();
    let run = agent.run("How warm is it in Lisbon?").typed::<Weather>().await.unwrap();
    assert_eq!(*run.output().unwrap(), Weather { city: "Lisbon".into(), degrees: 18.5 }, "{}", run.trace);
}

/// At temperature 1 the model may choose badly, but every call is well formed, every id was seen, nothing twice.
async fn valid_by_construction(model: &Arc<MistralModel>) {
    for request in ["Rome to Oslo on 3 May and back on 9 May, with a hotel", "a train from Berlin to Munich on 4 April"]
    {
        for _ in 0..3 {
            let (run, booked) = book(model, request, 1.0).await;
            let trace = match &run {
                Ok(run) => run.trace.clone(),
                Err(error) => error.trace().unwrap().clone(),
            };
            let rejected = trace
                .entries()
                .iter()
                .filter(|e| matches!(e.event, Event::AnswerRejected { valid: false, .. }))
                .count();
            assert_eq!(rejected, 0, "malformed: {trace}");
            let distinct: std::collections::BTreeSet<_> = booked.iter().collect();
            assert_eq!(distinct.len(), booked.len(), "booked twice: {trace}");
            let seen: String = ["search_flights", "search_trains", "search_hotels"]
                .iter()
                .flat_map(|tool| trace.outputs(tool).map(ToString::to_string).collect::<Vec<_>>())
                .collect();
            assert!(booked.iter().all(|id| seen.contains(id.as_str())), "invented: {trace}");
        }
    }
}

/// A request that is dropped leaves the engine free at once.
async fn cancelling_stops_decoding(model: &Arc<MistralModel>) {
    use cicerone::{
        message::Message,
        model::{DeltaSink, Request, Sampling},
    };
    let long = Request::new(vec![Message::user("Count from 1 to 500, one number a line.")])
        .sampling(Sampling::default().max_tokens(1_000));
    let mut sink = DeltaSink::none();
    let dropped = tokio::time::timeout(std::time::Duration::from_secs(6), model.respond(&long, &mut sink)).await;
    assert!(dropped.is_err(), "1,000 tokens in 6 s");
    let begun = Instant::now();
    let short = Request::new(vec![Message::user("Say yes.")]).sampling(Sampling::default().max_tokens(4));
    model.respond(&short, &mut sink).await.unwrap();
    let waited = begun.elapsed().as_secs_f64();
    assert!(waited < 15.0, "a short request waited {waited:.1} s behind a dropped one");
}

/// Several requests at once all come back.
async fn requests_run_concurrently(model: &Arc<MistralModel>) {
    use cicerone::{
        message::Message,
        model::{DeltaSink, Expect, Grammar, Request, Sampling},
    };
    let ask = |city: &'static str| async move {
        let lark = format!("start: \"{city} is \" (\"big\" | \"small\")");
        let request = Request::new(vec![Message::user(format!("Is {city} big or small?"))])
            .expecting(Expect::Grammar(Grammar::new(lark)))
            .sampling(Sampling::default().max_tokens(16));
        model.respond(&request, &mut DeltaSink::none()).await.unwrap().content()
    };
    let (tokyo, graz, lima) = tokio::join!(ask("Tokyo"), ask("Graz"), ask("Lima"));
    assert!(tokyo.starts_with("Tokyo is ") && graz.starts_with("Graz is ") && lima.starts_with("Lima is "));
}
