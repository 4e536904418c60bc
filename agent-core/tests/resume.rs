//! Runs that are interrupted anywhere, and go on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test may panic"
)]

mod common;

use std::collections::HashSet;

use cicerone_core::{
    Agent, ErrorKind, RunId,
    agent::{AgentBuilder, Outcome, Run, Verdict, WaitingFor},
    event::{Entry, Event, PlannedCall, ToolResult},
    memory::{InProcess, Memory},
    message::{Part, ToolCall},
    model::{Response, Usage},
    policy::{PlanExecute, Policy, ReAct},
    scripted::{Reply, ScriptedModel},
    tool::{Effect, FunctionTool, ToolError, ToolErrorKind},
};
use common::{
    journal::{assert_sound, entries, fold, kinds},
    means,
    world::{World, agent, yes},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

const TASK: &str = "Rome to Athens and Athens to Rome for Ada";
const PLAN: &str = "# there\ninsure(book(cheapest(search(\"Rome\",\"Athens\")),\"Ada\"))\n\
                    # back\nbook(any(search(\"Athens\",\"Rome\")),\"Ada\")\nend";

/// What a write that was planned does to the world.
fn deed(planned: &PlannedCall) -> String {
    if let Some(stops) = planned.args.get("stops").and_then(|stops| stops.as_array()) {
        let stops: Vec<&str> = stops.iter().filter_map(|stop| stop.as_str()).collect();
        return format!("{} {}", planned.tool, stops.join(", "));
    }
    let on = ["flight", "booking", "ticket"].iter().find_map(|name| planned.args.get(*name)).unwrap().as_str().unwrap();
    format!("{} {on}", planned.tool)
}

/// The journal cut after `k` entries, and the worlds that it can have been written in: a write that was intended and
/// has no result was made or was not.
fn worlds(entries: &[Entry]) -> Vec<World> {
    let mut intended = Vec::new();
    let (mut returned, mut failed) = (HashSet::new(), HashSet::new());
    for entry in entries {
        match &entry.event {
            Event::ToolIntended { planned, key, effect } if *effect != Effect::Read => intended.push((planned, key)),
            Event::ToolReturned { call, result: ToolResult::Output { .. }, .. } => drop(returned.insert(*call)),
            Event::ToolReturned { call, .. } => drop(failed.insert(*call)),
            _ => {}
        }
    }
    let world = |open_too: bool| {
        let world = World::default();
        for (planned, key) in &intended {
            if returned.contains(&planned.call) || open_too && !failed.contains(&planned.call) {
                world.remember(key.as_str(), &deed(planned));
            }
        }
        world
    };
    vec![world(false), world(true)]
}

async fn cut(run: &Run, k: usize) -> InProcess {
    let memory = InProcess::default();
    memory.append(&run.id, 0, &run.trace.entries()[..k]).await.unwrap();
    memory
}

/// Runs the script to its end; then cuts the journal everywhere and runs on from there, and expects the same end.
async fn survives_every_cut(
    policy: impl Policy + Clone,
    script: impl Fn() -> Vec<Reply>,
    fails: &[(&'static str, &str)],
) {
    survives_every_cut_of(agent, TASK, policy, script, fails).await;
}

async fn survives_every_cut_of(
    agent: impl Fn(ScriptedModel, &World) -> AgentBuilder,
    task: &str,
    policy: impl Policy + Clone,
    script: impl Fn() -> Vec<Reply>,
    fails: &[(&'static str, &str)],
) {
    let model = |answered: usize| script().into_iter().skip(answered).fold(ScriptedModel::new(), ScriptedModel::then);
    let world = World::default();
    fails.iter().for_each(|(tool, message)| world.fails(tool, ToolErrorKind::Retry, message));
    let whole = model(0);
    let run =
        agent(whole.clone(), &world).planner(policy.clone()).approver(yes).build().unwrap().run(task).await.unwrap();
    whole.assert_complete();
    let deeds = world.executed();
    assert!(deeds.len() >= 2 && deeds.values().all(|times| *times == 1), "{deeds:?}");

    for k in 1..=entries(&run).len() {
        let before = &run.trace.entries()[..k];
        for world in worlds(before) {
            let so_far = fold(before);
            let failed =
                so_far.calls.iter().filter(|call| matches!(call.result(), Some(ToolResult::Failed { .. }))).count();
            fails.iter().skip(failed).for_each(|(tool, message)| world.fails(tool, ToolErrorKind::Retry, message));
            let answered = before.iter().filter(|entry| matches!(entry.event, Event::ModelAnswered { .. })).count();
            let model = model(answered);
            let memory = cut(&run, k).await;
            let agent =
                agent(model.clone(), &world).planner(policy.clone()).approver(yes).memory(memory).build().unwrap();
            let again = agent.resume(run.id).await.unwrap_or_else(|error| panic!("cut at {k}: {error}"));
            model.assert_complete();
            let all = entries(&again);
            assert_eq!(again.outcome, run.outcome, "cut at {k}");
            assert_eq!(all[..k], *before, "what is written stays");
            assert_eq!(world.executed(), deeds, "cut at {k}, after {:?}", kinds(before).last());
            for (made, request) in model.requests().iter().enumerate() {
                let original = &whole.requests()[answered + made];
                assert_eq!(request.messages, original.messages, "cut at {k}: the model is asked the same");
            }
            let (left, right) = (fold(run.trace.entries()), fold(all));
            assert_eq!((left.plan, left.plans, left.end), (right.plan, right.plans, right.end));
            assert_eq!(left.conversation, right.conversation);
            assert_eq!(left.calls.len(), right.calls.len());
        }
    }
}

#[tokio::test]
async fn a_plan_goes_on_from_every_event() {
    let script = || vec![Reply::text("no plan"), Reply::text(PLAN), Reply::text("Both are booked.")];
    survives_every_cut(PlanExecute::default(), script, &[]).await;
}

#[tokio::test]
async fn a_revision_goes_on_from_every_event() {
    let script = || vec![Reply::text(PLAN), Reply::text("sorry"), Reply::text(PLAN), Reply::text("Done after all.")];
    survives_every_cut(PlanExecute::default(), script, &[("insure", "try again")]).await;
}

#[tokio::test]
async fn a_choice_between_writes_within_a_limit_goes_on_from_every_event() {
    let task = "Oslo to Rome and Rome to Pisa for Ada, by train or plane, under 300 EUR";
    let either = |from: &str, to: &str| {
        let booking = |tool: &str, search: &str| format!("{tool}(cheapest({search}(\"{from}\",\"{to}\")),\"Ada\")");
        let (train, flight) = (booking("book_train", "search_trains"), booking("book_flight", "search_flights"));
        format!("# {from} to {to}\neither_cheapest({train},{flight})\n")
    };
    let plan = format!(
        "{}{}# Rome\ndraw_tour(all(sights(\"Rome\")))\nbudget(300)\nend",
        either("Oslo", "Rome"),
        either("Rome", "Pisa")
    );
    let without_limit = plan.replace("budget(300)\n", "");
    // The plan that passes over the limit is asked for once more, and the tour fails once.
    let script = move || {
        let replies = [without_limit.clone(), plan.clone(), plan.clone(), "Two flights.".to_owned()];
        replies.into_iter().map(Reply::text).collect()
    };
    let agent = |model, world: &World| means::agent(model, world).reader(means::Reads::all());
    survives_every_cut_of(agent, task, PlanExecute::default(), script, &[("draw_tour", "no paper left")]).await;
}

#[tokio::test]
async fn decisions_go_on_from_every_event() {
    let call = |id: &str, tool: &str, args| Part::ToolCall(ToolCall { id: id.to_owned(), tool: tool.to_owned(), args });
    let book = |id: &str, flight: &str| call(id, "book", json!({"flight": flight, "passenger": "Ada"}));
    let decide = |parts: Vec<Part>| Reply::response(Response::new(parts).with_usage(Usage::new(10, 5)));
    let script = || {
        vec![
            decide(vec![call("1", "search", json!({"from": "Rome", "to": "Athens"})), call("2", "search", json!({}))]),
            decide(vec![
                call("1", "search", json!({"from": "Rome", "to": "Athens"})),
                call("2", "search", json!({"from": "Athens", "to": "Rome"})),
            ]),
            decide(vec![book("1", "Rome-Athens-2"), book("2", "Athens-Rome-1")]),
            decide(vec![call("1", "insure", json!({"booking": "[book Rome-Athens-2]"})), book("2", "Athens-Rome-1")]),
            Reply::text("Both are booked."),
        ]
    };
    survives_every_cut(ReAct::default(), script, &[]).await;
}

#[tokio::test]
async fn a_run_waits_for_a_person_and_goes_on_when_there_is_one() {
    let (world, memory) = (World::default(), InProcess::default());
    let model = ScriptedModel::new().reply(PLAN).reply("Both are booked.");
    // Without an approver nobody can say now.
    let alone = agent(model.clone(), &world).memory(memory.clone()).build().unwrap();
    let run = alone.run(TASK).await.unwrap();
    let Outcome::Waiting(waiting) = &run.outcome else { panic!("{:?}", run.outcome) };
    assert_eq!((waiting.len(), waiting[0].reason), (1, WaitingFor::Approval));
    assert_eq!(deed(&waiting[0].call), "book Rome-Athens-2");
    assert!(run.output().unwrap_err().to_string().contains("waits for a person to decide on book"));
    assert_sound(run.trace.entries());

    // Still nobody: nothing changes.
    let still = alone.resume(run.id).await.unwrap();
    assert_eq!((still.outcome, still.trace.entries()), (run.outcome.clone(), run.trace.entries()));

    let attended = agent(model.clone(), &world).memory(memory.clone()).approver(yes).build().unwrap();
    let done = attended.resume(run.id).await.unwrap();
    assert_eq!(done.output().unwrap(), "Both are booked.");
    assert_eq!(world.executed().len(), 3);
    entries(&done);

    // A run that has ended gives the same end again.
    let again = attended.resume(run.id).await.unwrap();
    assert_eq!(again.outcome, done.outcome);
    model.assert_complete();
}

#[tokio::test]
async fn of_two_workers_one_goes_on() {
    let (world, memory) = (World::default(), InProcess::default());
    let model = ScriptedModel::new().reply(PLAN).reply("Both are booked.");
    let run = agent(model.clone(), &world).memory(memory.clone()).build().unwrap().run(TASK).await.unwrap();
    let slowly = |_: PlannedCall| async {
        tokio::task::yield_now().await;
        Verdict::Approve
    };
    let worker = agent(model, &world).memory(memory).approver(slowly).build().unwrap();
    let (one, other) = futures::join!(worker.resume(run.id).into_future(), worker.resume(run.id).into_future());
    let (done, error) = match (one, other) {
        (Ok(run), Err(error)) | (Err(error), Ok(run)) => (run, error),
        both => panic!("{both:?}"),
    };
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(done.output().unwrap(), "Both are booked.");
    assert!(world.executed().values().all(|times| *times == 1));
    entries(&done);
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Nothing {}

fn paying(effect: Effect) -> Agent {
    let pay = FunctionTool::new("pay", "Pay.", |_: Nothing| async { Ok::<_, ToolError>("paid".to_owned()) });
    let model = ScriptedModel::new().reply("# pay\npay()\nend").reply("Paid.");
    Agent::builder(model).tool(pay.effect(effect)).approver(yes).build().unwrap()
}

/// A run of one call that was intended, and then the process was gone.
async fn interrupted(effect: Effect) -> (Agent, RunId) {
    let done = paying(effect).run("pay").await.unwrap();
    let at = done.trace.entries().iter().position(|entry| matches!(entry.event, Event::ToolIntended { .. })).unwrap();
    let agent = paying(effect);
    agent.memory().append(&done.id, 0, &done.trace.entries()[..=at]).await.unwrap();
    (agent, done.id)
}

#[tokio::test]
async fn what_cannot_be_known_waits_for_a_person() {
    let (agent, run) = interrupted(Effect::Once).await;
    let run = agent.resume(run).await.unwrap();
    let Outcome::Waiting(waiting) = &run.outcome else { panic!("{:?}", run.outcome) };
    assert_eq!((waiting[0].call.tool.as_str(), waiting[0].reason), ("pay", WaitingFor::Resolution));
}

#[tokio::test]
async fn what_may_be_repeated_is_repeated() {
    for effect in [Effect::Read, Effect::Idempotent] {
        let (agent, run) = interrupted(effect).await;
        let resumed = agent.resume(run).await;
        // The script of the fresh agent begins with the plan, which the journal has already.
        assert!(resumed.unwrap().output().unwrap().contains("pay()"));
    }
}

#[tokio::test]
async fn a_tool_that_is_gone_is_named() {
    let (agent, run) = interrupted(Effect::Read).await;
    let entries = agent.memory().read(&run, 0).await.unwrap();
    let planned = entries.iter().position(|entry| matches!(entry.event, Event::PlanMade { .. })).unwrap();
    let other = common::world::agent(ScriptedModel::new(), &World::default()).build().unwrap();
    other.memory().append(&run, 0, &entries[..=planned]).await.unwrap();
    let error = other.resume(run).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (ErrorKind::Configuration, "the agent has no tool `pay`, which the run needs")
    );
    assert_sound(error.trace().unwrap().entries());
}
