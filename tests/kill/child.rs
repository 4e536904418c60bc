//! What a child does: it begins the run, or goes on with it, as any program would.

use cicerone::{
    agent::waiting,
    event::{Entry, Event},
    machine::OnFailure,
    model::{DeltaSink, ModelError, ModelErrorKind, ModelInfo, Request, Response},
    prelude::*,
};

use crate::{
    agent::{self, Settings},
    desk::Desk,
    journey::{Person, TODAY},
    memory::Watched,
    watch::{self, Ending, Orders, Report, Said},
    world::{OWNER, World},
};

/// Does what the orders say, and says what came of it.
pub(crate) fn work(orders: &Orders) {
    // One thread, so that all of the process stops where a place is reached.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ending = runtime.block_on(run(orders)).unwrap_or_else(|error| Ending::Failed(error.kind(), error.to_string()));
    // What is still open is closed before the process says that it is done.
    drop(runtime);
    let (appends, tools) = watch::counted();
    watch::say(&Said::Done(Report { ending, appends, tools }));
}

async fn run(orders: &Orders) -> Result<Ending, Error> {
    let refuse = |error: cicerone::memory::MemoryError| Error::new(ErrorKind::Memory, error.to_string());
    let memory = Watched::open(orders).await.map_err(refuse)?;
    let world = World::open(orders.folder.join("travel.db"), TODAY).unwrap();
    let model = Script { replies: orders.journey.replies(&world), memory: memory.clone() };
    let desk = Desk { world, traveller: OWNER.to_owned() };
    let settings = Settings { today: TODAY, react: orders.journey.decides(), temperature: 0.0 };
    let agent = agent::build(model, desk, &settings)?.memory(memory.clone());
    let agent = match orders.journey.person(orders.sitting) {
        Person::Always => agent.approver(|_: PlannedCall| async { Verdict::Approve }),
        // Without an approver nobody can say now.
        Person::Away | Person::Once => agent,
    };
    let agent = agent.on_failure(OnFailure::Compensate).build()?;

    // A process that was killed before the journal had its first line has left nothing to go on with.
    let journal = match orders.run {
        Some(run) => memory.read(&run, 0).await.map_err(refuse)?,
        None => Vec::new(),
    };
    let run = match orders.run.filter(|_| !journal.is_empty()) {
        None => agent.run(orders.journey.request()).await?,
        Some(run) if orders.journey.regrets(orders.sitting) => {
            // Who was killed behind the last line has nothing left to do.
            if let Some(ending) = journal.iter().find_map(undone) {
                return Ok(ending);
            }
            agent.rollback(run, "the trip is off").await?
        }
        Some(run) => {
            let visit = orders.journey.person(orders.sitting) == Person::Once;
            // What they said before the last process was killed may be in the journal already.
            match waiting(&journal).first().filter(|_| visit) {
                Some(open) => agent.resume(run).approve(open.call.call).by("Ada Winter").await?,
                None => agent.resume(run).await?,
            }
        }
    };
    Ok(match run.outcome {
        Outcome::Completed(answer) => Ending::Completed(answer),
        Outcome::NeedsInput(questions) => Ending::NeedsInput(questions),
        Outcome::RolledBack(report) => Ending::RolledBack(report.undone.len(), report.left.len()),
        Outcome::Waiting(calls) => Ending::Waiting(calls[0].call.call.0),
        other => panic!("an outcome that nobody expects: {other:?}"),
    })
}

/// A model that says what comes next in its script, whichever process asks it: the journal knows how far it is.
struct Script {
    replies: Vec<Response>,
    memory: Watched,
}

impl Model for Script {
    fn info(&self) -> ModelInfo {
        ModelInfo::new("scripted", "script")
    }

    async fn respond(&self, _: &Request, _: &mut DeltaSink<'_>) -> Result<Response, ModelError> {
        let journal = self.memory.journal().await;
        let journal = journal.map_err(|error| ModelError::new(ModelErrorKind::Unavailable, error.to_string()))?;
        let answered = journal.iter().filter(|entry| is_answer(entry)).count();
        watch::note(&format!("model {answered}"));
        let beyond = || ModelError::new(ModelErrorKind::Drift, format!("the script has no reply {answered}"));
        self.replies.get(answered).cloned().ok_or_else(beyond)
    }
}

/// Whether an entry is an answer of the model.
pub(crate) fn is_answer(entry: &Entry) -> bool {
    matches!(entry.event, Event::ModelAnswered { .. })
}

/// What was undone, if an entry says so.
fn undone(entry: &Entry) -> Option<Ending> {
    match &entry.event {
        Event::RolledBack { undone, left } => Some(Ending::RolledBack(undone.len(), left.len())),
        _ => None,
    }
}
