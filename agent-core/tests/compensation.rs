//! Runs whose writes are undone: because they fail, because somebody wants them to be, and after a crash anywhere.
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
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use cicerone_core::{
    Agent, Error, ErrorKind, RunId,
    agent::{Outcome, WaitingFor, decide, resolve},
    event::{CallId, Decision, End, Entry, Event, Resolution, ToolResult, UndoResult},
    machine::OnFailure,
    memory::{InProcess, Memory, RunFilter, RunStatus},
    policy::{Answer, PlanExecute},
    scripted::ScriptedModel,
    tool::{Approval, Effect, Lookup, Tool, ToolContext, ToolError},
};
use common::journal::{assert_sound, kinds};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const TASK: &str = "Reserve flight, train and hotel";
const PLAN: &str = "# flight\nreserve(\"flight\")\n# train\nreserve(\"train\")\n# hotel\nreserve(\"hotel\")\nend";

/// What is reserved, under which key, and what was done about it. Clones share it.
#[derive(Clone, Default)]
struct Desk(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    standing: BTreeMap<String, String>,
    undone: Vec<String>,
    full: BTreeSet<String>,
    stuck: BTreeSet<String>,
    blind: bool,
}

impl Desk {
    fn with<R>(&self, body: impl FnOnce(&mut Inner) -> R) -> R {
        body(&mut self.0.lock().unwrap())
    }

    fn standing(&self) -> Vec<String> {
        let mut standing: Vec<String> = self.with(|desk| desk.standing.values().cloned().collect());
        standing.sort();
        standing
    }

    fn undone(&self) -> Vec<String> {
        self.with(|desk| desk.undone.clone())
    }
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Wish {
    /// What to reserve.
    what: String,
}

struct Reserve(Desk, Effect);

impl Tool for Reserve {
    type Args = Wish;
    type Output = String;

    fn name(&self) -> &str {
        "reserve"
    }
    fn description(&self) -> &str {
        "Reserve something."
    }
    fn effect(&self) -> Effect {
        self.1
    }
    fn approval(&self, _: &Wish) -> Approval {
        Approval::NotNeeded
    }
    async fn call(&self, cx: &ToolContext, Wish { what }: Wish) -> Result<String, ToolError> {
        self.0.with(|desk| {
            if desk.full.remove(&what) {
                return Err(ToolError::fatal(format!("no {what} is left")));
            }
            desk.standing.insert(cx.key().as_str().to_owned(), what.clone());
            Ok(format!("{what} reserved"))
        })
    }
    async fn lookup(&self, cx: &ToolContext, _: &Wish) -> Result<Lookup<String>, ToolError> {
        self.0.with(|desk| {
            let found = desk.standing.get(cx.key().as_str()).map(|what| Lookup::Done(format!("{what} reserved")));
            Ok(if desk.blind { Lookup::Unknown } else { found.unwrap_or(Lookup::NotDone) })
        })
    }
    async fn compensate(&self, cx: &ToolContext, Wish { what }: &Wish, output: &String) -> Result<(), ToolError> {
        assert_eq!(*output, format!("{what} reserved"));
        self.0.with(|desk| {
            if desk.stuck.remove(what) {
                return Err(ToolError::fatal(format!("the {what} can't be cancelled today")));
            }
            if desk.standing.remove(cx.key().as_str()).is_some() {
                desk.undone.push(what.clone());
            }
            Ok(())
        })
    }
}

fn agent_of(desk: &Desk, effect: Effect, memory: &InProcess, on_failure: OnFailure) -> Agent {
    Agent::builder(ScriptedModel::new().reply(PLAN))
        .tool(Reserve(desk.clone(), effect))
        .planner(PlanExecute::default().answer(Answer::Report(None)).revisions(0))
        .memory(memory.clone())
        .on_failure(on_failure)
        .build()
        .unwrap()
}

fn full(what: &str) -> Desk {
    let desk = Desk::default();
    desk.with(|desk| desk.full.insert(what.to_owned()));
    desk
}

/// A run without a hotel, which fails.
async fn fails(desk: &Desk, memory: &InProcess, on_failure: OnFailure) -> Error {
    let error = agent_of(desk, Effect::Once, memory, on_failure).run(TASK).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tool, "{error}");
    assert!(error.to_string().contains("no hotel is left"), "{error}");
    assert_sound(error.trace().unwrap().entries());
    error
}

#[tokio::test]
async fn a_run_that_fails_undoes_what_it_did_the_last_first() {
    let (desk, memory) = (full("hotel"), InProcess::default());
    let error = fails(&desk, &memory, OnFailure::Compensate).await;
    assert_eq!((desk.standing(), desk.undone()), (vec![], vec!["train".to_owned(), "flight".to_owned()]));
    let entries = error.trace().unwrap().entries();
    let begun = kinds(entries).iter().position(|kind| kind == "rollback_begun").unwrap();
    let undo = ["undo_intended", "undo_returned"];
    let expected = [&["rollback_begun"][..], &undo, &undo, &["rolled_back", "finished"]].concat();
    assert_eq!(kinds(&entries[begun..]), expected);
    let Event::RolledBack { undone, left } = &entries[entries.len() - 2].event else { panic!() };
    assert_eq!((undone, left), (&vec![CallId(1), CallId(2)], &vec![]));
    let listed = memory.runs(&RunFilter::default()).await.unwrap();
    assert_eq!(listed[0].status, RunStatus::Failed);
    let replay = agent_of(&desk, Effect::Once, &memory, OnFailure::Compensate).replay(listed[0].run).await.unwrap();
    assert_eq!(replay.divergence, None, "{replay}");
}

#[tokio::test]
async fn what_a_run_that_fails_did_stays_unless_said_otherwise() {
    let (desk, memory) = (full("hotel"), InProcess::default());
    fails(&desk, &memory, OnFailure::Keep).await;
    assert_eq!((desk.standing(), desk.undone()), (vec!["flight".to_owned(), "train".to_owned()], vec![]));
}

#[tokio::test]
async fn a_run_that_recovers_undoes_nothing() {
    let (desk, memory) = (full("hotel"), InProcess::default());
    let again = "# hotel\nreserve(\"hotel\")\nend";
    let agent = Agent::builder(ScriptedModel::new().reply(PLAN).reply(again))
        .tool(Reserve(desk.clone(), Effect::Once))
        .planner(PlanExecute::default().answer(Answer::Report(None)))
        .memory(memory.clone())
        .on_failure(OnFailure::Compensate)
        .build()
        .unwrap();
    // What the tool says can be mended is; a fatal failure would end the run.
    desk.with(|desk| desk.full.clear());
    let run = agent.run(TASK).await.unwrap();
    assert_eq!((desk.standing().len(), desk.undone().len()), (3, 0));
    assert!(!kinds(run.trace.entries()).contains(&"rollback_begun".to_owned()));
}

#[tokio::test]
async fn a_run_is_undone_on_request_once() {
    let (desk, memory) = (Desk::default(), InProcess::default());
    let agent = agent_of(&desk, Effect::Once, &memory, OnFailure::Keep);
    let run = agent.run(TASK).await.unwrap();
    assert_eq!(desk.standing(), ["flight", "hotel", "train"]);
    for _ in 0..2 {
        let rolled = agent.rollback(run.id, "changed my mind").await.unwrap();
        let Outcome::RolledBack(report) = &rolled.outcome else { panic!("{:?}", rolled.outcome) };
        assert_eq!((report.undone.len(), report.left.len()), (3, 0));
        assert_sound(rolled.trace.entries());
        assert_eq!((desk.standing(), desk.undone()), (vec![], ["hotel", "train", "flight"].map(str::to_owned).into()));
        let listed = memory.runs(&RunFilter::default()).await.unwrap();
        assert_eq!(listed[0].status, RunStatus::RolledBack);
        let replay = agent.replay(run.id).await.unwrap();
        assert_eq!(replay.divergence, None, "{replay}");
    }
    insta::assert_snapshot!(
        agent.rollback(RunId::new(), "no").await.unwrap_err().to_string().split_once(' ').unwrap().0,
        @"there"
    );
}

/// The desk as it may be when a journal ends like that: what is being undone is still there, or isn't.
fn desks(entries: &[Entry]) -> Vec<Desk> {
    let desk = |open_is_undone: bool| {
        let (mut keys, mut standing) = (BTreeMap::new(), BTreeMap::new());
        let (mut undone, mut open) = (Vec::new(), None);
        for entry in entries {
            match &entry.event {
                Event::ToolIntended { planned, key, .. } => {
                    let what = planned.args["what"].as_str().unwrap().to_owned();
                    keys.insert(planned.call, (key.as_str().to_owned(), what));
                }
                Event::ToolReturned { call, result: ToolResult::Output { .. }, .. } => {
                    standing.insert(*call, keys[call].clone());
                }
                Event::UndoIntended { call } => open = Some(*call),
                Event::UndoReturned { call, .. } => {
                    open = None;
                    undone.push(standing.remove(call).unwrap().1);
                }
                _ => {}
            }
        }
        if let Some(call) = open.filter(|_| open_is_undone) {
            undone.push(standing.remove(&call).unwrap().1);
        }
        let desk = Desk::default();
        desk.with(|inner| (inner.standing, inner.undone) = (standing.into_values().collect(), undone));
        desk
    };
    vec![desk(false), desk(true)]
}

#[tokio::test]
async fn a_rollback_survives_a_crash_at_any_event_and_undoes_nothing_twice() {
    for effect in [Effect::Once, Effect::Idempotent] {
        let (desk, memory) = (full("hotel"), InProcess::default());
        let failed = agent_of(&desk, effect, &memory, OnFailure::Compensate).run(TASK).await.unwrap_err();
        let (run, whole) = (*failed.trace().unwrap().run(), failed.trace().unwrap().entries().to_vec());
        let begun = kinds(&whole).iter().position(|kind| kind == "rollback_begun").unwrap();
        let mut survived = 0;
        for cut in begun + 1..whole.len() {
            for desk in desks(&whole[..cut]) {
                let memory = InProcess::default();
                memory.append(&run, 0, &whole[..cut]).await.unwrap();
                let agent = agent_of(&desk, effect, &memory, OnFailure::Compensate);
                let error = agent.resume(run).await.unwrap_err();
                assert_eq!((error.kind(), error.to_string()), (ErrorKind::Tool, failed.to_string()));
                let mut undone = desk.undone();
                undone.sort();
                assert_eq!((desk.standing(), undone), (vec![], vec!["flight".to_owned(), "train".to_owned()]), "{cut}");
                let entries = memory.read(&run, 0).await.unwrap();
                assert_sound(&entries);
                assert!(matches!(entries.last().unwrap().event, Event::Finished(End::Failed { .. })));
                let replay = agent.replay(run).await.unwrap();
                assert_eq!(replay.divergence, None, "{effect:?}, cut at {cut}: {replay}");
                survived += 1;
            }
        }
        assert_eq!(survived, 2 * (whole.len() - begun - 1));
    }
}

#[tokio::test]
async fn a_run_that_has_not_ended_is_ended_by_a_rollback() {
    // Cut where the train is intended, and was reserved, or not.
    let memory = InProcess::default();
    let run = agent_of(&Desk::default(), Effect::Once, &memory, OnFailure::Keep).run(TASK).await.unwrap();
    let intended =
        |entry: &Entry| matches!(&entry.event, Event::ToolIntended { planned, .. } if planned.call == CallId(2));
    let cut = run.trace.entries().iter().position(intended).unwrap() + 1;
    for reserved in [false, true] {
        let memory = InProcess::default();
        memory.append(&run.id, 0, &run.trace.entries()[..cut]).await.unwrap();
        let desk = desks(&run.trace.entries()[..cut]).remove(0);
        let Event::ToolIntended { key, .. } = &run.trace.entries()[cut - 1].event else { panic!() };
        if reserved {
            desk.with(|desk| desk.standing.insert(key.as_str().to_owned(), "train".to_owned()));
        }
        let agent = agent_of(&desk, Effect::Once, &memory, OnFailure::Keep);
        let rolled = agent.rollback(run.id, "enough").await.unwrap();
        let Outcome::RolledBack(report) = &rolled.outcome else { panic!("{:?}", rolled.outcome) };
        assert_eq!(report.undone.len(), 2);
        assert_eq!(desk.standing(), [""; 0]);
        let results: Vec<&UndoResult> = rolled
            .trace
            .entries()
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::UndoReturned { result, .. } => Some(result),
                _ => None,
            })
            .collect();
        let train = if reserved { &UndoResult::Undone } else { &UndoResult::NothingToUndo };
        assert_eq!(results, [train, &UndoResult::Undone]);
        assert_sound(rolled.trace.entries());
        let replay = agent.replay(run.id).await.unwrap();
        assert_eq!(replay.divergence, None, "{replay}");
        assert_eq!(agent.resume(run.id).await.unwrap_err().kind(), ErrorKind::Cancelled);
    }
}

#[tokio::test]
async fn what_can_not_be_undone_is_told_and_tried_again_on_request() {
    let (desk, memory) = (Desk::default(), InProcess::default());
    let agent = agent_of(&desk, Effect::Once, &memory, OnFailure::Keep);
    let run = agent.run(TASK).await.unwrap();
    desk.with(|desk| desk.stuck.insert("train".to_owned()));
    let rolled = agent.rollback(run.id, "no").await.unwrap();
    let Outcome::RolledBack(report) = &rolled.outcome else { panic!() };
    assert_eq!(report.left[0].1, "the train can't be cancelled today");
    assert_eq!(
        (desk.standing(), desk.undone()),
        (vec!["train".to_owned()], vec!["hotel".to_owned(), "flight".to_owned()])
    );

    let Outcome::RolledBack(report) = agent.rollback(run.id, "again").await.unwrap().outcome else { panic!() };
    assert_eq!((report.undone.len(), report.left.len(), desk.standing().len()), (3, 0, 0));
}

#[tokio::test]
async fn where_nobody_can_tell_a_person_says_whether_there_is_anything_to_undo() {
    for still_there in [false, true] {
        let (desk, memory) = (full("hotel"), InProcess::default());
        let failed = fails(&desk, &memory, OnFailure::Compensate).await;
        let (run, whole) = (*failed.trace().unwrap().run(), failed.trace().unwrap().entries().to_vec());
        let cut = kinds(&whole).iter().position(|kind| kind == "undo_intended").unwrap() + 1;
        let memory = InProcess::default();
        memory.append(&run, 0, &whole[..cut]).await.unwrap();
        let desk = desks(&whole[..cut]).remove(usize::from(!still_there));
        desk.with(|desk| desk.blind = true);

        let agent = agent_of(&desk, Effect::Once, &memory, OnFailure::Compensate);
        let waits = agent.resume(run).await.unwrap();
        let Outcome::Waiting(waiting) = &waits.outcome else { panic!("{:?}", waits.outcome) };
        assert_eq!((waiting.len(), waiting[0].reason), (1, WaitingFor::Resolution));
        assert_eq!(waiting[0].why.as_deref(), Some("`reserve` can't tell whether there is anything to undo"));
        let train = waiting[0].call.call;
        assert_eq!(desk.undone().last().unwrap(), "flight", "the others are undone meanwhile");
        let early = decide(&memory, run, train, Decision::Approve, "Ada").await.unwrap_err();
        assert_eq!(early.kind(), ErrorKind::Decision);

        let found = Resolution::Done { output: "train reserved".into() };
        let found = if still_there { found } else { Resolution::NotDone };
        resolve(&memory, run, train, found, "Ada").await.unwrap();
        assert_eq!(agent.resume(run).await.unwrap_err().kind(), ErrorKind::Tool);
        assert_eq!((desk.standing().len(), desk.undone().len()), (0, 2));
        let replay = agent.replay(run).await.unwrap();
        assert_eq!(replay.divergence, None, "{replay}");
    }
}
