//! `cicerone export` and `cicerone import`.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::Path,
};

use cicerone::{
    export::{read_journal, write_journal},
    memory::Memory,
    trace::Trace,
};

use crate::{args::Db, failure::Failure, journal, output::Output, pick};

/// Writes a run's journal as JSON Lines, to a file or to standard output.
pub(crate) async fn export(wanted: &str, db: &Db, to: Option<&Path>, out: &mut Output) -> Result<(), Failure> {
    let memory = journal::open(db).await?;
    let runs = memory.runs(&Default::default()).await?;
    let run = pick::pick(wanted, &runs, db)?.run;
    let trace = Trace::new(run, memory.read(&run, 0).await?);
    let Some(path) = to else {
        let mut text = Vec::new();
        write_journal(&trace, &mut text)?;
        return String::from_utf8_lossy(&text).lines().try_for_each(|line| out.line(line));
    };
    let failed = |error: std::io::Error| Failure::Told(format!("can't write `{}`: {error}", path.display()));
    // Under another name until it is whole, so that a file of this name is never half a journal.
    let unfinished = path.with_extension("partial");
    let mut file = BufWriter::new(File::create(&unfinished).map_err(failed)?);
    write_journal(&trace, &mut file)?;
    file.flush().map_err(failed)?;
    std::fs::rename(&unfinished, path).map_err(failed)?;
    out.line(format!("{} events of run {run} in {}", trace.entries().len(), path.display()))
}

/// Keeps a journal that [`export`] wrote.
pub(crate) async fn import(path: &Path, db: &Db, out: &mut Output) -> Result<(), Failure> {
    let file = File::open(path).map_err(|error| format!("can't read `{}`: {error}", path.display()))?;
    let journal = read_journal(&path.display().to_string(), BufReader::new(file))?;
    let run = journal.keep_in(&journal::open_or_create(db).await?).await?;
    out.line(format!("run {run}, {} events", journal.trace().entries().len()))
}
