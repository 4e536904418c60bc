//! `cicerone diff`.

use cicerone::{diff::Diff, memory::Memory, trace::Trace};

use crate::{
    args::Db,
    failure::Failure,
    journal,
    output::{Output, harmless},
    pick,
};

/// Compares two runs. Gives whether they are the same.
pub(crate) async fn diff(left: &str, right: &str, db: &Db, json: bool, out: &mut Output) -> Result<bool, Failure> {
    let memory = journal::open(db).await?;
    let runs = memory.runs(&Default::default()).await?;
    let (left, right) = (pick::pick(left, &runs, db)?.run, pick::pick(right, &runs, db)?.run);
    let left = Trace::new(left, memory.read(&left, 0).await?);
    let right = Trace::new(right, memory.read(&right, 0).await?);
    let diff = Diff::of(&left, &right);
    if json {
        out.line(serde_json::to_string(&diff)?)?;
    } else {
        harmless(&diff.to_string()).lines().try_for_each(|line| out.line(line))?;
    }
    Ok(diff.is_same())
}
