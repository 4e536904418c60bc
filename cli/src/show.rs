//! `cicerone show`.

use cicerone::{memory::Memory as _, trace::Trace};
use console::style;

use crate::{
    args::Db,
    decide,
    failure::Failure,
    follow::step,
    journal,
    output::{Output, harmless, utc},
    pick,
};

pub(crate) async fn show(wanted: &str, db: &Db, json: bool, out: &mut Output) -> Result<(), Failure> {
    let memory = journal::open(db).await?;
    let runs = memory.runs(&Default::default()).await?;
    let chosen = pick::pick(wanted, &runs, db)?;
    let entries = memory.read(&chosen.run, 0).await?;
    if json {
        return entries.iter().try_for_each(|entry| out.line(serde_json::to_string(entry)?));
    }
    let text = harmless(&Trace::new(chosen.run, entries.clone()).to_string());
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default();
    out.line(format!("{}, begun {} UTC", style(head).bold(), utc(chosen.started)))?;
    lines.try_for_each(|line| step(line, out))?;
    decide::list(&chosen.run, &entries, false, out)
}
