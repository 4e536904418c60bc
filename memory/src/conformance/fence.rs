//! Cases about the position of an append.

use std::sync::Arc;

use cicerone_core::{
    RunId,
    memory::{Memory, RunFilter},
};

use super::{
    failure::{Flaw, ensure, ensure_conflict},
    samples,
};

pub(super) async fn wrong_position<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let entries = samples::numbered("first", 3);
    let others = samples::numbered("other", 2);
    let (run, unknown) = (RunId::new(), RunId::new());
    memory.append(&run, 0, &entries).await?;
    for at in [0, 1, 2, 4, 1 << 40, 1 << 63, u64::MAX] {
        let appended = memory.append(&run, at, &others).await;
        ensure_conflict(appended, || format!("an append at {at} to a run of 3 events"))?;
        let read = memory.read(&run, 0).await?;
        ensure(read == entries, || format!("an append at {at} was a conflict and changed the run's 3 events"))?;
    }
    for at in [1, u64::MAX] {
        let appended = memory.append(&unknown, at, &others).await;
        ensure_conflict(appended, || format!("an append at {at} to a run that was never written"))?;
    }
    absent(&*memory, unknown, "an append that was a conflict").await?;
    // A conflict must not leave the run, or the store, locked.
    memory.append(&run, 3, &others).await?;
    let read = memory.read(&run, 0).await?;
    ensure(read.get(3..) == Some(&others[..]), || "the append after a conflict was not kept".to_owned())
}

pub(super) async fn nothing<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let (run, unknown) = (RunId::new(), RunId::new());
    let entries = samples::numbered("only", 1);
    memory.append(&run, 0, &entries).await?;
    memory.append(&run, 1, &[]).await?;
    ensure_conflict(memory.append(&run, 0, &[]).await, || "an append of nothing at 0 to a run of 1 event".to_owned())?;
    let read = memory.read(&run, 0).await?;
    ensure(read == entries, || format!("after an append of nothing, a run of 1 event has {}", read.len()))?;
    memory.append(&unknown, 0, &[]).await?;
    absent(&*memory, unknown, "an append of nothing").await
}

async fn absent(memory: &impl Memory, run: RunId, after: &str) -> Result<(), Flaw> {
    let read = memory.read(&run, 0).await?;
    ensure(read.is_empty(), || format!("after {after}, a run that was never written has {} events", read.len()))?;
    let listed = memory.runs(&RunFilter::default()).await?;
    ensure(listed.iter().all(|summary| summary.run != run), || {
        format!("after {after}, a run that was never written is listed")
    })
}
