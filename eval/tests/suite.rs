//! Suites with a scripted model: what is run, graded, counted and shown.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail, and so may the domain that it tries"
)]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use cicerone_core::{
    Agent, Error, ErrorKind,
    agent::{Outcome, Run},
    model::{ModelError, ModelErrorKind},
    policy::ReAct,
    scripted::{Reply, ScriptedModel},
    tool::{Effect, FunctionTool, Tool, ToolError},
};
use cicerone_eval::{Case, Cases, Domain, Grade, Metered, Results, SetupError, Status, Suite, compare};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pantry that an agent fills. What a case expects is what is in it afterwards.
#[derive(Default)]
struct Pantry {
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    pantry: Vec<String>,
    /// What the model says.
    plan: String,
    #[serde(default)]
    fault: Option<Fault>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fault {
    Setup,
    SetupPanics,
    GraderPanics,
    Slow,
    ModelFails,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Item {
    item: String,
}

impl Pantry {
    /// A tool that puts things on a shelf and notes how many do at once.
    fn put(&self, shelf: Arc<Mutex<Vec<String>>>) -> impl Tool {
        let (running, most) = (Arc::clone(&self.running), Arc::clone(&self.most));
        let put = FunctionTool::new("put", "Put an item into the pantry.", move |Item { item }| {
            let (shelf, running, most) = (Arc::clone(&shelf), Arc::clone(&running), Arc::clone(&most));
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                running.fetch_sub(1, Ordering::SeqCst);
                shelf.lock().unwrap().push(item);
                Ok::<_, ToolError>("there".to_owned())
            }
        });
        put.effect(Effect::Read)
    }
}

impl Domain for Pantry {
    type Expect = Expect;
    type World = Arc<Mutex<Vec<String>>>;

    async fn set_up(&self, case: &Case<Expect>) -> Result<(Self::World, Agent), SetupError> {
        match case.expect.fault {
            Some(Fault::Setup) => return Err("the shelf is broken".into()),
            Some(Fault::SetupPanics) => panic!("no shelf at all"),
            _ => {}
        }
        let model = ScriptedModel::new();
        let model = match case.expect.fault {
            Some(Fault::Slow) => model.then(Reply::text("end").after(Duration::from_secs(3_600))),
            Some(Fault::ModelFails) => {
                model.then(Reply::error(ModelError::new(ModelErrorKind::Load, "the file is broken")))
            }
            _ => model.reply(case.expect.plan.as_str()).reply("Done."),
        };
        let world = Self::World::default();
        let agent = Agent::builder(model).tool(self.put(Arc::clone(&world))).build()?;
        Ok((world, agent))
    }

    fn grade(&self, case: &Case<Expect>, world: &Self::World, ended: &Result<Run, Error>) -> Grade {
        assert!(case.expect.fault != Some(Fault::GraderPanics), "no glasses");
        let mut why = Vec::new();
        let mut violations = Vec::new();
        match ended {
            Ok(run) if !matches!(run.outcome, Outcome::Completed(_)) => why.push("it did not end".to_owned()),
            Ok(_) => {}
            Err(error) => why.push(format!("it failed: {error}")),
        }
        let there = world.lock().unwrap().clone();
        if there != case.expect.pantry {
            why.push(format!("in the pantry is {there:?}, not {:?}", case.expect.pantry));
            if there.len() > case.expect.pantry.len() {
                violations.push(format!("forbidden write: {there:?}"));
            }
        }
        Grade::new(why).violations(violations)
    }
}

const OPEN: &str = r##"
[[case]]
name = "some rice"
kind = "one item"
request = "Put rice into the pantry"
[case.expect]
pantry = ["rice"]
plan = "# Put rice\nput(\"rice\")\nend"

[[case]]
name = "the wrong item"
kind = "one item"
request = "Put salt\u001b[2J into the pantry, but no pepper"
[case.expect]
pantry = ["salt"]
plan = "# Put salt\nput(\"pepper\")\nend"

[[case]]
name = "nothing to do"
kind = "no item"
request = "Leave the rice alone"
[case.expect]
pantry = []
plan = "# Leave the rice alone\nput(\"rice\")\nend"

[[case]]
name = "a broken shelf"
kind = "faults"
hard = true
request = "Put rice into the pantry"
[case.expect]
pantry = ["rice"]
plan = ""
fault = "setup"

[[case]]
name = "no shelf"
kind = "faults"
hard = true
request = "Put rice into the pantry"
[case.expect]
pantry = ["rice"]
plan = ""
fault = "setup_panics"

[[case]]
name = "no glasses"
kind = "faults"
hard = true
request = "Put rice into the pantry"
[case.expect]
pantry = ["rice"]
plan = "# Put rice\nput(\"rice\")\nend"
fault = "grader_panics"

[[case]]
name = "an hour to think"
kind = "faults"
hard = true
request = "Put rice into the pantry"
[case.expect]
pantry = []
plan = ""
fault = "slow"

[[case]]
name = "a broken model"
kind = "faults"
hard = true
request = "Put rice into the pantry"
[case.expect]
pantry = []
plan = ""
fault = "model_fails"
"##;

const HELD_OUT: &str = r##"
[[case]]
name = "secret oats"
kind = "one item"
request = "Put oats into the pantry"
[case.expect]
pantry = ["oats"]
plan = "# Put oats\nput(\"oats\")\nend"

[[case]]
name = "secret beans"
kind = "no item"
request = "Leave the beans alone"
[case.expect]
pantry = []
plan = "# Leave the beans alone\nput(\"beans\")\nend"
"##;

fn suite() -> Suite<Pantry> {
    let folder = tempfile::tempdir().unwrap();
    let held_out = folder.path().join("held_out.toml");
    std::fs::write(&held_out, HELD_OUT).unwrap();
    let cases = Cases::new().text("open.toml", OPEN).unwrap().held_out_file(held_out).unwrap();
    Suite::new("pantry", Pantry::default(), cases).timeout(Duration::from_millis(500))
}

/// The same results on every machine.
fn at_rest(mut results: Results) -> Results {
    results.started = "2026-11-23T10:00:00Z".parse().unwrap();
    results.seconds = 12.5;
    for (at, case) in results.cases.iter_mut().enumerate() {
        if case.status != Status::NotRun {
            case.seconds = 1.5 + at as f64;
        }
    }
    results
}

#[tokio::test]
async fn every_case_has_a_result_and_a_table_shows_them() {
    let results = at_rest(suite().run(|_| {}).await);
    insta::assert_snapshot!("table", results);
    insta::assert_snapshot!("markdown", results.to_markdown());
    let junit = results.to_junit().unwrap();
    insta::assert_snapshot!("junit", junit);

    let json = results.to_json().unwrap();
    assert_eq!(Results::from_json(&json).unwrap(), results);
    for (text, what) in [(results.to_string(), "table"), (json, "JSON"), (junit, "JUnit")] {
        for hidden in ["secret", "oats", "beans"] {
            assert!(!text.contains(hidden), "the {what} shows {hidden:?} of a case that is held out");
        }
    }
    let wrong = results.cases.iter().find(|case| case.name == "the wrong item").unwrap();
    assert!(wrong.trace.as_ref().unwrap().contains("put(item: \"pepper\")"), "{wrong:?}");
}

#[tokio::test]
async fn so_many_cases_run_at_once_and_keep_their_order() {
    for (concurrency, expected) in [(1, 1), (2, 2)] {
        let suite = suite().concurrency(concurrency).filter(|case| !case.hard);
        let pantry = Pantry::default();
        let most = Arc::clone(&pantry.most);
        let again = Cases::new().text("open.toml", OPEN).unwrap();
        let parallel = Suite::new("pantry", pantry, again).filter(|case| !case.hard).concurrency(concurrency);

        let mut ended = Vec::new();
        let results = parallel.run(|progress| ended.push((progress.done, progress.of))).await;
        assert_eq!(ended, [(1, 3), (2, 3), (3, 3)]);
        let names: Vec<_> = results.cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names, ["some rice", "the wrong item", "nothing to do"]);
        assert_eq!(most.load(Ordering::SeqCst), expected);
        assert_eq!(suite.cases().len(), 5);
    }
}

#[tokio::test]
async fn what_changed_between_two_results_is_named() {
    let before = at_rest(suite().run(|_| {}).await);
    let mut after = before.clone();
    after.model = "another".to_owned();
    for case in &mut after.cases {
        case.seconds *= 2.0;
        match case.name.as_str() {
            "some rice" => case.passed = false,
            "the wrong item" | "held-out 2" => case.passed = true,
            "no glasses" => case.name = "glasses".to_owned(),
            _ => {}
        }
    }
    let compared = compare(&before, &after);
    assert_eq!(compared.broken, ["some rice"]);
    assert_eq!(compared.mended, ["the wrong item", "held-out 2"]);
    assert_eq!(
        (compared.gone.as_slice(), compared.new.as_slice()),
        (&["no glasses".into()][..], &["glasses".into()][..])
    );
    insta::assert_snapshot!("comparison", compared);
    let same = compare(&before, &before).to_string();
    assert!(same.ends_with("Each case in both has the same result.\n"), "{same}");
}

/// Asks one model in all cases, as a real domain does.
struct Shared(Metered);

impl Domain for Shared {
    type Expect = bool;
    type World = ();

    async fn set_up(&self, case: &Case<bool>) -> Result<((), Agent), SetupError> {
        if case.expect {
            Ok(((), Agent::builder(self.0.clone()).planner(ReAct::default()).build()?))
        } else {
            Err("not this one".into())
        }
    }

    fn grade(&self, _: &Case<bool>, (): &(), ended: &Result<Run, Error>) -> Grade {
        Grade::new(ended.as_ref().err().map(ToString::to_string).into_iter().collect())
    }
}

#[tokio::test]
async fn the_shared_prompt_is_counted_apart() {
    let model = Metered::new(ScriptedModel::new().reply("warm").reply("Hello."));
    let cases = [Case::new("broken", "k", "Hello", false), Case::new("whole", "k", "Hello", true)];
    let mut suite = Suite::new("shared", Shared(model.clone()), cases);
    let warm_up = suite.warm_up(&model).await.unwrap();
    assert_eq!(warm_up.prompt_tokens, model.spent().prompt_tokens);
    assert!(warm_up.prompt_tokens > 0);

    let results = suite.run(|_| {}).await;
    assert_eq!(results.warm_up, Some(warm_up));
    let counted: u64 = results.cases.iter().map(|case| case.prompt_tokens).sum();
    assert_eq!(counted, model.spent().prompt_tokens - warm_up.prompt_tokens);
    assert_eq!(results.violations().len(), 0);
    assert!(results.to_string().contains("The shared prompt, computed once before the cases"), "{results}");
}

#[tokio::test]
async fn a_suite_that_can_not_be_warmed_up_says_why() {
    let model = Metered::new(ScriptedModel::new());
    let mut none = Suite::new("none", Shared(model.clone()), []);
    let error = none.warm_up(&model).await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().contains("there is no case")), (ErrorKind::Configuration, true));
    let mut broken = Suite::new("broken", Shared(model.clone()), [Case::new("broken", "k", "Hello", false)]);
    let error = broken.warm_up(&model).await.unwrap_err();
    assert!(error.to_string().contains("not this one"), "{error}");
}
