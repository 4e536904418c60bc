//! `cicerone approve`, `deny` and `resolve`: what a person says to a call that waits for one.

use cicerone::{
    RunId,
    agent::{self, Waiting, WaitingFor},
    event::{CallId, Decision, Entry, Resolution},
    memory::Memory,
    trace::call_text,
};
use console::style;
use serde_json::{Value, json};

use crate::{
    args::{Db, Which},
    failure::Failure,
    journal,
    output::{Output, harmless, utc},
    pick,
};

/// Agrees to a call, as it is or with other arguments, or answers in its place.
pub(crate) async fn approve(
    which: &Which,
    db: &Db,
    args: Option<Value>,
    output: Option<Value>,
    out: &mut Output,
) -> Result<(), Failure> {
    let decision = match (args, output) {
        (Some(args), _) => Decision::Edit { args },
        (None, Some(output)) => Decision::Answer { output },
        (None, None) => Decision::Approve,
    };
    say(which, db, &Said::Decision(decision), out).await
}

/// Refuses a call.
pub(crate) async fn deny(which: &Which, db: &Db, reason: String, out: &mut Output) -> Result<(), Failure> {
    say(which, db, &Said::Decision(Decision::Deny { reason }), out).await
}

/// Says what became of a call that its tool can't tell.
pub(crate) async fn resolve(which: &Which, db: &Db, done: Option<Value>, out: &mut Output) -> Result<(), Failure> {
    let resolution = done.map_or(Resolution::NotDone, |output| Resolution::Done { output });
    say(which, db, &Said::Resolution(resolution), out).await
}

enum Said {
    Decision(Decision),
    Resolution(Resolution),
}

async fn say(which: &Which, db: &Db, said: &Said, out: &mut Output) -> Result<(), Failure> {
    let memory = journal::open(db).await?;
    let runs = memory.runs(&Default::default()).await?;
    let run = pick::pick(&which.run, &runs, db)?.run;
    let waiting = agent::waiting(&memory.read(&run, 0).await?);
    let fits = |waiting: &&Waiting| match said {
        Said::Decision(_) => waiting.reason == WaitingFor::Approval,
        Said::Resolution(_) => waiting.reason == WaitingFor::Resolution,
    };
    let call = match (which.call, &waiting.iter().filter(fits).collect::<Vec<_>>()[..]) {
        (Some(call), _) => CallId(call),
        (None, [one]) => one.call.call,
        (None, []) => return Err(format!("nothing in run {run} waits for that{}", listed(&waiting)).into()),
        (None, many) => {
            return Err(
                format!("{} calls wait for that; name one by its number{}", many.len(), listed(&waiting)).into()
            );
        }
    };
    match said {
        Said::Decision(decision) => agent::decide(&memory, run, call, decision.clone(), &which.by).await?,
        Said::Resolution(resolution) => agent::resolve(&memory, run, call, resolution.clone(), &which.by).await?,
    }
    let rest = agent::waiting(&memory.read(&run, 0).await?);
    if which.json {
        return out.line(json!({ "run": run, "call": call, "waiting": rest.iter().map(object).collect::<Vec<_>>() }));
    }
    let word = match said {
        Said::Decision(Decision::Deny { .. }) => "denied",
        Said::Decision(Decision::Answer { .. }) => "answered",
        Said::Decision(_) => "approved",
        Said::Resolution(_) => "resolved",
    };
    out.line(format!("call {} is {word}", call.0))?;
    match rest.len() {
        0 => out.line(format!("nothing waits any more; go on with: cicerone resume {run} -- PROGRAM")),
        more => out.line(format!("{more} more to decide on{}", listed(&rest))),
    }
}

/// Lists what of a run waits for a person.
pub(crate) fn list(run: &RunId, entries: &[Entry], json: bool, out: &mut Output) -> Result<(), Failure> {
    let waiting = agent::waiting(entries);
    if json {
        return waiting.iter().try_for_each(|waiting| out.line(object(waiting)));
    }
    for waiting in &waiting {
        let command = match waiting.reason {
            WaitingFor::Resolution => "resolve",
            _ => "approve",
        };
        let call = waiting.call.call.0;
        out.line(format!("{} {}", style("waits:").cyan(), one(waiting)))?;
        out.line(format!("       cicerone {command} {run} {call}"))?;
    }
    Ok(())
}

fn listed(waiting: &[Waiting]) -> String {
    waiting.iter().map(|waiting| format!("\n  {}", one(waiting))).collect()
}

/// A call that waits, in a line.
fn one(waiting: &Waiting) -> String {
    let what = harmless(&call_text(&waiting.call));
    let mut line = format!("call {}, {what}", waiting.call.call.0);
    if let Some(item) = &waiting.item {
        line.push_str(&format!(", for “{}”", harmless(item)));
    }
    if let Some(why) = &waiting.why {
        line.push_str(&format!(": {}", harmless(why)));
    }
    if let Some(expires) = waiting.expires {
        line.push_str(&format!(", until {} UTC", utc(expires)));
    }
    line
}

fn object(waiting: &Waiting) -> Value {
    let reason = match waiting.reason {
        WaitingFor::Resolution => "resolution",
        _ => "approval",
    };
    json!({
        "call": waiting.call.call,
        "tool": waiting.call.tool,
        "args": waiting.call.args,
        "waits_for": reason,
        "key": waiting.key,
        "item": waiting.item,
        "expires": waiting.expires,
        "why": waiting.why,
    })
}
