//! Limits, cancellation, and journals that are whole on every way out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test may panic"
)]

mod common;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use cicerone_core::{
    Agent, Budget, Error, ErrorKind,
    agent::Verdict,
    event::{Event, PlannedCall, ToolResult},
    model::{DeltaSink, Model, ModelError, ModelInfo, Request, Response, Usage},
    policy::{Answer, PlanExecute},
    scripted::{Reply, ScriptedModel},
    tool::{Effect, Tool, ToolContext, ToolError, ToolErrorKind},
};
use common::{
    journal::assert_sound,
    world::{Search, World, agent, yes},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

const BOOK: &str = "# a\nbook(cheapest(search(\"Rome\",\"Athens\"),search(\"Athens\",\"Rome\")),\"Ada\")\nend";
const TASK: &str = "Book Rome to Athens or Athens to Rome for Ada";

fn planned(model: &ScriptedModel, world: &World, budget: Budget) -> Agent {
    let planner = PlanExecute::default().answer(Answer::Report(None));
    agent(model.clone(), world).planner(planner).approver(yes).budget(budget).build().unwrap()
}

/// The results of the calls of a run that failed, and how it failed.
fn results(error: &Error) -> (ErrorKind, Vec<ToolResult>) {
    let entries = error.trace().unwrap().entries();
    assert_sound(entries);
    assert!(matches!(entries.last().unwrap().event, Event::Finished(_)));
    let results = entries.iter().filter_map(|entry| match &entry.event {
        Event::ToolReturned { result, .. } => Some(result.clone()),
        _ => None,
    });
    (error.kind(), results.collect())
}

#[tokio::test]
async fn a_limit_of_steps_lets_what_is_within_it_end() {
    for most in 0..3 {
        let world = World::default();
        let error = planned(&ScriptedModel::new().reply(BOOK), &world, Budget::default().steps(most));
        let error = error.run(TASK).await.unwrap_err();
        let (kind, results) = results(&error);
        assert_eq!(kind, ErrorKind::StepLimit);
        assert_eq!(results.len(), most as usize, "{results:?}");
        assert!(results.iter().all(|result| matches!(result, ToolResult::Output { .. })), "{results:?}");
        let said = format!("the run made {most} tool calls, as many as its budget allows");
        assert_eq!(error.to_string(), said);
    }
    let run = planned(&ScriptedModel::new().reply(BOOK), &World::default(), Budget::default().steps(3)).run(TASK).await;
    assert!(run.is_ok());
}

#[tokio::test]
async fn a_limit_of_model_calls() {
    let world = World::default();
    world.fails("search", ToolErrorKind::Retry, "try again");
    let error = planned(&ScriptedModel::new().reply(BOOK), &world, Budget::default().model_calls(1));
    let (kind, results) = results(&error.run(TASK).await.unwrap_err());
    assert_eq!((kind, results.len()), (ErrorKind::ModelCallLimit, 2));
}

#[tokio::test]
async fn a_limit_of_tokens() {
    let world = World::default();
    let plan = Reply::response(Response::text(BOOK).with_usage(Usage::new(900, 101)));
    let error = planned(&ScriptedModel::new().then(plan), &world, Budget::default().tokens(1000));
    let (kind, results) = results(&error.run(TASK).await.unwrap_err());
    assert_eq!((kind, results.len()), (ErrorKind::TokenLimit, 0));
    assert!(world.began().is_empty());
}

#[tokio::test]
async fn a_limit_of_time_while_the_model_decodes() {
    let model = ScriptedModel::new().then(Reply::text(BOOK).after(Duration::from_secs(60)));
    let begun = Instant::now();
    let agent = planned(&model, &World::default(), Budget::default().wall_time(Duration::from_millis(50)));
    let (kind, results) = results(&agent.run(TASK).await.unwrap_err());
    assert_eq!((kind, results.len()), (ErrorKind::TimeLimit, 0));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_limit_of_time_while_tools_run_gives_them_a_moment() {
    let world = World::default();
    world.takes(Duration::from_millis(150));
    let agent =
        planned(&ScriptedModel::new().reply(BOOK), &world, Budget::default().wall_time(Duration::from_millis(50)));
    let (kind, results) = results(&agent.run(TASK).await.unwrap_err());
    assert_eq!(kind, ErrorKind::TimeLimit);
    assert_eq!(results.len(), 2);
    assert!(results.iter().all(|result| matches!(result, ToolResult::Output { .. })), "{results:?}");
    assert_eq!(world.ended().len(), 2);
}

/// Never answers; says when its request is dropped.
struct Endless {
    begun: Arc<Notify>,
    dropped: Arc<AtomicBool>,
}

struct OnDrop(Arc<AtomicBool>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Model for Endless {
    fn info(&self) -> ModelInfo {
        ModelInfo::new("endless", "test")
    }

    async fn respond(&self, _: &Request, _: &mut DeltaSink<'_>) -> Result<Response, ModelError> {
        let _dropped = OnDrop(Arc::clone(&self.dropped));
        self.begun.notify_one();
        std::future::pending().await
    }
}

#[tokio::test]
async fn cancelling_drops_the_models_request_at_once() {
    let (begun, dropped) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let model = Endless { begun: Arc::clone(&begun), dropped: Arc::clone(&dropped) };
    let agent = agent(model, &World::default()).build().unwrap();
    let token = CancellationToken::new();
    let run = tokio::spawn(agent.run(TASK).cancel_on(token.clone()).into_future());
    begun.notified().await;
    let cancelled = Instant::now();
    token.cancel();
    let error = run.await.unwrap().unwrap_err();
    assert!(cancelled.elapsed() < Duration::from_secs(1));
    assert!(dropped.load(Ordering::SeqCst));
    assert_eq!(results(&error), (ErrorKind::Cancelled, vec![]));
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Nothing {}

/// Runs until it is cancelled, then ends in order, or does not.
struct Slow {
    begun: Arc<Notify>,
    heeds: bool,
}

impl Tool for Slow {
    type Args = Nothing;
    type Output = String;

    fn name(&self) -> &str {
        "slow"
    }
    fn description(&self) -> &str {
        "Take a long time."
    }
    fn effect(&self) -> Effect {
        Effect::Read
    }
    async fn call(&self, cx: &ToolContext, _: Nothing) -> Result<String, ToolError> {
        self.begun.notify_one();
        cx.cancelled().cancelled().await;
        if !self.heeds {
            std::future::pending::<()>().await;
        }
        Ok("half of it".to_owned())
    }
}

async fn cancel_a_slow_tool(heeds: bool, time: Option<Duration>) -> (Error, Duration) {
    let begun = Arc::new(Notify::new());
    let budget = time.map_or_else(Budget::default, |most| Budget::default().wall_time(most));
    let agent = Agent::builder(ScriptedModel::new().reply("# a\nslow()\nend"))
        .tool(Slow { begun: Arc::clone(&begun), heeds })
        .budget(budget)
        .build()
        .unwrap();
    let token = CancellationToken::new();
    let run = tokio::spawn(agent.run(TASK).cancel_on(token.clone()).into_future());
    begun.notified().await;
    let cancelled = Instant::now();
    if time.is_none() {
        token.cancel();
    }
    (run.await.unwrap().unwrap_err(), cancelled.elapsed())
}

#[tokio::test]
async fn a_tool_that_runs_when_the_run_is_cancelled_gets_a_moment() {
    let (error, took) = cancel_a_slow_tool(true, None).await;
    assert_eq!(results(&error), (ErrorKind::Cancelled, vec![ToolResult::Output { output: "half of it".into() }]));
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn a_tool_that_runs_when_time_is_up_is_told() {
    let (error, took) = cancel_a_slow_tool(true, Some(Duration::from_millis(50))).await;
    assert_eq!(results(&error), (ErrorKind::TimeLimit, vec![ToolResult::Output { output: "half of it".into() }]));
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn a_tool_that_does_not_end_is_abandoned() {
    let (error, took) = cancel_a_slow_tool(false, None).await;
    assert_eq!(results(&error), (ErrorKind::Cancelled, vec![ToolResult::Abandoned]));
    assert!((Duration::from_secs(4)..Duration::from_secs(8)).contains(&took), "{took:?}");
}

#[tokio::test]
async fn cancelling_does_not_wait_for_a_person() {
    let asked = Arc::new(Notify::new());
    let silent = {
        let asked = Arc::clone(&asked);
        move |_: PlannedCall| {
            asked.notify_one();
            std::future::pending::<Verdict>()
        }
    };
    let world = World::default();
    let agent = agent(ScriptedModel::new().reply(BOOK), &world).approver(silent).build().unwrap();
    let token = CancellationToken::new();
    let run = tokio::spawn(agent.run(TASK).cancel_on(token.clone()).into_future());
    asked.notified().await;
    let cancelled = Instant::now();
    token.cancel();
    let error = run.await.unwrap().unwrap_err();
    assert!(cancelled.elapsed() < Duration::from_secs(1));
    let (kind, results) = results(&error);
    assert_eq!(kind, ErrorKind::Cancelled);
    assert_eq!(results.last(), Some(&ToolResult::Abandoned));
    assert!(world.executed().is_empty());
}

#[tokio::test]
async fn a_tool_that_panics_has_failed() {
    struct Broken;
    impl Tool for Broken {
        type Args = Nothing;
        type Output = String;
        fn name(&self) -> &str {
            "broken"
        }
        fn description(&self) -> &str {
            "Break."
        }
        fn effect(&self) -> Effect {
            Effect::Read
        }
        async fn call(&self, _: &ToolContext, _: Nothing) -> Result<String, ToolError> {
            panic!("as expected")
        }
    }
    let model = ScriptedModel::new().reply("# a\nbroken()\nsearch(\"Rome\",\"Athens\")\nend");
    let agent = Agent::builder(model).tool(Broken).tool(Search(World::default())).build().unwrap();
    let error = agent.run(TASK).await.unwrap_err();
    assert_eq!(error.to_string(), "`broken` failed: `broken` panicked");
    let (kind, results) = results(&error);
    assert_eq!((kind, results.len()), (ErrorKind::Tool, 2));
}
