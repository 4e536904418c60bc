//! Cases about what is read, and of which run.

use std::sync::Arc;

use cicerone_core::{RunId, memory::Memory};

use super::{
    failure::{Flaw, ensure},
    samples,
};

pub(super) async fn unknown_run<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let run = RunId::new();
    for from in [0, 1, u64::MAX] {
        let read = memory.read(&run, from).await?;
        ensure(read.is_empty(), || format!("from {from} on, {} entries were read", read.len()))?;
    }
    Ok(())
}

pub(super) async fn from_offset<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let run = RunId::new();
    let entries = samples::numbered("offset", 12);
    memory.append(&run, 0, &entries).await?;
    for from in [0, 1, 5, 11, 12, 13, 1 << 40, 1 << 63, u64::MAX] {
        let rest = usize::try_from(from).ok().and_then(|from| entries.get(from..)).unwrap_or_default();
        let read = memory.read(&run, from).await?;
        ensure(read == rest, || {
            format!(
                "of 12 entries, from {from} on, {} were read, where the last {} were asked for",
                read.len(),
                rest.len()
            )
        })?;
    }
    Ok(())
}

pub(super) async fn runs_apart<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    const RUNS: usize = 20;
    const EACH: usize = 5;
    let runs: Vec<RunId> = (0..RUNS).map(|_| RunId::new()).collect();
    // In turns, so that neighbours in time are of different runs.
    for at in 0..EACH {
        for run in &runs {
            let entries = samples::numbered(&run.to_string(), EACH);
            memory.append(run, at as u64, entries.get(at..=at).unwrap_or_default()).await?;
        }
    }
    for run in &runs {
        let read = memory.read(run, 0).await?;
        ensure(read == samples::numbered(&run.to_string(), EACH), || {
            format!("after appends to {RUNS} runs in turns, one of them has not its own {EACH} entries")
        })?;
    }
    Ok(())
}
