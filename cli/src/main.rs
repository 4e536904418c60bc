//! The `cicerone` command: models on this machine, and what runs have done.

mod args;
mod decide;
mod diff;
mod export;
mod failure;
mod follow;
mod fork;
mod journal;
mod models;
mod output;
mod pick;
mod program;
mod runs;
mod show;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{
    args::{Args, Command, ModelsCommand},
    failure::Failure,
    output::Output,
};

// Bad usage never gets this far: clap explains it and exits with 2.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args = Args::parse();
    match run(args.command, &mut Output::stdout()).await {
        Ok(code) => code,
        Err(Failure::ReaderLeft) => ExitCode::SUCCESS,
        Err(Failure::Told(message)) => {
            output::complain(&message);
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command, out: &mut Output) -> Result<ExitCode, Failure> {
    match command {
        Command::Models { command: ModelsCommand::List } => models::list(out)?,
        Command::Models { command: ModelsCommand::Pull { name, force } } => models::pull(&name, force, out).await?,
        Command::Models { command: ModelsCommand::Path { name } } => models::path(&name, out)?,
        Command::Runs { db, filter } => runs::list(&db, &filter, out).await?,
        Command::Show { run, db, json } => show::show(&run, &db, json, out).await?,
        Command::Follow { run, db, json } => follow::follow(&run, &db, json, out).await?,
        Command::Replay { run, db, speed, json } => follow::replay(&run, &db, speed, json, out).await?,
        Command::Approve { which, db, args, output } => decide::approve(&which, &db, args, output, out).await?,
        Command::Deny { which, db, reason } => decide::deny(&which, &db, reason, out).await?,
        Command::Resolve { which, db, done, .. } => decide::resolve(&which, &db, done, out).await?,
        Command::Resume { run, db, program } => return program::start(&run, &db, "--resume", &program).await,
        Command::Rollback { run, db, program } => return program::start(&run, &db, "--rollback", &program).await,
        Command::Fork { run, db, at, answer, outputs, json } => {
            fork::fork(&run, &db, at, fork::change(answer, outputs), json, out).await?;
        }
        Command::Diff { left, right, db, json } => {
            let same = diff::diff(&left, &right, &db, json, out).await?;
            out.flush()?;
            return Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Export { run, db, to } => export::export(&run, &db, to.as_deref(), out).await?,
        Command::Import { file, db } => export::import(&file, &db, out).await?,
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
