//! Two runs beside each other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test may panic"
)]

mod common;

use cicerone_core::{
    diff::Diff,
    event::{CallId, Event},
    scripted::ScriptedModel,
    trace::Trace,
};
use common::{
    journal::kinds,
    shapes::{self, book, call, decide, shape},
    world::World,
};
use serde_json::json;

/// The run as if its model had taken no time.
fn timeless(trace: &Trace) -> Trace {
    let mut entries = trace.entries().to_vec();
    for entry in &mut entries {
        if let Event::ModelAnswered { response, .. } = &mut entry.event {
            response.usage.milliseconds = 0;
        }
    }
    Trace::new(*trace.run(), entries)
}

/// The text of a diff without the names of its runs.
fn text(diff: &Diff) -> String {
    diff.to_string().replace(&diff.left.run.to_string(), "L").replace(&diff.right.run.to_string(), "R")
}

#[tokio::test]
async fn two_runs_of_the_same_script_are_the_same() {
    for shape in shapes::all() {
        // When a cancellation comes is chance.
        if shape.name == "plan_cancelled" {
            continue;
        }
        let ((one, ..), (other, ..)) = (shape.run().await, shape.run().await);
        assert_ne!(one.run(), other.run());
        let diff = Diff::of(&one, &other);
        assert!(diff.is_same(), "{}: {diff}", shape.name);
        assert_eq!(diff.same, one.entries().len() as u64);
        assert!(
            diff.calls
                .iter()
                .all(|call| call.left.as_ref().map(|made| made.call) == call.right.as_ref().map(|made| made.call))
        );
    }
}

#[tokio::test]
async fn what_differs_by_chance_does_not_count() {
    let (trace, ..) = shape("react").run().await;
    let mut other = trace.entries().to_vec();
    let results: Vec<usize> = (0..other.len())
        .filter(|at| matches!(&other[*at].event, Event::ToolReturned { call, .. } if call.0 <= 2))
        .collect();
    assert_eq!(results[0] + 1, results[1]);
    other.swap(results[0], results[1]);
    for entry in &mut other {
        entry.time += 1000;
        match &mut entry.event {
            Event::ModelAnswered { response, .. } => response.usage.computed_prompt_tokens += 7,
            Event::ToolReturned { milliseconds, .. } => *milliseconds += 3,
            _ => {}
        }
    }
    // The ids that a backend makes up are new in each run.
    let text = serde_json::to_string(&other).unwrap();
    let renamed = ["\"id\":\"1\"", "\"model_call\":\"1\""]
        .iter()
        .fold(text, |text, id| text.replace(id, &id.replace('1', "x-1")));
    let other = Trace::new(cicerone_core::RunId::new(), serde_json::from_str(&renamed).unwrap());
    assert_ne!(other.entries(), trace.entries());
    let diff = Diff::of(&trace, &other);
    assert!(diff.is_same(), "{diff}");
}

#[tokio::test]
async fn what_each_did_is_said() {
    let shape = shape("react");
    let (left, memory, _) = shape.run().await;
    let search = || vec![call("a", "search", json!({"from": "Rome", "to": "Athens"}))];
    let model = ScriptedModel::new()
        .then(decide("I look.", search()))
        .then(decide("I book.", vec![book("b", "Rome-Athens-1")]));
    let agent = shape.agent(model.reply("It is booked."), &World::default(), memory);
    let other = agent.run(shapes::TASK).await.unwrap();
    let diff = Diff::of(&timeless(&left), &timeless(&other.trace));
    assert_eq!(diff.same, 2);
    insta::assert_snapshot!(text(&diff), @r#"
    left   run L: Rome to Athens and Athens to Rome for Ada (with scripted)
    right  run R: Rome to Athens and Athens to Rome for Ada (with scripted)
    the same in 2 events, then
    event 2, model_answered at /response/parts/0/text
      left:  "First I look."
      right: "I look."
    calls
      both   search(from: "Rome", to: "Athens")
             2 found: [{"id":"Rome-Athens-1","price":120},{"id":"Rome-Athens-2","price":90}]
      left   search(from: "Athens", to: "Rome")
             2 found: [{"id":"Athens-Rome-1","price":120},{"id":"Athens-Rome-2","price":90}]
      left   book(flight: "Rome-Athens-2", passenger: "Ada")
             {"reference":"[book Rome-Athens-2]"}
      left   book(flight: "Athens-Rome-1", passenger: "Ada")
             {"reference":"[book Athens-Rome-1]"}
      left   book(flight: "Rome-Athens-2", passenger: "Ada")
             as call 3: {"reference":"[book Rome-Athens-2]"}
      right  book(flight: "Rome-Athens-1", passenger: "Ada")
             {"reference":"[book Rome-Athens-1]"}
    end
      left   completed: Both are booked.
      right  completed: It is booked.
    cost
      left   model calls: 4, prompt tokens: 58, out: 18, 0.0 s
      right  model calls: 3, prompt tokens: 39, out: 13, 0.0 s
    "#);
    let read: Diff = serde_json::from_str(&serde_json::to_string(&diff).unwrap()).unwrap();
    assert_eq!(read, diff);
}

#[tokio::test]
async fn a_fork_parts_from_its_original_where_it_was_forked() {
    let shape = shape("plan_approved");
    let (left, memory, _) = shape.run().await;
    let agent = shape.agent(ScriptedModel::new(), &World::default(), memory);
    let kinds = kinds(left.entries());
    let at = kinds.iter().position(|kind| kind == "returned 3").unwrap() as u64;
    let fork = agent.fork(*left.run(), at).output(CallId(3), json!({"reference": "X"})).await.unwrap();
    let diff = Diff::of(&timeless(&left), &timeless(&fork.trace));
    assert_eq!(diff.first.as_ref().unwrap().at, at);
    insta::assert_snapshot!(text(&diff), @r#"
    left   run L: Rome to Athens and Athens to Rome for Ada (with scripted)
    right  run R, forked from L at 11: Rome to Athens and Athens to Rome for Ada (with scripted)
    the same in 11 events, then
    event 11, tool_returned at /result/output/reference
      left:  "[book Rome-Athens-2]"
      right: "X"
    calls
      both   search(from: "Rome", to: "Athens")
             2 found: [{"id":"Rome-Athens-1","price":120},{"id":"Rome-Athens-2","price":90}]
      both   search(from: "Athens", to: "Rome")
             2 found: [{"id":"Athens-Rome-1","price":120},{"id":"Athens-Rome-2","price":90}]
      both   book(flight: "Rome-Athens-2", passenger: "Ada")
        left:  {"reference":"[book Rome-Athens-2]"}
        right: {"reference":"X"}
      left   insure(booking: "[book Rome-Athens-2]")
             "[insure [book Rome-Athens-2]]"
      both   book(flight: "Athens-Rome-1", passenger: "Ada")
             {"reference":"[book Athens-Rome-1]"}
      right  insure(booking: "X")
             "[insure X]"
    end
      both   completed: Done.
    cost
      both   model calls: 1, prompt tokens: 12, out: 7, 0.0 s
    "#);
}

#[tokio::test]
async fn of_two_runs_one_may_go_on_longer() {
    let shape = shape("plan_approved");
    let (left, ..) = shape.run().await;
    let right = Trace::new(*left.run(), left.entries()[..5].to_vec());
    let diff = Diff::of(&left, &right);
    let first = diff.first.as_ref().unwrap();
    assert_eq!((first.at, first.left.as_deref(), first.right.as_deref()), (5, Some("tool_intended"), None));
    assert_eq!((diff.right.end.as_ref(), diff.left.events), (None, left.entries().len() as u64));
    assert!(Diff::of(&right, &right).is_same());
    assert!(Diff::of(&Trace::new(*left.run(), Vec::new()), &Trace::new(*left.run(), Vec::new())).is_same());
}
