//! Which run a word means.

use cicerone::memory::RunSummary;

use crate::{
    args::Db,
    failure::Failure,
    output::{one_line, utc},
};

/// How much of an id lists show.
const SHORT: usize = 8;

/// How many runs an error lists.
const LISTED: usize = 5;

/// The end of a run's id. It is random; the beginning is the time, and the same for runs of one moment.
pub(crate) fn short(run: &RunSummary) -> String {
    let id = run.run.to_string();
    id.get(id.len().saturating_sub(SHORT)..).unwrap_or(&id).to_owned()
}

/// The run whose id begins or ends with `wanted`; the first of `runs`, which are the newest first, if it is `last`.
pub(crate) fn pick<'r>(wanted: &str, runs: &'r [RunSummary], db: &Db) -> Result<&'r RunSummary, Failure> {
    let db = db.shown();
    let newest = runs.first().ok_or_else(|| format!("there are no runs in `{db}` yet"))?;
    if wanted == "last" {
        return Ok(newest);
    }
    let key = wanted.trim().to_ascii_lowercase();
    let fits = |run: &&RunSummary| {
        let id = run.run.to_string();
        id.starts_with(&key) || id.ends_with(&key)
    };
    let found: Vec<&RunSummary> = runs.iter().filter(fits).collect();
    match *found {
        [one] => Ok(one),
        [] => {
            let hint = "`cicerone runs` lists all of them, `last` is the newest";
            let message = match closest(&key, runs) {
                near if near.is_empty() => format!("there is no run `{wanted}` in `{db}`; {hint}"),
                near => format!("there is no run `{wanted}` in `{db}`; did you mean{}\n{hint}", lines(&near)),
            };
            Err(message.into())
        }
        _ => Err(format!("`{wanted}` fits {} runs; give more of the id:{}", found.len(), lines(&found)).into()),
    }
}

/// The runs whose ids are most like `key` where it would begin or end them, if they are like it at all.
fn closest<'r>(key: &str, runs: &'r [RunSummary]) -> Vec<&'r RunSummary> {
    let likeness = |run: &RunSummary| {
        let id = run.run.to_string();
        let same = |(one, other): &(char, char)| one == other;
        let at_begin = key.chars().zip(id.chars()).filter(same).count();
        let at_end = key.chars().rev().zip(id.chars().rev()).filter(same).count();
        at_begin.max(at_end)
    };
    let best = runs.iter().map(likeness).max().unwrap_or(0);
    // One digit in sixteen agrees by chance.
    if best == 0 || best * 4 < key.chars().count() * 3 {
        return Vec::new();
    }
    runs.iter().filter(|run| likeness(run) == best).collect()
}

fn lines(runs: &[&RunSummary]) -> String {
    let mut text = String::new();
    for run in runs.iter().take(LISTED) {
        text.push_str(&format!("\n  {}  {}  {}", run.run, utc(run.started), one_line(&run.task)));
    }
    if runs.len() > LISTED {
        text.push_str(&format!("\n  and {} more", runs.len() - LISTED));
    }
    text
}
