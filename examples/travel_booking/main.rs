//! Books trips: a request in plain words, planned by a small local model, carried out by typed tools.
//!
//! ```text
//! cargo run --example travel_booking -- "Berlin to Lisbon on 3 December, back on the 7th, and a hotel for the nights"
//! ```
//!
//! It exits with 0 when the request was carried out, 1 when it failed, 2 for wrong usage, 3 when it ends with a
//! question, 4 when it waits for approval, 130 when it was interrupted.

mod agent;
mod approval;
mod options;
mod planner;
mod reading;
mod rules;
mod summary;
mod tools;
mod view;
mod world;

use std::{io::IsTerminal, process::ExitCode, time::Instant};

use cicerone::{
    agent::{LONGEST_REQUEST, Start},
    event::Event,
    machine::OnFailure,
    prelude::*,
};
use clap::Parser;
use futures::StreamExt;
use indicatif::MultiProgress;
use tokio::io::AsyncBufReadExt;
use tokio_util::sync::CancellationToken;

use crate::{
    agent::Settings,
    approval::Who,
    options::{Options, SAMPLE},
    tools::Desk,
    view::View,
    world::World,
};

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let cancel = interrupted();
    match serve(options, cancel.clone()).await {
        Ok(code) => code,
        Err(_) if cancel.is_cancelled() => {
            eprintln!("interrupted; nothing is left half done");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A token that Ctrl-C cancels; a second Ctrl-C does not wait.
fn interrupted() -> CancellationToken {
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if cancel.is_cancelled() {
                std::process::exit(130);
            }
            eprintln!("stopping; once more to leave at once");
            cancel.cancel();
        }
    });
    token
}

async fn serve(options: Options, cancel: CancellationToken) -> Result<ExitCode, Failure> {
    if options.request.as_deref().is_some_and(|request| request.trim().is_empty()) {
        eprintln!("error: the request is empty; say what you want, such as \"{SAMPLE}\"");
        return Ok(ExitCode::from(2));
    }
    // What can fail early does, before a model is loaded.
    let length = options.request.as_ref().map_or(0, String::len);
    if length > LONGEST_REQUEST {
        eprintln!("error: the request has {length} bytes; at most {LONGEST_REQUEST} are read: shorten it");
        return Ok(ExitCode::from(2));
    }
    let today = options.today.unwrap_or_else(|| jiff::Zoned::now().date());
    let world = World::open(&options.db, today)?;
    let journal = Sqlite::open(options.journal())?;
    let traveller = options.traveller.clone().unwrap_or_else(|| world::OWNER.to_owned());

    let begun = Instant::now();
    let model = tokio::select! {
        model = options.planner.named() => model?,
        () = cancel.cancelled() => return Err("interrupted while the model was loaded".into()),
    };
    let loaded = begun.elapsed().as_secs_f64();
    let info = model.info();
    eprintln!("{} of {} is there after {loaded:.1} s", info.name, info.provider);

    let bars = MultiProgress::new();
    let who = match (options.yes, std::io::stdin().is_terminal() && console::user_attended_stderr()) {
        (true, _) => Who::Nobody,
        (false, true) => Who::User,
        (false, false) => Who::Later,
    };
    let prices = World::open(&options.db, today)?;
    let settings = Settings { today, react: options.react, temperature: options.temperature };
    let approver = {
        let bars = bars.clone();
        move |call: PlannedCall| approval::decide(who, bars.clone(), approval::question(&call, &prices))
    };
    let on_failure = if options.all_or_nothing { OnFailure::Compensate } else { OnFailure::Keep };
    let agent = agent::build(model, Desk { world, traveller }, &settings)?;
    let agent = agent.memory(journal).approver(approver).on_failure(on_failure).build()?;
    let session = Session { agent, options, bars, cancel, loaded };
    if session.options.chat { session.chat().await } else { session.once().await }
}

/// One start of the program.
struct Session {
    agent: Agent,
    options: Options,
    bars: MultiProgress,
    cancel: CancellationToken,
    loaded: f64,
}

impl Session {
    async fn once(&self) -> Result<ExitCode, Failure> {
        if let Some(run) = self.options.resume {
            return self.follow(self.agent.resume(run)).await.map(|(code, _)| code);
        }
        if let Some(run) = self.options.rollback {
            return self.follow(self.agent.rollback(run, "the user asked for it")).await.map(|(code, _)| code);
        }
        let request = self.options.request.clone().unwrap_or_else(|| {
            eprintln!("no request was given; taking a sample: {SAMPLE}");
            SAMPLE.to_owned()
        });
        self.follow(self.agent.run(request)).await.map(|(code, _)| code)
    }

    /// One request after another. An answer to a question is read together with what it answers.
    async fn chat(&self) -> Result<ExitCode, Failure> {
        let mut pending = self.options.request.clone();
        let mut open = String::new();
        let mut lines = tokio::io::BufReader::new(tokio::io::stdin()).lines();
        // The prompt that all requests share is computed while the user types.
        let agent = self.agent.clone();
        let warming = tokio::spawn(async move { agent.warm_up().await });
        loop {
            let said = match pending.take() {
                Some(said) => said,
                None => {
                    eprint!("you> ");
                    let line = tokio::select! {
                        line = lines.next_line() => line?,
                        // Reading goes on in a thread that nothing can stop, so the process doesn't wait for it.
                        () = self.cancel.cancelled() => std::process::exit(130),
                    };
                    match line {
                        Some(line) if !line.trim().is_empty() => line,
                        _ => break,
                    }
                }
            };
            let request = if open.is_empty() { said } else { format!("{open} {said}") };
            let (code, questions) = self.follow(self.agent.run(request.clone())).await?;
            open = if questions { request } else { String::new() };
            if code == ExitCode::from(130) {
                return Ok(code);
            }
        }
        warming.abort();
        Ok(ExitCode::SUCCESS)
    }

    /// Shows a run to its end; whether it ended with a question.
    async fn follow(&self, start: Start) -> Result<(ExitCode, bool), Failure> {
        let mut view = View::new(self.bars.clone());
        let mut updates = start.cancel_on(self.cancel.clone()).stream();
        while let Some(update) = updates.next().await {
            view.show(&update, self.agent.kit());
        }
        let ended = updates.outcome().await;
        let (id, trace, status, answer, code, asks) = match &ended {
            Ok(run) => {
                let (status, answer, code, asks) = self.said(run);
                (run.id, run.trace.clone(), status, answer, code, asks)
            }
            Err(error) => {
                let Some(trace) = error.trace().cloned() else { return Err(error.to_string().into()) };
                let cancelled = error.kind() == ErrorKind::Cancelled;
                let (status, code) = if cancelled { ("cancelled", 130) } else { ("failed", 1) };
                (*trace.run(), trace, status, error.to_string(), ExitCode::from(code), false)
            }
        };
        if self.options.json {
            println!("{:#}", summary::json(id, status, &answer, &trace, self.loaded));
        } else if let Err(error) = &ended {
            eprintln!("error: {error}");
        } else {
            println!("{answer}");
            let itinerary = summary::Itinerary::of(&trace);
            if itinerary.parts.len() > 1 {
                println!("Together {} EUR.", itinerary.total);
            }
        }
        if trace.entries().iter().any(|entry| matches!(entry.event, Event::ToolIntended { .. })) {
            eprintln!("every step: cargo xtask cicerone show {id} --db {}", self.options.journal().display());
        }
        Ok((code, asks))
    }

    /// The status, the answer, the exit code, and whether the user is asked something.
    fn said(&self, run: &Run) -> (&'static str, String, ExitCode, bool) {
        match &run.outcome {
            Outcome::Completed(answer) => ("completed", answer.clone(), ExitCode::SUCCESS, false),
            Outcome::NeedsInput(questions) => ("needs_input", questions.join("\n"), ExitCode::from(3), true),
            Outcome::RolledBack(rollback) => {
                let left = rollback.left.iter().map(|(call, why)| format!("Still booked: {}: {why}", call.tool));
                let undone = format!("{} bookings were released.", rollback.undone.len());
                let answer = std::iter::once(undone).chain(left).collect::<Vec<_>>().join("\n");
                ("rolled_back", answer, ExitCode::from(u8::from(!rollback.left.is_empty())), false)
            }
            _ => {
                let db = self.options.db.display();
                let go_on = format!(
                    "Nothing more is booked without approval. To approve and go on:\n\
                     cargo run --example travel_booking -- --db {db} --resume {} --yes",
                    run.id
                );
                ("needs_approval", go_on, ExitCode::from(4), false)
            }
        }
    }
}
