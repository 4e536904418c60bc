//! Runs that are replayed without a model and without tools.
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
    Agent, ErrorKind,
    agent::{Update, Verdict},
    budget::Budget,
    event::{End, Entry, Event, PlannedCall, ToolResult},
    memory::{InProcess, Memory},
    policy::{PlanExecute, ReAct},
    replay::Replay,
    scripted::{Reply, ScriptedModel},
    trace::Trace,
};
use common::{
    journal::kinds,
    shapes::{self, PLAN, TASK, shape},
    world::{World, agent, yes},
};
use futures::StreamExt;
use serde_json::json;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn each_shape_of_run_is_decided_again_and_the_same() {
    for shape in shapes::all() {
        let (trace, memory, _) = shape.run().await;
        let replay = shape.mute(memory).replay(*trace.run()).await.unwrap();
        assert_eq!(replay.divergence, None, "{}: {replay}", shape.name);
        assert_eq!(replay.events, trace.entries().len() as u64);
        assert!(replay.decided > 0 && replay.decided < replay.events);
    }
}

#[tokio::test]
async fn a_run_that_was_interrupted_anywhere_and_taken_up_replays() {
    for name in ["plan_approved", "plan_at_the_second_try", "react"] {
        let shape = shape(name);
        let (whole, _, _) = shape.run().await;
        for cut in 1..whole.entries().len() {
            let memory = InProcess::default();
            let before = &whole.entries()[..cut];
            memory.append(whole.run(), 0, before).await.unwrap();
            let agent = shape.agent(shape.model(shapes::answered(before)), &World::default(), memory);
            let partly = agent.replay(*whole.run()).await.unwrap();
            assert_eq!((partly.divergence, partly.events), (None, cut as u64), "{name} up to {cut}");
            let run = agent.resume(*whole.run()).await.unwrap();
            let replay = agent.replay(run.id).await.unwrap();
            assert_eq!(replay.divergence, None, "{name} cut at {cut}: {replay}");
            let asked_twice = kinds(before).last().is_some_and(|kind| kind == "model_asked");
            let resumed = if asked_twice { vec![cut as u64] } else { Vec::new() };
            assert_eq!(replay.resumed, resumed, "{name} cut at {cut}");
        }
    }
}

#[tokio::test]
async fn a_run_that_asks_the_model_for_everything_replays() {
    // The prompts that come with the framework, a revision, and an answer by the model.
    let world = World::default();
    world.fails("insure", cicerone_core::tool::ToolErrorKind::Retry, "try again");
    let model = ScriptedModel::new().reply(PLAN).reply("sorry").reply(PLAN).reply("Done after all.");
    let agent = agent(model, &world).approver(yes).build().unwrap();
    let run = agent.run(TASK).await.unwrap();
    let replay = agent.replay(run.id).await.unwrap();
    assert_eq!(replay.divergence, None, "{replay}");
    assert_eq!(replay.to_string(), "the same in all 34 events, 19 of them decisions");
}

#[tokio::test]
async fn another_prompt_is_the_first_divergence() {
    let shape = shape("react");
    let (trace, memory, _) = shape.run().await;
    let ours = shape.builder(ScriptedModel::new(), &World::default(), memory);
    let prompt = cicerone_prompts::Template::new("react", "Use the tools well.").unwrap();
    let replay = ours.planner(ReAct::default().prompt(prompt)).build().unwrap().replay(*trace.run()).await.unwrap();
    insta::assert_snapshot!(replay, @r#"
    the same in 1 events; at event 1 the journal has `model_asked`, and so has this agent, but not the same at /messages/0/parts/0/text
      journal: "Use the tools."
      now:     "Use the tools well."
    "#);
    let divergence = replay.divergence.unwrap();
    assert_eq!((divergence.at, &divergence.found), (1, &trace.entries()[1].event));
    assert_eq!(replay.decided, 0);
}

#[tokio::test]
async fn other_code_diverges_where_it_decides_otherwise() {
    let shape = shape("plan_approved");
    let (trace, memory, _) = shape.run().await;
    let agent = |budget| shape.builder(ScriptedModel::new(), &World::default(), memory.clone()).budget(budget).build();
    let replay = agent(Budget::default().steps(1)).unwrap().replay(*trace.run()).await.unwrap();
    let at = kinds(trace.entries()).iter().position(|kind| kind == "intended 2 search").unwrap();
    assert_eq!(replay.divergence.as_ref().unwrap().at, at as u64);
    assert_eq!(replay.divergence.unwrap().expected, None);

    let replay = agent(Budget::default().tokens(1)).unwrap().replay(*trace.run()).await.unwrap();
    let expected = replay.divergence.unwrap().expected;
    assert!(matches!(expected, Some(Event::Finished(End::Failed { kind: ErrorKind::TokenLimit, .. }))), "{expected:?}");
}

/// The journal of a run, changed by hand.
async fn changed(name: &str, change: impl FnOnce(&mut Vec<Entry>)) -> Replay {
    let shape = shape(name);
    let (trace, memory, _) = shape.run().await;
    let mut entries = trace.entries().to_vec();
    change(&mut entries);
    Replay::of(&shape.mute(memory), &Trace::new(*trace.run(), entries)).unwrap()
}

fn position(entries: &[Entry], kind: &str) -> usize {
    kinds(entries).iter().position(|known| known == kind).unwrap_or_else(|| panic!("no {kind} in {:?}", kinds(entries)))
}

#[tokio::test]
async fn a_journal_that_was_tampered_with_is_noticed() {
    // An argument that the plan did not bind.
    let replay = changed("plan_approved", |entries| {
        let at = position(entries, "asked 3 book");
        let Event::ApprovalAsked { planned, .. } = &mut entries[at].event else { panic!("{:?}", entries[at]) };
        planned.args["passenger"] = json!("Eve");
    })
    .await;
    insta::assert_snapshot!(replay, @r#"
    the same in 8 events; at event 8 the journal has `approval_asked`, and so has this agent, but not the same at /args/passenger
      journal: "Eve"
      now:     "Ada"
    "#);

    // A result of a call that nobody made, an answer that nobody asked for, an approval that nobody was asked for.
    for (kind, moved) in [("returned 1", 3), ("model_answered", 1), ("approval_given", 5)] {
        let replay = changed("plan_approved", |entries| {
            let at = position(entries, kind);
            let entry = entries.remove(at);
            entries.insert(moved, entry);
        })
        .await;
        assert_eq!(replay.divergence.map(|divergence| divergence.at), Some(moved as u64), "{kind} at {moved}");
    }

    // A run that ends twice, or begins twice.
    for last in [true, false] {
        let replay = changed("plan_approved", |entries| {
            let twice = if last { entries.last() } else { entries.first() }.unwrap().clone();
            entries.push(twice);
        })
        .await;
        assert_eq!(replay.divergence.as_ref().map(|divergence| divergence.at), Some(replay.events));
        assert!(replay.to_string().contains("which this agent does not come to: it waits"), "{replay}");
    }

    // A result that the driver does not give to a call that it leaves.
    let replay = changed("plan_cancelled", |entries| {
        let at = entries.len() - 2;
        let Event::ToolReturned { result, .. } = &mut entries[at].event else { panic!("{:?}", entries[at]) };
        *result = ToolResult::Denied { reason: "no".to_owned() };
    })
    .await;
    assert!(replay.divergence.is_some());
}

#[tokio::test]
async fn a_run_that_was_cancelled_while_a_person_was_asked_replays() {
    let shape = shape("plan_approved");
    let memory = InProcess::default();
    let agent = shape.builder(shape.model(0), &World::default(), memory.clone());
    let agent = agent.approver(|_: PlannedCall| std::future::pending::<Verdict>()).build().unwrap();
    let cancel = CancellationToken::new();
    let mut stream = agent.run(TASK).cancel_on(cancel.clone()).stream();
    while let Some(update) = stream.next().await {
        if matches!(update, Update::Entry(Entry { event: Event::ApprovalAsked { .. }, .. })) {
            cancel.cancel();
        }
    }
    let error = stream.outcome().await.unwrap_err();
    let trace = error.trace().unwrap();
    assert_eq!(kinds(trace.entries())[trace.entries().len() - 2], "returned 3");
    let replay = agent.replay(*trace.run()).await.unwrap();
    assert_eq!(replay.divergence, None, "{replay}");
}

#[tokio::test]
async fn what_cannot_be_replayed_is_said() {
    let shape = shape("react");
    let (trace, memory, _) = shape.run().await;
    let planner = agent(ScriptedModel::new(), &World::default()).memory(memory).planner(PlanExecute::default());
    let error = planner.build().unwrap().replay(*trace.run()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let expected =
        "was begun by the policy `react`, and this agent's is `plan_execute`; use an agent with the same policy";
    assert!(error.to_string().ends_with(expected), "{error}");

    let empty = shape.mute(InProcess::default());
    let error = empty.replay(*trace.run()).await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().contains("there is no run")), (ErrorKind::Request, true));

    let error = Replay::of(&empty, &Trace::new(*trace.run(), trace.entries()[1..].to_vec())).unwrap_err();
    assert!(error.to_string().contains("does not begin with `run_started`"), "{error}");
}

#[tokio::test]
async fn a_replay_needs_no_store_and_writes_nothing() {
    let shape = shape("plan_approved");
    let (trace, memory, world) = shape.run().await;
    let done = world.executed();
    let agent: Agent = shape.agent(ScriptedModel::new().then(Reply::text("unused")), &world, InProcess::default());
    assert_eq!(Replay::of(&agent, &trace).unwrap().divergence, None);
    assert_eq!(world.executed(), done);
    assert_eq!(memory.read(trace.run(), 0).await.unwrap(), trace.entries());
}
