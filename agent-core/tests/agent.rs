//! Requests planned and carried out, from the first word to the last event.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test may panic"
)]

mod common;

use std::time::{Duration, Instant};

use cicerone_core::{
    ErrorKind,
    agent::{Outcome, Update, Verdict},
    event::{Event, PlannedCall, ToolResult},
    memory::{InProcess, Memory, RunFilter},
    message::Message,
    model::{Delta, Expect, ModelInfo},
    policy::{Answer, PlanExecute},
    scripted::{Reply, ScriptedModel},
    tool::ToolErrorKind,
};
use common::{
    journal::{entries, kinds},
    world::{World, agent, yes},
};
use futures::StreamExt;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

const BOOK: &str = "# Rome to Athens for Ada\nbook(cheapest(search(\"Rome\",\"Athens\")),\"Ada\")\nend";
const TASK: &str = "Book Rome to Athens for Ada";
const RETURN: &str = "Rome to Athens and Athens to Rome for Ada";

fn report() -> PlanExecute {
    PlanExecute::default().answer(Answer::Report(None))
}

#[tokio::test]
async fn a_search_and_a_booking_that_is_approved() {
    let world = World::default();
    let model = ScriptedModel::new()
        .then(Reply::text(BOOK).expecting(TASK))
        .then(Reply::text("You fly for 90.").expecting("Rome-Athens-2"));
    let agent = agent(model.clone(), &world).system("You book trips.").approver(yes).build().unwrap();
    let run = agent.run(TASK).await.unwrap();

    assert_eq!(run.output().unwrap(), "You fly for 90.");
    assert_eq!(world.ended(), ["search Rome Athens", "book Rome-Athens-2"]);
    assert_eq!(run.model_calls, 2);
    assert_eq!(run.trace.outputs("book").collect::<Vec<_>>(), [&json!({"reference": "[book Rome-Athens-2]"})]);
    let expected = [
        "run_started",
        "model_asked",
        "model_answered",
        "plan_made",
        "intended 1 search",
        "returned 1",
        "asked 2 book",
        "approval_given",
        "intended 2 book",
        "returned 2",
        "model_asked",
        "model_answered",
        "finished",
    ];
    assert_eq!(kinds(entries(&run)), expected);
    let first = &model.requests()[0];
    assert!(first.messages[0].text().starts_with("You book trips."));
    assert!(first.messages[0].text().contains("book(flight, passenger)"));
    model.assert_complete();
}

#[tokio::test]
async fn reads_run_at_once_and_writes_one_after_another() {
    let world = World::default();
    world.searches_meet(2);
    let plan = "# there\nbook(cheapest(search(\"Rome\",\"Athens\")),\"Ada\")\n\
                # back\nbook(any(search(\"Athens\",\"Rome\")),\"Ada\")\nend";
    let model = ScriptedModel::new().reply(plan);
    let agent = agent(model, &world).planner(report()).approver(yes).build().unwrap();
    let run =
        tokio::time::timeout(Duration::from_secs(10), agent.run(RETURN)).await.expect("one search waits").unwrap();

    let events = kinds(entries(&run));
    assert_eq!(events[4..6], ["intended 1 search", "intended 2 search"], "one append, before either begins");
    assert_eq!(world.began()[2..], ["book Rome-Athens-2", "book Athens-Rome-1"]);
    assert_eq!(world.overlaps(), 0);
    insta::assert_snapshot!(run.output().unwrap(), @r#"
    search: [{"id":"Rome-Athens-1","price":120},{"id":"Rome-Athens-2","price":90}]
    search: [{"id":"Athens-Rome-1","price":120},{"id":"Athens-Rome-2","price":90}]
    book: {"reference":"[book Rome-Athens-2]"}
    book: {"reference":"[book Athens-Rome-1]"}
    "#);
}

#[tokio::test]
async fn a_diamond_takes_its_critical_path() {
    let world = World::default();
    world.takes(Duration::from_millis(100));
    // Three searches at once, then a booking, then its insurance: three steps long, five wide.
    let plan = "# a\ninsure(book(cheapest(search(\"Rome\",\"Athens\"),search(\"Athens\",\"Rome\"),search(\"Rome\",\"Rome\")),\"Ada\"))";
    let agent = agent(ScriptedModel::new().reply(plan), &world).planner(report()).approver(yes).build().unwrap();
    let begun = Instant::now();
    let run = agent.run(RETURN).await.unwrap();
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(300), "{took:?}");
    assert!(took < Duration::from_millis(480), "five calls of 100 ms, three of them at once, took {took:?}");
    assert_eq!(world.ended()[3..], ["book Rome-Athens-2", "insure [book Rome-Athens-2]"]);
    entries(&run);
}

#[tokio::test]
async fn nothing_is_written_before_everything_is_read() {
    let world = World::default();
    // The booking could be made when its own search is done; the other search finds nothing.
    let plan = "# there\nbook(cheapest(search(\"Rome\",\"Athens\")),\"Ada\")\n# weather\nany(search(\"Athens\",\"Rome\"))\nend";
    world.nothing_to("Rome");
    let agent = agent(ScriptedModel::new().reply(plan), &world).approver(yes).build().unwrap();
    let run = agent.run(RETURN).await.unwrap();
    let Outcome::NeedsInput(questions) = &run.outcome else { panic!("{:?}", run.outcome) };
    assert_eq!(questions, &["search (from Athens, to Rome) found nothing. What should be different?"]);
    assert!(world.executed().is_empty());
    entries(&run);
    let error = run.output().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(error.trace().is_some());
}

#[tokio::test]
async fn identical_steps_are_one() {
    let world = World::default();
    let plan = "# a\nsearch(\"Rome\",\"Athens\")\nbook(cheapest(search(\"Rome\",\"Athens\")),\"Ada\")\n\
                # b\nbook(cheapest(search(\"Rome\",\"Athens\")),\"Ada\")\nend";
    let agent = agent(ScriptedModel::new().reply(plan), &world).planner(report()).approver(yes).build().unwrap();
    let run = agent.run(TASK).await.unwrap();
    assert_eq!(world.began(), ["search Rome Athens", "book Rome-Athens-2"]);
    entries(&run);
}

#[tokio::test]
async fn a_tool_can_ask_the_user() {
    let world = World::default();
    world.fails("search", ToolErrorKind::Ask, "Athens in Greece or in Georgia?");
    let agent = agent(ScriptedModel::new().reply(BOOK), &world).approver(yes).build().unwrap();
    let run = agent.run(TASK).await.unwrap();
    assert_eq!(run.outcome, Outcome::NeedsInput(vec!["Athens in Greece or in Georgia?".to_owned()]));
    assert!(world.executed().is_empty());
    entries(&run);
}

#[tokio::test]
async fn what_the_request_does_not_say_is_asked() {
    let world = World::default();
    let plan = "# a trip\nbook(cheapest(search(\"Rome\",null)),null)\nend";
    let agent = agent(ScriptedModel::new().reply(plan), &world).approver(yes).build().unwrap();
    let run = agent.run("A trip from Rome").await.unwrap();
    let questions = ["For search: which to (Where to)?", "For book: which passenger (Who flies)?"];
    assert_eq!(run.outcome, Outcome::NeedsInput(questions.map(str::to_owned).to_vec()));
    assert!(world.began().is_empty());
    entries(&run);
}

#[tokio::test]
async fn a_failure_is_planned_around_once_and_what_is_done_stays_done() {
    let world = World::default();
    world.fails("insure", ToolErrorKind::Retry, "no insurance for this airline; book another flight");
    let plan = "# a\ninsure(book(cheapest(search(\"Rome\",\"Athens\")),\"Ada\"))\nend";
    let again = "# a\ninsure(book(any(search(\"Rome\",\"Athens\")),\"Ada\"))\n\
                 book(cheapest(search(\"Rome\",\"Athens\")),\"Ada\")\nend";
    let model = ScriptedModel::new().reply(plan).then(
        Reply::text(again).expecting("no insurance for this airline").expecting("book({\"flight\":\"Rome-Athens-2\""),
    );
    let agent = agent(model.clone(), &world).planner(report()).approver(yes).build().unwrap();
    let run = agent.run(TASK).await.unwrap();
    model.assert_complete();
    let executed: Vec<_> = world.executed().into_iter().collect();
    let once =
        ["book Rome-Athens-1", "book Rome-Athens-2", "insure [book Rome-Athens-1]"].map(|what| (what.to_owned(), 1));
    assert_eq!(executed, once);
    assert!(kinds(entries(&run)).contains(&"reused 7 book of 2".to_owned()), "{:?}", kinds(entries(&run)));
    // What was done once is told once.
    assert_eq!(run.output().unwrap().matches("[book Rome-Athens-2]\"}").count(), 1, "{}", run.output().unwrap());
}

#[tokio::test]
async fn a_revision_that_is_no_plan_is_rejected_with_the_reason() {
    let world = World::default();
    world.fails("search", ToolErrorKind::Retry, "no such airport: Athens");
    let model = ScriptedModel::new()
        .reply(BOOK)
        .then(Reply::text("I am sorry.").expecting("no such airport"))
        .then(Reply::text("fly(\"Rome\")").expecting("line 1 `I am sorry.`"))
        .then(Reply::text("none").expecting("there is no tool `fly`"));
    let agent = agent(model.clone(), &world).approver(yes).build().unwrap();
    let error = agent.run(TASK).await.unwrap_err();
    model.assert_complete();
    assert_eq!(error.kind(), ErrorKind::Plan);
    assert!(error.to_string().starts_with("no valid plan in 3 tries"), "{error}");
}

#[tokio::test]
async fn a_second_failure_ends_the_run() {
    let world = World::default();
    world.fails("search", ToolErrorKind::Retry, "too early");
    world.fails("search", ToolErrorKind::Retry, "too late");
    let agent = agent(ScriptedModel::new().reply(BOOK).reply(BOOK), &world).approver(yes).build().unwrap();
    let error = agent.run(TASK).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tool);
    assert_eq!(error.to_string(), "`search` failed: too late");
}

#[tokio::test]
async fn a_fatal_failure_ends_the_run_with_its_trace() {
    let world = World::default();
    world.fails("book", ToolErrorKind::Fatal, "the airline is bankrupt");
    let agent = agent(ScriptedModel::new().reply(BOOK), &world).approver(yes).build().unwrap();
    let error = agent.run(TASK).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tool);
    assert_eq!(error.to_string(), "`book` failed: the airline is bankrupt");
    let trace = error.trace().unwrap();
    common::journal::assert_sound(trace.entries());
    let failed = ToolResult::Failed { kind: ToolErrorKind::Fatal, message: "the airline is bankrupt".to_owned() };
    assert!(
        trace.entries().iter().any(|e| matches!(&e.event, Event::ToolReturned { result, .. } if *result == failed))
    );
}

#[tokio::test]
async fn what_is_denied_is_left_out_and_said() {
    let world = World::default();
    let plan = "# there\ninsure(book(cheapest(search(\"Rome\",\"Athens\")),\"Ada\"))\n\
                # back\nbook(any(search(\"Athens\",\"Rome\")),\"Ada\")\nend";
    let picky = |call: PlannedCall| async move {
        if call.args["flight"] == "Rome-Athens-2" { Verdict::Deny("too early".to_owned()) } else { Verdict::Approve }
    };
    let agent = agent(ScriptedModel::new().reply(plan), &world).planner(report()).approver(picky).build().unwrap();
    let run = agent.run(RETURN).await.unwrap();
    assert_eq!(world.executed().into_keys().collect::<Vec<_>>(), ["book Athens-Rome-1"]);
    let said: Vec<&str> = run.output().unwrap().lines().filter(|line| line.starts_with("book")).collect();
    assert_eq!(said, ["book: denied, too early", "book: {\"reference\":\"[book Athens-Rome-1]\"}"]);
    entries(&run);
}

#[tokio::test]
async fn an_invalid_plan_goes_back_a_bounded_number_of_times() {
    let world = World::default();
    let made_up = "# a\nsearch(\"Paris\",\"Athens\")\nend";
    let model = ScriptedModel::new()
        .reply("search(\"Rome\"")
        .then(Reply::text(made_up).expecting("is missing before the end of the line"))
        .then(Reply::text(BOOK).expecting("\"Paris\", which the request does not say"));
    let good = agent(model.clone(), &world).planner(report()).approver(yes).build().unwrap();
    let run = good.run(TASK).await.unwrap();
    assert_eq!(run.model_calls, 3);
    assert_eq!(model.requests()[2].messages.len(), 6, "the prompt grows, and keeps its beginning");
    entries(&run);

    let model = ScriptedModel::new().reply(made_up).reply(made_up).reply(made_up);
    let bad = agent(model.clone(), &world).planner(PlanExecute::default().tries(2)).approver(yes).build().unwrap();
    let error = bad.run(TASK).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Plan);
    assert_eq!(model.requests().len(), 2);
    common::journal::assert_sound(error.trace().unwrap().entries());
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Itinerary {
    title: String,
    price: u32,
}

#[tokio::test]
async fn a_typed_output_is_validated_and_asked_for_again() {
    let world = World::default();
    let model = ScriptedModel::new()
        .reply(BOOK)
        .then(Reply::text("You fly to Athens.").expecting("as JSON"))
        .then(Reply::text(r#"{"title": "Athens"}"#).expecting("this is no JSON"))
        .then(Reply::text(r#"{"title": "Athens", "price": 90}"#).expecting("\"price\" is a required property"));
    let agent = agent(model.clone(), &world).planner(report()).approver(yes).build().unwrap();
    let run = agent.run(TASK).typed::<Itinerary>().await.unwrap();
    assert_eq!(*run.output().unwrap(), Itinerary { title: "Athens".to_owned(), price: 90 });
    assert!(matches!(&model.requests()[1].expect, Expect::Json(schema) if schema["properties"]["price"].is_object()));
    assert_eq!(world.executed().len(), 1);
    entries(&run);

    let hopeless = ScriptedModel::new().reply(BOOK).reply("no").reply("no").reply("no");
    let agent = common::world::agent(hopeless, &World::default()).approver(yes).build().unwrap();
    let error = agent.run(TASK).typed::<Itinerary>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Output);
}

#[tokio::test]
async fn a_remote_model_plans_in_json() {
    let world = World::default();
    let plan = json!({"asked": ["Rome to Athens"], "steps": [
        {"id": "s", "tool": "search", "args": {"from": "Rome", "to": "Athens"}},
        {"id": "b", "tool": "book", "args": {"flight": {"from": ["s"], "pick": "cheapest"}, "passenger": "Ada"}},
    ]});
    let info = ModelInfo::new("remote", "script").with_json_schema(true);
    let model =
        ScriptedModel::new().with_info(info).reply("{").then(Reply::text(plan.to_string()).expecting("no JSON"));
    let agent = agent(model.clone(), &world)
        .example("Athens to Rome for Bo", "# Athens to Rome\nbook(any(search(\"Athens\",\"Rome\")),\"Bo\")\nend")
        .planner(report())
        .approver(yes)
        .build()
        .unwrap();
    let run = agent.run(TASK).await.unwrap();
    entries(&run);
    assert_eq!(world.executed().into_keys().collect::<Vec<_>>(), ["book Rome-Athens-2"]);
    let request = &model.requests()[0];
    assert!(matches!(&request.expect, Expect::Json(_)));
    assert!(
        request.messages[2].text().contains(r#""pick":"any""#),
        "the example is shown in the form that is asked for"
    );
}

#[tokio::test]
async fn what_was_said_before_comes_before_the_request() {
    let world = World::default();
    let model = ScriptedModel::new().reply(BOOK);
    let agent = agent(model.clone(), &world).planner(report()).approver(yes).build().unwrap();
    // What the user said before may be quoted, too; what the model said may not.
    let history = vec![Message::user("Something from Rome for Ada"), Message::assistant("Where to? Oslo?")];
    let run = agent.run("To Athens").history(history.clone()).await.unwrap();
    entries(&run);
    assert_eq!(world.executed().into_keys().collect::<Vec<_>>(), ["book Rome-Athens-2"]);
    let messages = &model.requests()[0].messages;
    assert_eq!(messages[1..3], history);
    assert_eq!((messages.len(), messages[3].text().as_str()), (4, "To Athens"));

    let model = ScriptedModel::new().reply("# a\nsearch(\"Rome\",\"Oslo\")\nend");
    let agent = common::world::agent(model, &world).planner(report().tries(1)).build().unwrap();
    let error = agent.run("To Athens").history(history).await.unwrap_err();
    assert!(error.to_string().contains("\"Oslo\", which the request does not say"), "{error}");
}

#[tokio::test]
async fn a_request_that_cannot_be_run_is_refused() {
    let agent = agent(ScriptedModel::new(), &World::default()).build().unwrap();
    let empty = agent.run(" \n").await.unwrap_err();
    assert_eq!(
        (empty.kind(), empty.to_string().as_str()),
        (ErrorKind::Request, "the request is empty; say what you want")
    );
    let long = agent.run("x".repeat(70_000)).await.unwrap_err();
    assert_eq!(long.kind(), ErrorKind::Request);
    let unknown = agent.resume(cicerone_core::RunId::new()).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::Request);
}

#[tokio::test]
async fn a_model_that_fails_ends_the_run() {
    let agent = agent(ScriptedModel::new(), &World::default()).build().unwrap();
    let error = agent.run(TASK).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
    common::journal::assert_sound(error.trace().unwrap().entries());
}

#[tokio::test]
async fn a_stream_gives_the_journals_events_and_the_models_words() {
    let world = World::default();
    let model = ScriptedModel::new().reply(BOOK).reply("You fly for 90.");
    let agent = agent(model, &world).approver(yes).build().unwrap();
    let mut stream = agent.run(TASK).stream();
    let (mut written, mut said) = (Vec::new(), [String::new(), String::new()]);
    while let Some(update) = stream.next().await {
        match update {
            Update::Entry(entry) => {
                written.push(entry);
                let runs = agent.memory().runs(&RunFilter::default()).await.unwrap();
                let stored = agent.memory().read(&runs[0].run, 0).await.unwrap();
                assert!(stored.starts_with(&written), "what is streamed is already written");
            }
            Update::Delta { call, delta: Delta::Text(text) } => said[call as usize - 1].push_str(&text),
            other => panic!("{other:?}"),
        }
    }
    let run = stream.outcome().await.unwrap();
    assert_eq!(run.output().unwrap(), "You fly for 90.");
    assert_eq!(entries(&run), written);
    assert_eq!(said, [BOOK, "You fly for 90."]);
}

#[tokio::test]
async fn the_outcome_of_a_stream_can_be_had_at_once() {
    let agent =
        agent(ScriptedModel::new().reply(BOOK), &World::default()).approver(yes).planner(report()).build().unwrap();
    let run = agent.run(TASK).stream().outcome().await.unwrap();
    entries(&run);
    let failed = agent.run(TASK).stream().outcome().await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Model);
}

#[tokio::test]
async fn a_stream_that_is_dropped_leaves_a_run_to_resume() {
    for items in 0..24 {
        let world = World::default();
        let model = ScriptedModel::new().reply(BOOK).reply("You fly for 90.");
        let memory = InProcess::default();
        let agent = agent(model, &world).approver(yes).memory(memory.clone()).build().unwrap();
        let mut stream = agent.run(TASK).stream();
        for _ in 0..items {
            stream.next().await;
        }
        drop(stream);
        let runs = agent.memory().runs(&RunFilter::default()).await.unwrap();
        let Some(run) = runs.first() else { continue };
        let journal = agent.memory().read(&run.run, 0).await.unwrap();
        common::journal::assert_sound(&journal);
        let answered = journal.iter().filter(|entry| matches!(entry.event, Event::ModelAnswered { .. })).count();
        let rest =
            [BOOK, "You fly for 90."][answered..].iter().fold(ScriptedModel::new(), |model, text| model.reply(*text));
        let other = common::world::agent(rest, &world).approver(yes).memory(memory).build().unwrap();
        let run = other.resume(run.run).await.unwrap();
        assert_eq!(run.output().unwrap(), "You fly for 90.", "dropped after {items}");
        assert_eq!(world.executed().into_values().collect::<Vec<_>>(), [1]);
        entries(&run);
    }
}
