//! The `cicerone` command: models on this machine, and what runs have done.

mod args;
mod failure;
mod journal;
mod models;
mod output;
mod pick;
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
        Ok(()) | Err(Failure::ReaderLeft) => ExitCode::SUCCESS,
        Err(Failure::Told(message)) => {
            output::complain(&message);
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command, out: &mut Output) -> Result<(), Failure> {
    match command {
        Command::Models { command: ModelsCommand::List } => models::list(out)?,
        Command::Models { command: ModelsCommand::Pull { name, force } } => models::pull(&name, force, out).await?,
        Command::Models { command: ModelsCommand::Path { name } } => models::path(&name, out)?,
        Command::Runs { db, filter } => runs::list(&db, &filter, out).await?,
        Command::Show { run, db, json } => show::show(&run, &db, json, out).await?,
    }
    out.flush()
}
