//! Cases about lists of runs.

use std::sync::Arc;

use cicerone_core::{
    ErrorKind, RunId,
    event::{End, Entry},
    memory::{Memory, RunFilter, RunStatus, RunSummary},
};

use super::{
    failure::{Flaw, ensure},
    samples,
};

pub(super) async fn summaries<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let run = RunId::new();
    let mut journal: Vec<Entry> = Vec::new();
    let batches = [
        vec![samples::started("Zwei Plätze nach Lissabon ✈", 1000)?],
        samples::numbered("going on", 2),
        vec![samples::ended(completed(), 4000)],
    ];
    for batch in batches {
        memory.append(&run, journal.len() as u64, &batch).await?;
        journal.extend(batch);
        let expected = summary(run, &journal);
        let listed = memory.runs(&RunFilter::default()).await?;
        let listed = listed.into_iter().find(|summary| summary.run == run);
        ensure(listed == expected, || format!("a run was listed as {listed:?}, where it should be {expected:?}"))?;
    }
    Ok(())
}

pub(super) async fn order_and_limit<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let expected = write(&*memory, &[const { None }; 5]).await?;
    // Going on with an old run doesn't make it a new one.
    if let Some(oldest) = expected.last() {
        memory.append(&oldest.run, oldest.events, &samples::numbered("later", 1)).await?;
    }
    let expected: Vec<RunId> = expected.iter().map(|summary| summary.run).collect();
    for limit in 0..=5 {
        let listed = memory.runs(&RunFilter::default().limit(limit)).await?;
        let listed: Vec<RunId> = listed.iter().map(|summary| summary.run).collect();
        let newest = expected.get(..limit as usize).unwrap_or_default();
        ensure(listed == newest, || {
            format!("with the limit {limit}, {listed:?} were listed, where the newest are {newest:?}")
        })?;
    }
    let listed = memory.runs(&RunFilter::default()).await?.len();
    ensure(listed >= 5, || format!("without a limit, {listed} of at least 5 runs were listed"))?;
    let listed = memory.runs(&RunFilter::default().limit(u32::MAX)).await?.len();
    ensure(listed >= 5, || format!("with the highest limit, {listed} of at least 5 runs were listed"))
}

pub(super) async fn by_status<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let needs_input = End::NeedsInput { questions: vec!["From where?".into()] };
    let failed = End::Failed { kind: ErrorKind::Cancelled, message: "cancelled".into() };
    let ends = [None, Some(completed()), Some(needs_input), Some(failed)];
    let written = write(&*memory, &[ends.clone(), ends].concat()).await?;
    for status in [RunStatus::Open, RunStatus::Completed, RunStatus::NeedsInput, RunStatus::Failed] {
        let expected: Vec<_> = written.iter().filter(|summary| summary.status == status).collect();
        let filter = RunFilter::default().status(status);
        let listed = memory.runs(&filter.clone().limit(2)).await?;
        ensure(listed.iter().eq(expected.iter().copied()), || {
            format!("as the two newest runs of status {status:?}, {listed:?} were listed, not {expected:?}")
        })?;
        let listed = memory.runs(&filter).await?;
        ensure(listed.iter().all(|summary| summary.status == status), || {
            format!("among the runs of status {status:?} one is listed that has another")
        })?;
        ensure(expected.iter().all(|summary| listed.contains(summary)), || {
            format!("among the runs of status {status:?} one is missing")
        })?;
    }
    Ok(())
}

pub(super) async fn clock<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let (earlier, later) = (RunId::new(), RunId::new());
    let journal = [samples::started("back in time", 9000)?, samples::ended(completed(), 0)];
    memory.append(&earlier, 0, journal.get(..1).unwrap_or_default()).await?;
    memory.append(&earlier, 1, journal.get(1..).unwrap_or_default()).await?;
    memory.append(&later, 0, &[samples::started("back in time", 1)?]).await?;
    let read = memory.read(&earlier, 0).await?;
    ensure(read == journal, || format!("entries of the times 9000 and 0 came back as {read:?}"))?;
    let listed = memory.runs(&RunFilter::default().limit(2)).await?;
    ensure(listed.iter().map(|summary| summary.run).eq([later, earlier]), || {
        "of two runs the later one, whose clock was behind, is not listed first".to_owned()
    })?;
    let expected = summary(earlier, &journal);
    ensure(listed.get(1) == expected.as_ref(), || {
        format!("a run that ended before it began is listed as {listed:?}, not as {expected:?}")
    })
}

/// Writes a run for each end, or one that is still open, and gives their summaries, the newest first.
async fn write(memory: &impl Memory, ends: &[Option<End>]) -> Result<Vec<RunSummary>, Flaw> {
    let mut summaries = Vec::new();
    for (time, end) in (1000..).step_by(1000).zip(ends) {
        let run = RunId::new();
        let mut journal = vec![samples::started("a run in a list", time)?];
        journal.extend(end.clone().map(|end| samples::ended(end, time + 1)));
        memory.append(&run, 0, &journal).await?;
        summaries.extend(summary(run, &journal));
    }
    summaries.reverse();
    Ok(summaries)
}

fn summary(run: RunId, journal: &[Entry]) -> Option<RunSummary> {
    Some(RunSummary::of(run, journal.first()?, journal.last()?, journal.len() as u64))
}

fn completed() -> End {
    End::Completed { answer: "Booked.".into(), output: None }
}
