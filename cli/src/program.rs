//! `cicerone resume` and `cicerone rollback`: the program that knows a run's tools goes on with it.

use std::process::{Command, ExitCode};

use cicerone::{event::Event, memory::Memory};

use crate::{args::Db, failure::Failure, journal, pick};

/// Starts a program with `option`, such as `--resume`, and the run's name behind its arguments, and gives its exit code.
pub(crate) async fn start(wanted: &str, db: &Db, option: &str, program: &[String]) -> Result<ExitCode, Failure> {
    let memory = journal::open(db).await?;
    let runs = memory.runs(&Default::default()).await?;
    let run = pick::pick(wanted, &runs, db)?.run;
    let Some((name, arguments)) = program.split_first() else {
        let entries = memory.read(&run, 0).await?;
        let tools = entries.first().and_then(|entry| match &entry.event {
            Event::RunStarted(started) => Some(started.tools.join(", ")),
            _ => None,
        });
        let tools = tools.filter(|tools| !tools.is_empty()).unwrap_or_else(|| "none".to_owned());
        let word = option.trim_start_matches('-');
        return Err(format!(
            "the tools of run {run} ({tools}) are its program's: name it, as in `cicerone {word} {run} -- PROGRAM`, and it \
             is started with `{option} {run}` behind its arguments"
        )
        .into());
    };
    drop(memory);
    let status = Command::new(name).args(arguments).arg(option).arg(run.to_string()).status();
    let status = status.map_err(|error| format!("`{name}` can't be started: {error}"))?;
    Ok(u8::try_from(status.code().unwrap_or(1)).map_or(ExitCode::FAILURE, ExitCode::from))
}
