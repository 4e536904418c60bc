//! `cicerone fork`.

use cicerone::{
    event::CallId,
    fork::{self, Change},
    memory::Memory,
    model::Response,
    trace::Trace,
};
use serde_json::{Value, json};

use crate::{
    args::Db,
    failure::Failure,
    follow::step,
    journal,
    output::{Output, harmless},
    pick,
};

/// What is to be different.
pub(crate) fn change(answer: Option<String>, outputs: Vec<(u32, Value)>) -> Change {
    let change = answer.map_or_else(Change::default, |answer| Change::default().answer(Response::text(answer)));
    outputs.into_iter().fold(change, |change, (call, output)| change.output(CallId(call), output))
}

/// Writes the journal of a fork, or lists where a run can be forked.
pub(crate) async fn fork(
    wanted: &str,
    db: &Db,
    at: Option<u64>,
    change: Change,
    json: bool,
    out: &mut Output,
) -> Result<(), Failure> {
    let memory = journal::open(db).await?;
    let runs = memory.runs(&Default::default()).await?;
    let run = pick::pick(wanted, &runs, db)?.run;
    let Some(at) = at else {
        let entries = memory.read(&run, 0).await?;
        let positions = fork::positions(&entries);
        if json {
            return out.line(json!({ "run": run, "positions": positions }));
        }
        let text = harmless(&Trace::new(run, entries).to_string());
        text.lines().try_for_each(|line| step(line, out))?;
        let positions = positions.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        return out.line(format!("it can be forked after so many events: {positions}"));
    };
    let forked = fork::fork(&memory, run, at, &change).await?;
    if json {
        return out.line(json!({ "run": forked, "forked_from": { "run": run, "at": at } }));
    }
    out.line(format!("run {forked}; go on with: cicerone resume {forked} -- PROGRAM"))
}
