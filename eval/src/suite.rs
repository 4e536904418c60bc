//! Running cases.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use cicerone_core::{
    Agent, Error, ErrorKind,
    agent::{Outcome, Run},
    event::{Event, RunStarted},
    trace::Trace,
};
use futures::{FutureExt, StreamExt, stream};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::{
    case::Case,
    domain::{Domain, Grade},
    meter::Metered,
    results::{CaseResult, Results, Status, WarmUp, violation_name},
};

/// How long a case may take unless said otherwise: a small model on a small machine needs minutes for a long one.
const TIMEOUT: Duration = Duration::from_secs(600);

/// Cases and the domain that they are about, ready to be run.
#[derive(Debug)]
pub struct Suite<D: Domain> {
    name: String,
    domain: D,
    cases: Vec<Case<D::Expect>>,
    concurrency: usize,
    timeout: Duration,
    warm_up: Option<WarmUp>,
}

/// A case that has ended, while others go on.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Progress<'r> {
    /// How many cases have ended.
    pub done: usize,
    /// How many there are.
    pub of: usize,
    /// What came of the one that has ended now.
    pub result: &'r CaseResult,
}

impl<D: Domain> Suite<D> {
    /// A suite of these cases: one after another, ten minutes each at most.
    #[must_use]
    pub fn new(name: impl Into<String>, domain: D, cases: impl IntoIterator<Item = Case<D::Expect>>) -> Self {
        let cases = cases.into_iter().collect();
        Self { name: name.into(), domain, cases, concurrency: 1, timeout: TIMEOUT, warm_up: None }
    }

    /// Runs so many cases at once. What they take is measured while they share the machine.
    #[must_use]
    pub fn concurrency(mut self, cases: usize) -> Self {
        self.concurrency = cases.max(1);
        self
    }

    /// Ends a case after this time; it has failed then.
    #[must_use]
    pub fn timeout(mut self, most: Duration) -> Self {
        self.timeout = most;
        self
    }

    /// Keeps only these cases.
    #[must_use]
    pub fn filter(mut self, keep: impl Fn(&Case<D::Expect>) -> bool) -> Self {
        self.cases.retain(keep);
        self
    }

    /// The cases, in order.
    #[must_use]
    pub fn cases(&self) -> &[Case<D::Expect>] {
        &self.cases
    }

    /// Has the prompt that all cases share computed now, so that it doesn't count as the first case's. Results show
    /// what it took.
    ///
    /// `model` is the one that the domain's agents ask.
    ///
    /// # Errors
    /// If no case can be set up, or as a request to the model.
    pub async fn warm_up(&mut self, model: &Metered) -> Result<WarmUp, Error> {
        let nothing = "there is no case to warm the model up with";
        let mut agent = Err(Error::new(ErrorKind::Configuration, nothing).with_hint("choose some cases"));
        // The world of a case is kept until its agent is done with it.
        let mut worlds = Vec::new();
        for case in &self.cases {
            match self.set_up(case).await {
                Ok((world, ready)) => {
                    worlds.push(world);
                    agent = Ok(ready);
                    break;
                }
                Err(why) => agent = Err(Error::new(ErrorKind::Configuration, format!("no case is ready: {why}"))),
            }
        }
        let before = model.spent();
        let begun = Instant::now();
        agent?.warm_up().await?;
        let spent = model.spent();
        let warm_up = WarmUp {
            seconds: seconds_since(begun),
            prompt_tokens: spent.prompt_tokens - before.prompt_tokens,
            computed_tokens: spent.computed_prompt_tokens - before.computed_prompt_tokens,
        };
        self.warm_up = Some(warm_up);
        Ok(warm_up)
    }

    /// Runs all cases, and calls `progress` as each ends.
    pub async fn run(&self, mut progress: impl FnMut(Progress<'_>)) -> Results {
        let (started, begun, of) = (Timestamp::now(), Instant::now(), self.cases.len());
        let mut running = stream::iter(self.cases.iter().enumerate())
            .map(|(at, case)| async move { (at, self.attempt(case).await) })
            .buffer_unordered(self.concurrency);
        let mut ended = Vec::with_capacity(of);
        let mut with: Option<RunStarted> = None;
        while let Some((at, attempt)) = running.next().await {
            progress(Progress { done: ended.len() + 1, of, result: &attempt.result });
            with = with.or(attempt.started);
            ended.push((at, attempt.result));
        }
        ended.sort_by_key(|(at, _)| *at);
        let unknown = || "unknown".to_owned();
        let (model, provider, policy) = with.map_or_else(
            || (unknown(), unknown(), unknown()),
            |with| (with.model.name, with.model.provider, with.policy),
        );
        Results {
            suite: self.name.clone(),
            model,
            provider,
            policy,
            started,
            warm_up: self.warm_up,
            seconds: seconds_since(begun),
            cases: ended.into_iter().map(|(_, result)| result).collect(),
        }
    }

    async fn attempt(&self, case: &Case<D::Expect>) -> Attempt {
        let (world, agent) = match self.set_up(case).await {
            Ok(ready) => ready,
            Err(why) => return Attempt::not_run(case, why),
        };
        let begun = Instant::now();
        let (ended, late) = self.request(case, &agent).await;
        let seconds = seconds_since(begun);
        let graded = catch_unwind(AssertUnwindSafe(|| self.domain.grade(case, &world, &ended)));
        let mut grade =
            graded.unwrap_or_else(|panic| Grade::failed(format!("the grader panicked: {}", words(&*panic))));
        if late {
            grade.why.insert(0, format!("it was stopped after {:?}", self.timeout));
        }
        Attempt::ended(case, &ended, grade, seconds)
    }

    async fn set_up(&self, case: &Case<D::Expect>) -> Result<(D::World, Agent), String> {
        // The call is inside, since it may panic before there is a future.
        let set_up = AssertUnwindSafe(async { self.domain.set_up(case).await }).catch_unwind();
        match tokio::time::timeout(self.timeout, set_up).await {
            Ok(Ok(Ok(ready))) => Ok(ready),
            Ok(Ok(Err(error))) => Err(format!("it could not be set up: {error}")),
            Ok(Err(panic)) => Err(format!("its setup panicked: {}", words(&*panic))),
            Err(_) => Err(format!("its setup took longer than {:?}", self.timeout)),
        }
    }

    /// What came of the request, and whether it was stopped because it took too long.
    async fn request(&self, case: &Case<D::Expect>, agent: &Agent) -> (Result<Run, Error>, bool) {
        let stop = CancellationToken::new();
        let start = agent.run(case.request.clone()).cancel_on(stop.clone());
        let run = AssertUnwindSafe(start.into_future()).catch_unwind();
        let mut run = std::pin::pin!(run);
        let (ended, late) = tokio::select! {
            ended = &mut run => (ended, false),
            () = tokio::time::sleep(self.timeout) => {
                // Not dropped: a run that is cancelled still tells what it did.
                stop.cancel();
                (run.await, true)
            }
        };
        let ended = ended
            .unwrap_or_else(|panic| Err(Error::new(ErrorKind::Model, format!("the run panicked: {}", words(&*panic)))));
        (ended, late)
    }
}

struct Attempt {
    result: CaseResult,
    started: Option<RunStarted>,
}

impl Attempt {
    fn not_run<E>(case: &Case<E>, why: String) -> Self {
        let mut result = blank(case);
        if case.alias.is_none() {
            result.why.push(why);
        }
        Self { result, started: None }
    }

    fn ended<E>(case: &Case<E>, ended: &Result<Run, Error>, grade: Grade, seconds: f64) -> Self {
        let mut result = blank(case);
        result.passed = grade.why.is_empty();
        result.status = status(ended);
        result.seconds = seconds;
        let trace = match ended {
            Ok(run) => Some(&run.trace),
            Err(error) => error.trace(),
        };
        let mut started = None;
        if let Some(trace) = trace {
            let usage = trace.usage();
            result.prompt_tokens = usage.prompt_tokens;
            result.computed_tokens = usage.computed_prompt_tokens;
            result.output_tokens = usage.output_tokens;
            result.model_calls = count(trace, |event| matches!(event, Event::ModelAsked { .. }));
            result.rejected = count(trace, |event| matches!(event, Event::AnswerRejected { valid: false, .. }));
            if let Some(Event::RunStarted(first)) = trace.entries().first().map(|entry| &entry.event) {
                started = Some(RunStarted::clone(first));
            }
        }
        if case.alias.is_some() {
            let names = grade.violations.iter().map(|violation| violation_name(violation).to_owned());
            result.violations = names.collect();
        } else {
            if !result.passed {
                result.trace = trace.map(ToString::to_string);
            }
            result.violations = grade.violations;
            result.why = grade.why;
        }
        Self { result, started }
    }
}

/// A case that was not run. The name, the request and the reasons of one that is held out get no further than here.
fn blank<E>(case: &Case<E>) -> CaseResult {
    let held_out = case.alias.is_some();
    CaseResult {
        name: case.shown_name().to_owned(),
        kind: case.kind.clone(),
        hard: case.hard,
        held_out,
        request: (!held_out).then(|| case.request.clone()),
        passed: false,
        why: Vec::new(),
        violations: Vec::new(),
        status: Status::NotRun,
        model_calls: 0,
        rejected: 0,
        prompt_tokens: 0,
        computed_tokens: 0,
        output_tokens: 0,
        seconds: 0.0,
        trace: None,
    }
}

fn status(ended: &Result<Run, Error>) -> Status {
    match ended.as_ref().map(|run| &run.outcome) {
        Ok(Outcome::Completed(_)) => Status::Completed,
        Ok(Outcome::NeedsInput(_)) => Status::NeedsInput,
        Ok(Outcome::Waiting(_)) => Status::Waiting,
        Ok(_) | Err(_) => Status::Failed,
    }
}

fn count(trace: &Trace, which: fn(&Event) -> bool) -> u32 {
    let count = trace.entries().iter().filter(|entry| which(&entry.event)).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Seconds to the millisecond.
fn seconds_since(begun: Instant) -> f64 {
    begun.elapsed().as_millis() as f64 / 1000.0
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without words")
}
