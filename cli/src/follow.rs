//! `cicerone follow` and `cicerone replay`: a run's steps as they come, or came.

use std::time::Duration;

use cicerone::{RunId, event::Entry, memory::Memory, trace::Trace};
use console::style;

use crate::{
    args::Db,
    failure::Failure,
    journal,
    output::{Output, harmless},
    pick,
};

/// How often a journal is looked at for something new.
const LOOK: Duration = Duration::from_millis(200);

/// The longest pause between two steps of a replay.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Prints what a run does until it ends or waits for a person.
pub(crate) async fn follow(wanted: &str, db: &Db, json: bool, out: &mut Output) -> Result<(), Failure> {
    let memory = journal::open(db).await?;
    let runs = memory.runs(&Default::default()).await?;
    let run = pick::pick(wanted, &runs, db)?.run;
    let mut printer = Printer::new(run, json);
    loop {
        let entries = memory.read(&run, printer.entries.len() as u64).await?;
        if !entries.is_empty() {
            printer.print(entries, out)?;
            out.flush()?;
        }
        let waits = !cicerone::agent::waiting(&printer.entries).is_empty();
        if printer.ended() || waits {
            return if waits { crate::decide::list(&run, &printer.entries, json, out) } else { Ok(()) };
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Prints a run's steps as fast as they came, times `speed`; all at once if it is zero.
pub(crate) async fn replay(wanted: &str, db: &Db, speed: f64, json: bool, out: &mut Output) -> Result<(), Failure> {
    let memory = journal::open(db).await?;
    let runs = memory.runs(&Default::default()).await?;
    let run = pick::pick(wanted, &runs, db)?.run;
    let mut printer = Printer::new(run, json);
    let mut before = None;
    for entry in memory.read(&run, 0).await? {
        let pause = entry.time.saturating_sub(before.replace(entry.time).unwrap_or(entry.time)) as f64 / 1000.0 / speed;
        if pause.is_finite() && pause > 0.0 {
            out.flush()?;
            tokio::time::sleep(Duration::try_from_secs_f64(pause).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)).await;
        }
        printer.print(vec![entry], out)?;
    }
    Ok(())
}

/// Prints a journal's entries as they are added.
struct Printer {
    run: RunId,
    json: bool,
    entries: Vec<Entry>,
    printed: usize,
}

impl Printer {
    fn new(run: RunId, json: bool) -> Self {
        Self { run, json, entries: Vec::new(), printed: 0 }
    }

    fn print(&mut self, entries: Vec<Entry>, out: &mut Output) -> Result<(), Failure> {
        if self.json {
            entries.iter().try_for_each(|entry| out.line(serde_json::to_string(entry)?))?;
            self.entries.extend(entries);
            return Ok(());
        }
        self.entries.extend(entries);
        // A call's line is complete when the call has returned, so a line once printed does not change.
        let text = harmless(&Trace::new(self.run, self.entries.clone()).to_string());
        let lines: Vec<&str> = text.lines().collect();
        for line in lines.iter().skip(self.printed) {
            step(line, out)?;
        }
        self.printed = lines.len();
        Ok(())
    }

    fn ended(&self) -> bool {
        self.entries.iter().any(|entry| matches!(entry.event, cicerone::event::Event::Finished(_)))
    }
}

/// Prints a line of a trace, its time in the background.
pub(crate) fn step(line: &str, out: &mut Output) -> Result<(), Failure> {
    match line.split_once(" s  ") {
        // A time opens an event; what follows without one belongs to it.
        Some((time, rest)) if time.trim_start().parse::<f64>().is_ok() => {
            out.line(format!("{}{rest}", style(format!("{time} s  ")).dim()))
        }
        _ => out.line(line),
    }
}
