//! Somebody else's agent, held to its recordings: the airline of tau-bench with its fourteen tools, and conversations
//! of another framework's agent, which this one's holds again, word for word.
//!
//! `cargo xtask airline --data DIR [--kill]`; the README beside this file says what DIR holds and where it comes from.

mod amount;
mod arithmetic;
mod compare;
mod crash;
mod desk;
mod folder;
mod given;
mod json;
mod recorded;
mod recording;
mod refusal;
mod replay;
mod tables;
mod tools;
mod world;

use std::{
    num::NonZero,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, atomic::AtomicU64},
    thread,
};

use cicerone::prelude::*;
use clap::Parser;
use futures::StreamExt as _;

use crate::{crash::Mortal, folder::Folder, recording::Recording, replay::Stage};

/// Holds recorded conversations again, and compares every answer of a tool and the data at the end.
#[derive(Parser)]
#[command(name = "airline")]
struct Options {
    /// The folder with users.json, reservations.json, flights.json, policy.md and runs.jsonl
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Also let the process die before and after every append to a journal, and go on in another one
    #[arg(long)]
    kill: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    match replay_all(&options.data, options.kill).await {
        Ok((passed, failed)) => {
            println!("{passed} passed, {failed} failed");
            if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

/// How many recordings came out as they are, and how many did not.
async fn replay_all(data: &Path, kill: bool) -> Result<(usize, usize), String> {
    let Folder { tables, policy, recordings } = Folder::read(data)?;
    let tools = tools::all().map_err(|error| error.to_string())?;
    let folder = tempfile::tempdir().map_err(|error| format!("no folder for the world can be made: {error}"))?;
    let memory = Sqlite::open(folder.path().join("journals.db")).map_err(|error| error.to_string())?;
    let stage = Arc::new(Stage { tables, policy, tools, folder: folder.path().to_owned(), worlds: AtomicU64::new(0) });

    let total = recordings.len();
    let replays = recordings.into_iter().map(|recording| {
        let (stage, memory) = (Arc::clone(&stage), memory.clone());
        tokio::spawn(async move {
            let replayed = replay(&stage, &recording, &memory, kill).await;
            (recording, replayed)
        })
    });
    let at_once = thread::available_parallelism().map_or(1, NonZero::get);
    let mut replays = futures::stream::iter(replays).buffered(at_once);
    let (mut passed, mut failed) = (0, 0);
    while let Some(replay) = replays.next().await {
        let (recording, replayed) = replay.map_err(|error| format!("a replay broke off: {error}"))?;
        let done = passed + failed + 1;
        match replayed {
            Ok(deaths) => {
                passed += 1;
                let survived = if kill { format!(", {deaths} deaths survived") } else { String::new() };
                let calls = recording.calls().count();
                eprintln!("{done:>4} of {total}  passed  {}: {calls} calls{survived}", recording.name);
            }
            Err(difference) => {
                failed += 1;
                eprintln!("{done:>4} of {total}  FAILED  {}: {difference}", recording.name);
            }
        }
    }
    Ok((passed, failed))
}

/// Holds one conversation again: undisturbed, and once for each way to die. Gives the number of those.
async fn replay(stage: &Stage, recording: &Recording, memory: &Sqlite, kill: bool) -> Result<usize, String> {
    let undisturbed = Mortal::new(memory.clone(), None);
    stage.play(recording, &undisturbed).await?;
    if !kill {
        return Ok(0);
    }
    let mut deaths = 0;
    for crash in replay::crashes(undisturbed.appends()) {
        let memory = Mortal::new(InProcess::default(), Some(crash));
        stage.play(recording, &memory).await.map_err(|difference| format!("killed {crash}: {difference}"))?;
        deaths += memory.deaths();
    }
    Ok(deaths)
}
