//! `cicerone show`.

use cicerone::{memory::Memory as _, trace::Trace};
use console::style;

use crate::{
    args::Db,
    failure::Failure,
    journal,
    output::{Output, harmless, utc},
    pick,
};

pub(crate) async fn show(wanted: &str, db: &Db, json: bool, out: &mut Output) -> Result<(), Failure> {
    let memory = journal::open(db)?;
    let runs = memory.runs(&Default::default()).await?;
    let chosen = pick::pick(wanted, &runs, &db.path)?;
    let entries = memory.read(&chosen.run, 0).await?;
    if json {
        return entries.iter().try_for_each(|entry| out.line(serde_json::to_string(entry)?));
    }
    let text = harmless(&Trace::new(chosen.run, entries).to_string());
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default();
    out.line(format!("{}, begun {} UTC", style(head).bold(), utc(chosen.started)))?;
    lines.try_for_each(|line| match line.split_once(" s  ") {
        // A time opens an event; what follows without one belongs to it.
        Some((time, rest)) if time.trim_start().parse::<f64>().is_ok() => {
            out.line(format!("{}{rest}", style(format!("{time} s  ")).dim()))
        }
        _ => out.line(line),
    })
}
