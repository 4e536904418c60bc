//! Think, act, observe.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test may panic"
)]

mod common;

use std::time::Duration;

use cicerone_core::{
    Agent, ErrorKind,
    agent::{Outcome, Verdict},
    event::PlannedCall,
    message::{Part, Role, ToolCall},
    model::{Expect, Request, Response},
    policy::ReAct,
    reading::{Mention, MentionKind},
    scripted::{Reply, ScriptedModel},
    tool::ToolErrorKind,
};
use common::{
    journal::{entries, kinds},
    world::{World, agent, yes},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

const TASK: &str = "Book Rome to Athens for Ada";

/// A decision for these calls: id, tool and arguments.
fn decide(calls: &[(&str, &str, Value)]) -> Reply {
    let thought = Part::Text { text: "So.".to_owned() };
    let calls = calls.iter().map(|(id, tool, args)| {
        Part::ToolCall(ToolCall { id: (*id).to_owned(), tool: (*tool).to_owned(), args: args.clone() })
    });
    Reply::response(Response::new([thought].into_iter().chain(calls).collect()))
}

fn search(id: &'static str, from: &str, to: &str) -> (&'static str, &'static str, Value) {
    (id, "search", json!({"from": from, "to": to}))
}

fn book(id: &'static str, flight: &str) -> (&'static str, &'static str, Value) {
    (id, "book", json!({"flight": flight, "passenger": "Ada"}))
}

fn react(model: &ScriptedModel, world: &World) -> Agent {
    agent(model.clone(), world).planner(ReAct::default()).approver(yes).build().unwrap()
}

/// The tools that a request offers, and the flights that can be booked.
fn offered(request: &Request) -> (Vec<String>, Value) {
    let Expect::Decision(decision) = &request.expect else { panic!("{:?}", request.expect) };
    let names = decision.tools.iter().map(|tool| tool.name.clone()).collect();
    let book = decision.tools.iter().find(|tool| tool.name == "book");
    (names, book.map_or(Value::Null, |book| book.args_schema["properties"]["flight"]["enum"].clone()))
}

/// What the last message of a request hands back: the call's id, its content and whether it failed.
fn handed_back(request: &Request) -> Vec<(String, String, bool)> {
    let last = request.messages.last().unwrap();
    assert_eq!(last.role, Role::Tool);
    let result = |part: &Part| match part {
        Part::ToolResult { id, content, is_error } => (id.clone(), content.clone(), *is_error),
        other => panic!("{other:?}"),
    };
    last.parts.iter().map(result).collect()
}

#[tokio::test]
async fn calls_of_one_answer_run_at_once_and_come_back_in_order() {
    let world = World::default();
    world.searches_meet(2);
    let model = ScriptedModel::new()
        .then(decide(&[search("z", "Rome", "Athens"), search("a", "Athens", "Rome")]).expecting(TASK))
        .then(decide(&[book("1", "Rome-Athens-2"), book("2", "Athens-Rome-1")]))
        .reply("Both are booked.");
    let run = tokio::time::timeout(Duration::from_secs(10), react(&model, &world).run(TASK).into_future());
    let run = run.await.expect("one search waits for the other").unwrap();
    model.assert_complete();

    assert_eq!(run.output().unwrap(), "Both are booked.");
    assert_eq!(world.overlaps(), 0);
    let requests = model.requests();
    let results = handed_back(&requests[1]);
    assert_eq!(results.iter().map(|result| result.0.as_str()).collect::<Vec<_>>(), ["z", "a"]);
    assert!(results[0].1.contains("Rome-Athens-1") && !results[0].2, "{results:?}");
    assert_eq!(offered(&requests[0]), (vec!["search".to_owned()], Value::Null));
    let flights = json!(["Rome-Athens-1", "Rome-Athens-2", "Athens-Rome-1", "Athens-Rome-2"]);
    assert_eq!(offered(&requests[1]), (vec!["search".to_owned(), "book".to_owned()], flights));
    assert_eq!(offered(&requests[2]).0, ["search", "book", "insure"]);
    entries(&run);
}

#[tokio::test]
async fn what_a_request_rules_out_is_neither_offered_nor_called() {
    for (mention, why) in [
        (Mention::new(0..4, MentionKind::NoWrites, true), "the request says to change nothing"),
        (Mention::new(0..0, MentionKind::Excludes, "book"), "the request can't mean it"),
    ] {
        let world = World::default();
        let model = ScriptedModel::new()
            .then(decide(&[search("1", "Rome", "Athens")]))
            .then(decide(&[book("2", "Rome-Athens-1")]))
            .then(Reply::text("Found.").expecting(why));
        let reader = move |_: &str| vec![mention.clone()];
        let agent = agent(model.clone(), &world).reader(reader).planner(ReAct::default()).approver(yes);
        let run = agent.build().unwrap().run(TASK).await.unwrap();
        model.assert_complete();
        assert_eq!(world.ended(), ["search Rome Athens"]);
        assert_eq!(offered(&model.requests()[1]).0, ["search"]);
        entries(&run);
    }
}

#[tokio::test]
async fn what_cannot_be_called_is_rejected_with_the_reason() {
    let world = World::default();
    let model = ScriptedModel::new()
        .then(decide(&[("1", "serch", json!({}))]))
        .then(decide(&[book("1", "F-1")]).expecting("there is no tool `serch`; did you mean `search`?"))
        .then(decide(&[search("1", "Rome", "Athens")]).expecting("which no output of search holds; call search first"))
        .then(decide(&[book("1", "Rome-Athens-9"), search("2", "Rome", "Athens")]).expecting("Rome-Athens-2"))
        .then(decide(&[("1", "book", json!({"flight": "Rome-Athens-1", "who": "Ada"}))]).expecting("\"Rome-Athens-9\""))
        .then(decide(&[book("1", "Rome-Athens-1")]).expecting("the arguments of `book` are wrong"))
        .then(Reply::text("Booked.").expecting("reference"));
    let run = react(&model, &world).run(TASK).await.unwrap();
    model.assert_complete();
    assert_eq!(world.ended(), ["search Rome Athens", "book Rome-Athens-1"], "a rejected answer does nothing at all");
    // Each call that a model asks for gets its result, also when its answer is rejected.
    for request in &model.requests()[1..] {
        let (mut asked, mut answered) = (Vec::new(), Vec::new());
        for part in request.messages.iter().flat_map(|message| &message.parts) {
            match part {
                Part::ToolCall(call) => asked.push(call.id.clone()),
                Part::ToolResult { id, .. } => answered.push(id.clone()),
                _ => {}
            }
        }
        assert_eq!(asked, answered);
    }
    entries(&run);
}

#[tokio::test]
async fn too_many_useless_answers_end_the_run() {
    let empty = || Reply::response(Response::new(Vec::new()));
    let twins = decide(&[search("1", "Rome", "Athens"), search("1", "Athens", "Rome")]);
    let model = ScriptedModel::new().then(empty()).then(twins.expecting("neither calls a tool nor answers"));
    let model = model.then(empty().expecting("two calls have the id `1`"));
    let error = react(&model, &World::default()).run(TASK).await.unwrap_err();
    model.assert_complete();
    assert_eq!(error.kind(), ErrorKind::Model);
    assert!(error.to_string().starts_with("no usable answer in 3 tries"), "{error}");
    common::journal::assert_sound(error.trace().unwrap().entries());
}

#[tokio::test]
async fn only_answers_in_a_row_count_as_useless() {
    let world = World::default();
    let useless = || Reply::response(Response::new(Vec::new()));
    let model = ScriptedModel::new()
        .then(useless())
        .then(useless())
        .then(decide(&[search("1", "Rome", "Athens")]))
        .then(useless().expecting("Rome-Athens-1"))
        .then(useless().expecting("neither"))
        .reply("Nothing suits.");
    let run = react(&model, &world).run(TASK).await.unwrap();
    assert_eq!(run.output().unwrap(), "Nothing suits.");
    entries(&run);
}

#[tokio::test]
async fn a_read_is_not_made_a_third_time_and_a_write_not_twice() {
    let world = World::default();
    let again = || decide(&[search("1", "Rome", "Athens")]);
    let model = ScriptedModel::new()
        .then(again())
        .then(again())
        .then(again())
        .then(decide(&[book("1", "Rome-Athens-1")]).expecting("Rome-Athens-1"))
        .then(decide(&[book("1", "Rome-Athens-1"), book("2", "Rome-Athens-1")]))
        .then(Reply::text("Booked.").expecting("[book Rome-Athens-1]"));
    let run = react(&model, &world).run(TASK).await.unwrap();
    assert_eq!(world.began(), ["search Rome Athens", "search Rome Athens", "book Rome-Athens-1"]);
    let reused: Vec<String> = kinds(entries(&run)).into_iter().filter(|kind| kind.starts_with("reused")).collect();
    assert_eq!(reused, ["reused 3 search of 2", "reused 5 book of 4", "reused 6 book of 4"]);
    assert_eq!(handed_back(model.requests().last().unwrap()).len(), 2);
}

#[tokio::test]
async fn a_model_that_only_repeats_itself_is_stopped() {
    let mut model = ScriptedModel::new();
    for _ in 0..20 {
        model = model.then(decide(&[search("1", "Rome", "Athens"), search("2", "Rome", "Athens")]));
    }
    let world = World::default();
    let error = react(&model, &world).run(TASK).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Loop);
    assert_eq!(world.began().len(), 2);
    assert_eq!(model.requests().len(), 6, "one answer of use and five that only repeat");
    common::journal::assert_sound(error.trace().unwrap().entries());
}

#[tokio::test]
async fn failures_and_refusals_are_observed() {
    let world = World::default();
    world.fails("search", ToolErrorKind::Retry, "write the airport's code");
    let no = |_: PlannedCall| async { Verdict::Deny("too dear".to_owned()) };
    let model = ScriptedModel::new()
        .then(decide(&[search("1", "Rome", "Athens"), search("2", "Rome", "Athens")]))
        .then(decide(&[book("3", "Rome-Athens-1")]).expecting("write the airport's code"))
        .then(Reply::text("You did not want it.").expecting("denied: too dear"));
    let agent = agent(model.clone(), &world).planner(ReAct::default()).approver(no).build().unwrap();
    let run = agent.run(TASK).await.unwrap();
    assert_eq!(run.output().unwrap(), "You did not want it.");
    let results = handed_back(&model.requests()[1]);
    assert_ne!(results[0].2, results[1].2, "one of the two failed");
    assert!(world.executed().is_empty());
    entries(&run);
}

#[tokio::test]
async fn a_tool_can_ask_the_user() {
    let world = World::default();
    world.fails("search", ToolErrorKind::Ask, "Which Athens?");
    let model = ScriptedModel::new().then(decide(&[search("1", "Rome", "Athens"), search("2", "Athens", "Rome")]));
    let run = react(&model, &world).run(TASK).await.unwrap();
    assert_eq!(run.outcome, Outcome::NeedsInput(vec!["Which Athens?".to_owned()]));
    entries(&run);
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Price {
    euros: u32,
}

#[tokio::test]
async fn a_typed_answer_is_asked_for_at_the_end() {
    let world = World::default();
    let model = ScriptedModel::new()
        .then(decide(&[search("1", "Rome", "Athens")]))
        .reply("It is 90 euros.")
        .then(Reply::text("90").expecting("as JSON"))
        .then(Reply::text(r#"{"euros": 90}"#).expecting("is not of type \"object\""));
    let run = react(&model, &world).run(TASK).typed::<Price>().await.unwrap();
    model.assert_complete();
    assert_eq!(*run.output().unwrap(), Price { euros: 90 });
    let requests = model.requests();
    assert!(matches!(requests[2].expect, Expect::Json(_)) && matches!(requests[3].expect, Expect::Json(_)));
    entries(&run);
}
