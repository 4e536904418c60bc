//! The machine under random plans, orders, failures, refusals and crashes.
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
    collections::BTreeMap,
    future::IntoFuture,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use cicerone_core::{
    Agent, Error, ErrorKind,
    agent::{Outcome, Run, Verdict},
    event::{End, Entry, Event, PlannedCall, ToolResult},
    memory::{InProcess, Memory},
    model::ModelInfo,
    plan::{Plan, StepId},
    policy::{Answer, Kit, Move, PlanExecute, Policy},
    scripted::ScriptedModel,
    state::{Call, CallProgress, State},
};
use common::{
    gates::{Fate, Gates, person, tools},
    journal::assert_sound,
};
use futures::{FutureExt, future::BoxFuture, task::noop_waker_ref};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

/// A step: whether it writes, and which of the steps before it it refers to.
type Sketch = Vec<(bool, u8)>;

fn sketch() -> impl Strategy<Value = Sketch> {
    vec((any::<bool>(), any::<u8>()), 1..=8)
}

/// What happens next: which of what waits goes on, and what comes of it.
type Chance = (usize, u8);

/// A plan as a remote model writes it.
fn written(sketch: &Sketch) -> String {
    let tool = |writes: bool| if writes { "make" } else { "look" };
    let from = |at: usize, mask: u8, writes: bool| {
        let steps: Vec<String> =
            (0..at).filter(|i| sketch[*i].0 == writes && mask >> i & 1 == 1).take(6).map(|i| format!("s{i}")).collect();
        if steps.is_empty() { Value::Null } else { json!({"from": steps, "pick": "any"}) }
    };
    let steps: Vec<Value> = sketch
        .iter()
        .enumerate()
        .map(|(at, (writes, mask))| {
            let args = json!({"n": at, "look": from(at, *mask, false), "make": from(at, *mask, true)});
            json!({"id": format!("s{at}"), "tool": tool(*writes), "args": args})
        })
        .collect();
    json!({"asked": ["all"], "steps": steps}).to_string()
}

/// The policy, with a record of each state that it saw.
#[derive(Clone, Debug)]
struct Watched(PlanExecute, Arc<Mutex<Vec<State>>>);

impl Policy for Watched {
    fn name(&self) -> &'static str {
        self.0.name()
    }
    fn prepare(&self, kit: &Kit) -> Result<(), Error> {
        self.0.prepare(kit)
    }
    fn next(&self, state: &State, kit: &Kit) -> Vec<Move> {
        self.1.lock().unwrap().push(state.clone());
        let moves = self.0.next(state, kit);
        assert_eq!(format!("{moves:?}"), format!("{:?}", self.0.next(state, kit)), "the same state, the same moves");
        moves
    }
}

/// The run of two plans by these chances, through crashes and waits, to its end.
struct Played {
    outcome: Result<Run, Error>,
    entries: Vec<Entry>,
    seen: Vec<State>,
    gates: Gates,
}

fn play(plans: &[Sketch], chances: &[Chance]) -> Played {
    let gates = Gates::default();
    let memory = InProcess::default();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let info = ModelInfo::new("remote", "test").with_json_schema(true);
    let model = plans.iter().fold(ScriptedModel::new().with_info(info), |model, plan| model.reply(written(plan)));
    let policy = Watched(PlanExecute::default().answer(Answer::Report(None)), Arc::clone(&seen));
    // A fresh agent after each crash, as in another process.
    let agent = || {
        Agent::builder(model.clone())
            .tools(tools())
            .state(gates.clone())
            .planner(policy.clone())
            .memory(memory.clone())
            .approver(person(&gates))
            .build()
            .unwrap()
    };
    let mut chances = chances.iter().copied();
    let mut run: BoxFuture<'static, Result<Run, Error>> = agent().run("all").into_future();
    let runs = || memory.runs(&Default::default()).now_or_never().unwrap().unwrap();
    let outcome = loop {
        match run.as_mut().poll(&mut Context::from_waker(noop_waker_ref())) {
            Poll::Ready(Ok(Run { outcome: Outcome::Waiting(waiting), id, .. })) => {
                assert!(!waiting.is_empty());
                run = agent().resume(id).into_future();
                continue;
            }
            Poll::Ready(outcome) => break outcome,
            Poll::Pending => {}
        }
        // Without chances left everything works and is agreed to.
        let (which, luck) = chances.next().unwrap_or((0, 255));
        if luck < 12 {
            let id = runs()[0].run;
            gates.crash();
            run = agent().resume(id).into_future();
            continue;
        }
        let fate = match luck {
            12..22 => Fate::Retry,
            22..26 => Fate::Ask,
            26..30 => Fate::Fatal,
            _ => Fate::Done,
        };
        let verdict = match luck {
            12..40 => Verdict::Deny("no".to_owned()),
            40..60 => Verdict::Later,
            _ => Verdict::Approve,
        };
        assert!(gates.open(which, fate, verdict), "the run waits for nothing");
    };
    let entries = memory.read(&runs()[0].run, 0).now_or_never().unwrap().unwrap();
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    Played { outcome, entries, seen, gates }
}

/// Checks that what each plan says is kept: dependencies, reads before writes, one write at a time.
fn assert_in_order(entries: &[Entry]) {
    let mut plan = Plan::default();
    let mut calls: BTreeMap<StepId, ToolResult> = BTreeMap::new();
    let mut begun: BTreeMap<u32, PlannedCall> = BTreeMap::new();
    let mut started: Vec<StepId> = Vec::new();
    let mut writing = 0;
    for entry in entries {
        match &entry.event {
            Event::PlanMade { plan: made } => {
                plan = made.clone();
                calls.clear();
                started.clear();
            }
            Event::ApprovalAsked { planned, .. } | Event::ToolIntended { planned, .. } => {
                let done = |id: StepId| matches!(calls.get(&id), Some(ToolResult::Output { .. }));
                let step = plan.step(planned.step.unwrap()).unwrap();
                assert!(step.dependencies().all(done), "{step:?} began before what it needs");
                started.push(step.id);
                if planned.tool == "make" {
                    let mut reads = plan.steps.iter().filter(|step| step.tool == "look");
                    assert!(reads.all(|read| started.contains(&read.id) || !read.dependencies().all(done)));
                }
                if planned.tool == "make" && matches!(entry.event, Event::ToolIntended { .. }) {
                    writing += 1;
                    assert_eq!(writing, 1, "one write at a time");
                }
                begun.insert(planned.call.0, planned.clone());
            }
            Event::ToolReused { planned, of } => {
                assert_eq!(begun[&of.0].args, planned.args);
                let result = entries.iter().find_map(|entry| match &entry.event {
                    Event::ToolReturned { call, result, .. } if call == of => Some(result.clone()),
                    _ => None,
                });
                calls.insert(planned.step.unwrap(), result.unwrap());
                started.push(planned.step.unwrap());
            }
            Event::ToolReturned { call, result, .. } => {
                let planned = &begun[&call.0];
                if planned.tool == "make" && !matches!(result, ToolResult::Denied { .. }) {
                    writing -= 1;
                }
                calls.insert(planned.step.unwrap(), result.clone());
            }
            Event::Finished(End::Completed { .. }) => {
                for step in &plan.steps {
                    let done = |id: StepId| matches!(calls.get(&id), Some(ToolResult::Output { .. }));
                    match calls.get(&step.id) {
                        Some(result) => {
                            assert!(
                                matches!(result, ToolResult::Output { .. } | ToolResult::Denied { .. }),
                                "{result:?}"
                            );
                        }
                        None => assert!(!step.dependencies().all(done), "{step:?} was left out"),
                    }
                }
            }
            _ => {}
        }
    }
}

/// Checks that the journal, read again, gives each state that the policy saw.
fn assert_folds_to(entries: &[Entry], seen: &[State]) {
    let mut folded = vec![State::default()];
    for entry in entries {
        let mut state = folded.last().unwrap().clone();
        state.apply(&entry.event);
        folded.push(state);
    }
    for live in seen {
        let again = &folded[live.length as usize];
        assert_eq!(live.calls, again.calls);
        assert_eq!(live.plan, again.plan);
        assert_eq!(live.conversation, again.conversation);
        assert_eq!(live.end, again.end);
        assert_eq!((live.model_calls, live.usage), (again.model_calls, again.usage));
        assert_eq!((live.rejections, live.plans), (again.rejections, again.plans));
    }
    let settled = |call: &Call| matches!(call.progress, CallProgress::Returned(_));
    assert!(folded.last().unwrap().calls.iter().all(settled));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_keeps_its_rules(
        plans in vec(sketch(), 2),
        chances in vec((any::<usize>(), any::<u8>()), 0..60),
    ) {
        let played = play(&plans, &chances);
        assert_sound(&played.entries);
        assert!(matches!(played.entries.last().unwrap().event, Event::Finished(_)));
        assert_in_order(&played.entries);
        assert_folds_to(&played.entries, &played.seen);
        prop_assert!(played.gates.most_repeated() <= 1, "a write was made twice");
        match &played.outcome {
            Ok(run) => prop_assert_eq!(run.trace.entries(), &played.entries[..]),
            Err(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::Tool, "{}", error);
                prop_assert_eq!(error.trace().unwrap().entries(), &played.entries[..]);
            }
        }
    }
}

#[test]
fn without_bad_luck_everything_is_done() {
    let plan = vec![(false, 0), (false, 0), (true, 0b11), (false, 0b100), (true, 0b1100), (true, 0)];
    let played = play(&[plan], &[]);
    let run = played.outcome.unwrap();
    assert_eq!(run.trace.outputs("make").count(), 3);
    assert_eq!(run.trace.outputs("look").count(), 3);
    assert_eq!(run.model_calls, 1);
}
