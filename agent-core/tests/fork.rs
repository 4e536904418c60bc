//! Runs that begin with the events of another one.
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
    Agent, ErrorKind, RunId,
    event::{CallId, Event, ForkedFrom, RunStarted, ToolResult},
    fork,
    memory::{InProcess, Memory, RunFilter},
    model::{Finish, ModelInfo, Response},
    scripted::ScriptedModel,
    state::State,
    trace::Trace,
};
use common::{
    journal::{assert_sound, entries, fold, kinds},
    shapes::{self, Policy, Shape, TASK, book, shape},
    world::{World, yes},
};
use serde_json::json;

fn started(trace: &Trace) -> &RunStarted {
    let Event::RunStarted(started) = &trace.entries()[0].event else { panic!("{:?}", trace.entries()[0]) };
    started
}

/// The position before the first event of this kind.
fn before(trace: &Trace, kind: &str) -> u64 {
    let kinds = kinds(trace.entries());
    kinds.iter().position(|known| known == kind).unwrap_or_else(|| panic!("no {kind} in {kinds:?}")) as u64
}

#[tokio::test]
async fn a_fork_anywhere_comes_to_the_same_end_and_makes_no_write_again() {
    for name in ["plan_approved", "plan_at_the_second_try", "react"] {
        let shape = shape(name);
        let (whole, memory, world) = shape.run().await;
        let deeds = world.executed();
        let positions = fork::positions(whole.entries());
        assert!(positions.len() > 5 && positions[0] == 1, "{positions:?}");
        for at in positions {
            // What the fork itself writes is done in a world of its own.
            let inherited = fold(&whole.entries()[..at as usize]);
            let world = World::default();
            let model = shape.model(shapes::answered(&whole.entries()[..at as usize]));
            let agent = shape.agent(model.clone(), &world, memory.clone());
            let run = agent.fork(*whole.run(), at).await.unwrap_or_else(|error| panic!("{name} at {at}: {error}"));
            model.assert_complete();
            assert_ne!(run.id, *whole.run());
            let written = entries(&run);
            assert_eq!(written[1..at as usize], whole.entries()[1..at as usize], "what is taken over is as it was");
            assert_eq!(started(&run.trace).forked_from, Some(ForkedFrom { run: *whole.run(), at }));
            assert_eq!(fold(written).end, fold(whole.entries()).end, "{name} at {at}");
            // Each write is made by the one run or by the other.
            let before = writes(&inherited);
            assert!(
                world.executed().keys().all(|deed| !before.contains(deed)),
                "{name} at {at}: {:?}",
                world.executed()
            );
            assert_eq!(before.len() + world.executed().len(), deeds.len(), "{name} at {at}");
            let replay = agent.replay(run.id).await.unwrap();
            assert_eq!(replay.divergence, None, "{name} at {at}: {replay}");
        }
        assert_eq!(memory.read(whole.run(), 0).await.unwrap(), whole.entries(), "the original is as it was");
    }
}

/// The writes whose results are known, as the world names them.
fn writes(state: &State) -> Vec<String> {
    let done = state.calls.iter().filter(|call| call.planned.tool != "search" && call.reused.is_none());
    let outputs =
        done.filter_map(|call| Some(call.output()?.get("reference").unwrap_or(call.output()?).as_str()?.to_owned()));
    outputs.map(|reference| reference[1..reference.len() - 1].to_owned()).collect()
}

#[tokio::test]
async fn calls_of_the_fork_and_of_the_original_are_told_apart() {
    let shape = shape("plan_approved");
    let (whole, memory, _) = shape.run().await;
    let at = before(&whole, "intended 4 insure");
    let run = shape.agent(ScriptedModel::new(), &World::default(), memory).fork(*whole.run(), at).await.unwrap();
    let state = fold(run.trace.entries());
    let inherited: Vec<bool> = state.calls.iter().map(|call| call.inherited).collect();
    assert_eq!(inherited, [true, true, true, false, false]);
    let original = fold(whole.entries());
    for (ours, theirs) in state.calls.iter().zip(&original.calls) {
        assert_eq!(ours.key == theirs.key, ours.inherited, "{ours:?}");
    }
}

#[tokio::test]
async fn a_write_of_the_original_is_not_made_again_where_the_fork_decides_on_it() {
    let shape = shape("react");
    let (whole, memory, _) = shape.run().await;
    let at = before(&whole, "reused 5 book of 3") - 1;
    let world = World::default();
    let model = ScriptedModel::new().reply("There is one booking.");
    let agent = shape.agent(model, &world, memory);
    let answer = Response::new(vec![book("9", "Athens-Rome-1")]).with_finish(Finish::ToolCalls);
    let run = agent.fork(*whole.run(), at).answer(answer).await.unwrap();
    assert_eq!(run.output().unwrap(), "There is one booking.");
    assert!(kinds(entries(&run)).contains(&"reused 5 book of 4".to_owned()), "{:?}", kinds(run.trace.entries()));
    assert!(world.began().is_empty(), "{:?}", world.began());

    // A fork of the fork knows them too.
    let third = shape.agent(ScriptedModel::new().reply("Still one."), &world, agent_memory(&agent).await);
    let answer = Response::new(vec![book("9", "Rome-Athens-2")]);
    let again = third.fork(run.id, at).answer(answer).await.unwrap();
    assert!(kinds(entries(&again)).contains(&"reused 5 book of 3".to_owned()));
    assert_eq!(started(&again.trace).forked_from, Some(ForkedFrom { run: run.id, at }));
    assert!(world.began().is_empty());
}

/// A copy of an agent's journals.
async fn agent_memory(agent: &Agent) -> InProcess {
    let copy = InProcess::default();
    for summary in agent.memory().runs(&RunFilter::default()).await.unwrap() {
        copy.append(&summary.run, 0, &agent.memory().read(&summary.run, 0).await.unwrap()).await.unwrap();
    }
    copy
}

#[tokio::test]
async fn another_answer_makes_another_plan() {
    let shape = shape("plan_approved");
    let (whole, memory, _) = shape.run().await;
    let world = World::default();
    let agent = shape.agent(ScriptedModel::new(), &world, memory);
    let plan = "# there\nbook(any(search(\"Rome\",\"Athens\")),\"Ada\")\nend";
    let run = agent.fork(*whole.run(), before(&whole, "model_answered")).answer(plan).await.unwrap();
    assert_eq!(world.executed().into_keys().collect::<Vec<_>>(), ["book Rome-Athens-1"]);
    entries(&run);
    assert_eq!(agent.replay(run.id).await.unwrap().divergence, None);
}

#[tokio::test]
async fn another_output_makes_another_choice() {
    let shape = shape("plan_approved");
    let (whole, memory, _) = shape.run().await;
    let flights = json!([{"id": "F-7", "price": 1}, {"id": "F-8", "price": 2}]);
    let world = World::default();
    let agent = shape.agent(ScriptedModel::new(), &world, memory);
    // Both searches are under way together, and which of them returns first is chance.
    let both = kinds(whole.entries()).iter().position(|kind| kind.starts_with("returned")).unwrap() as u64;
    let later = if before(&whole, "returned 1") == both { CallId(2) } else { CallId(1) };
    let sooner = CallId(3 - later.0);
    let run = agent.fork(*whole.run(), both + 1).output(later, flights.clone()).await.unwrap();
    assert!(
        world.executed().keys().any(|deed| ["book F-7", "book F-8"].contains(&deed.as_str())),
        "{:?}",
        world.executed()
    );
    assert_eq!(agent.replay(run.id).await.unwrap().divergence, None);
    entries(&run);

    // The one that had returned already is changed in its place: nothing was decided after it.
    let other = agent.fork(*whole.run(), both + 2).output(sooner, flights.clone()).await.unwrap();
    assert_eq!(other.trace.outputs("search").next(), Some(&flights));
    assert_eq!(agent.replay(other.id).await.unwrap().divergence, None);
    entries(&other);

    let given = agent.fork(*whole.run(), both).output(CallId(1), flights.clone()).output(CallId(2), flights.clone());
    let run = given.await.unwrap();
    assert_eq!(run.trace.outputs("search").collect::<Vec<_>>(), [&flights, &flights]);
    assert_eq!(agent.replay(run.id).await.unwrap().divergence, None);
    assert_eq!(world.began().iter().filter(|call| call.starts_with("search")).count(), 0, "the tool is not called");

    // A write whose outcome is made up is no write of the fork.
    let world = World::default();
    let agent = shape.agent(ScriptedModel::new(), &world, agent_memory(&agent).await);
    let at = before(&whole, "returned 3");
    let run = agent.fork(*whole.run(), at).output(CallId(3), json!({"reference": "X"})).await.unwrap();
    assert!(fold(run.trace.entries()).calls[2].inherited);
    assert!(world.executed().contains_key("insure X"), "{:?}", world.executed());
}

#[tokio::test]
async fn another_request_begins_anew() {
    let shape = shape("plan_approved");
    let (whole, memory, _) = shape.run().await;
    let world = World::default();
    let plan = "# one\nbook(any(search(\"Oslo\",\"Bari\")),\"Bo\")\nend";
    let agent = shape.agent(ScriptedModel::new().reply(plan), &world, memory);
    let run = agent.fork(*whole.run(), 1).task("Oslo to Bari for Bo").await.unwrap();
    assert_eq!(started(&run.trace).task, "Oslo to Bari for Bo");
    assert_eq!(started(&run.trace).forked_from, Some(ForkedFrom { run: *whole.run(), at: 1 }));
    assert_eq!(world.executed().into_keys().collect::<Vec<_>>(), ["book Oslo-Bari-1"]);
    entries(&run);
}

#[tokio::test]
async fn another_agent_goes_on_in_its_own_words() {
    let planned = shape("plan_approved");
    let (whole, memory, _) = planned.run().await;
    // Another policy can only begin at the beginning.
    let react = Shape { policy: Policy::React, ..shape("react") };
    let world = World::default();
    let agent = react.agent(react.model(0), &world, memory.clone());
    let run = agent.fork(*whole.run(), 1).await.unwrap();
    assert_eq!(run.output().unwrap(), "Both are booked.");
    assert_eq!((started(&run.trace).policy.as_str(), started(&run.trace).task.as_str()), ("react", TASK));
    let error = agent.fork(*whole.run(), 3).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);

    // Another model answers what is left, under its own name.
    let info = ModelInfo::new("larger", "script");
    let model = ScriptedModel::new().with_info(info).reply("You are booked.");
    let other = common::world::agent(model, &World::default()).approver(yes).memory(memory).build().unwrap();
    let run = other.fork(*whole.run(), before(&whole, "finished")).await.unwrap();
    assert_eq!(run.output().unwrap(), "You are booked.");
    assert_eq!(started(&run.trace).model.name, "larger");
    assert_eq!(other.replay(run.id).await.unwrap().divergence, None);
}

#[tokio::test]
async fn a_fork_can_be_streamed_and_typed() {
    use futures::StreamExt;
    let shape = shape("plan_approved");
    let (whole, memory, _) = shape.run().await;
    let agent = shape.agent(ScriptedModel::new(), &World::default(), memory);
    let at = before(&whole, "finished");
    let mut stream = agent.fork(*whole.run(), at).begin().await.unwrap().stream();
    assert!(stream.next().await.is_some());
    let run = stream.outcome().await.unwrap();
    assert_eq!(run.output().unwrap(), "Done.");
    assert_eq!(run.trace.entries().len() as u64, at + 1);
}

/// What is said of a fork that can't be.
async fn refused(fork: fork::Fork) -> String {
    let error = fork.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    error.to_string()
}

#[tokio::test]
async fn a_fork_that_cannot_be_says_why_and_where_it_can() {
    let shape = shape("plan_approved");
    let (whole, memory, world) = shape.run().await;
    let agent: Agent = shape.agent(ScriptedModel::new(), &world, memory.clone());
    let run = *whole.run();
    let last = whole.entries().len() as u64;
    let said = |text: String| text.replace(&run.to_string(), "R");
    let at = |kind| before(&whole, kind);
    let mut all = Vec::new();
    for fork in [
        agent.fork(run, 0),
        agent.fork(run, last + 1),
        agent.fork(run, last),
        agent.fork(run, at("returned 1").min(at("returned 2"))),
        agent.fork(run, at("intended 3 book")),
        agent.fork(run, at("returned 3")),
        agent.fork(run, 3).task("Oslo to Bari"),
        agent.fork(run, 1).task(" "),
        agent.fork(run, 1).answer("no"),
        agent.fork(run, at("finished")).output(CallId(9), json!(1)),
        agent.fork(run, 2).output(CallId(1), json!(1)),
        agent.fork(run, at("finished")).output(CallId(3), json!({"reference": "X"})),
        agent.fork(run, at("returned 3")).output(CallId(3), json!("no booking")),
        agent.fork(RunId::new(), 1),
    ] {
        all.push(said(refused(fork).await));
    }
    insta::assert_snapshot!(all[..all.len() - 1].join("\n"), @r#"
    run R has 19 events and can't be forked at 0; it can be at 1
    run R has 19 events and can't be forked at 20; it can be at 18
    run R can't be forked at 19: it has ended there; it can be at 18
    run R can't be forked at 6: call 1 (search) is being made there, under that run's key; it can be at 4 and at 8
    run R can't be forked at 10: call 3 (book) was approved for that run and is not made yet; it can be at 9 and at 12
    run R can't be forked at 11: call 3 (book) is being made there, under that run's key; it can be at 9 and at 12
    what run R did before 3 was decided for its own task; to change the task, fork at 1
    the request is empty; say what you want
    the model is not being asked at 1 in run R; it answers at 2
    run R has no call 9 before 18; it has call 1 (search), call 2 (search), call 3 (book), call 4 (insure), call 5 (book)
    run R has no call 1 before 2; it has none
    what run R did after 11 was decided by what call 3 returned; to change it, fork at 11
    that is nothing that call 3 (book) can return: "no booking" is not of type "object"
    "#);
    assert!(all[all.len() - 1].contains("there is no run"));
    assert_eq!(memory.runs(&RunFilter::default()).await.unwrap().len(), 1, "nothing was written");
}

#[tokio::test]
async fn a_reused_call_and_an_abandoned_one_are_no_place_to_begin() {
    let shape = shape("react");
    let (whole, memory, world) = shape.run().await;
    let agent = shape.agent(ScriptedModel::new(), &world, memory);
    let at = before(&whole, "finished");
    let text = refused(agent.fork(*whole.run(), at).output(CallId(5), json!({"reference": "X"}))).await;
    assert!(text.ends_with("it took the result of call 3: change that one's"), "{text}");

    let cancelled = shapes::shape("plan_cancelled");
    let (whole, _, _) = cancelled.run().await;
    let positions = fork::positions(whole.entries());
    for (at, entry) in (1..).zip(whole.entries()) {
        let abandoned = matches!(&entry.event, Event::ToolReturned { result, .. } if *result == ToolResult::Abandoned);
        assert!(!(abandoned && positions.contains(&at)));
    }
    assert_sound(whole.entries());
}

#[tokio::test]
async fn a_program_that_does_not_know_the_agent_can_fork_its_run() {
    let shape = shape("react");
    let (whole, memory, _) = shape.run().await;
    let at = before(&whole, "model_answered");
    let change = fork::Change::default().answer(Response::text("Nothing today."));
    let forked = fork::fork(&memory, *whole.run(), at, &change).await.unwrap();
    let run = shape.agent(ScriptedModel::new(), &World::default(), memory.clone()).resume(forked).await.unwrap();
    assert_eq!(run.output().unwrap(), "Nothing today.");
    let begun = started(&run.trace);
    assert_eq!(begun.forked_from, Some(ForkedFrom { run: *whole.run(), at }));
    assert_eq!((&begun.tools, &begun.model), (&started(&whole).tools, &started(&whole).model));

    let none = fork::fork(&memory, RunId::new(), 1, &change).await.unwrap_err();
    assert!(none.to_string().starts_with("there is no run "), "{none}");
    let far = fork::fork(&memory, *whole.run(), 999, &change).await.unwrap_err();
    assert!(far.to_string().contains("can't be forked at 999"), "{far}");
}
