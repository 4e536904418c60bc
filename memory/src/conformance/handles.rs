//! Cases about several handles on one store.

use std::sync::Arc;

use cicerone_core::{
    RunId,
    memory::{Memory, RunFilter},
};

use super::{
    failure::{Flaw, ensure, ensure_conflict},
    race, samples,
};

/// Two handles, which should be on one store.
pub(super) struct Pair<M>(pub(super) Arc<M>, pub(super) Arc<M>);

pub(super) async fn sees<M: Memory>(pair: Arc<Pair<M>>) -> Result<(), Flaw> {
    let Pair(left, right) = &*pair;
    let run = RunId::new();
    let mut entries = samples::numbered("seen", 3);
    left.append(&run, 0, &entries).await?;
    let read = right.read(&run, 0).await?;
    ensure(read == entries, || format!("of 3 entries that one handle wrote, another one read {}", read.len()))?;
    // And back: the second handle may have kept something when it read.
    let more = samples::numbered("seen again", 2);
    right.append(&run, 3, &more).await?;
    entries.extend(more);
    let read = left.read(&run, 0).await?;
    ensure(read == entries, || format!("of 5 entries that two handles wrote, one of them read {}", read.len()))?;
    let listed = left.runs(&RunFilter::default()).await?;
    ensure(listed.iter().any(|summary| summary.run == run && summary.events == 5), || {
        "a run of 5 events that two handles wrote is not listed as such".to_owned()
    })
}

pub(super) async fn fences<M: Memory>(pair: Arc<Pair<M>>) -> Result<(), Flaw> {
    let Pair(left, right) = &*pair;
    let run = RunId::new();
    left.append(&run, 0, &samples::numbered("worker", 2)).await?;
    right.append(&run, 2, &samples::numbered("its successor", 1)).await?;
    let late = left.append(&run, 2, &samples::numbered("worker, late", 1)).await;
    ensure_conflict(late, || "an append by a handle that another one has overtaken".to_owned())
}

pub(super) async fn race<M: Memory>(pair: Arc<Pair<M>>) -> Result<(), Flaw> {
    race::duel(&pair.0, &pair.1).await
}
