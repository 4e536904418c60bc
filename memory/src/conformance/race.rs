//! Cases about appends at the same time.

use std::sync::Arc;

use cicerone_core::{
    RunId,
    event::Entry,
    memory::{Memory, MemoryError},
};
use tokio::task::{JoinHandle, JoinSet};

use super::{
    failure::{Flaw, ensure, ensure_conflict},
    samples,
};

// Each race is run in two ways. Within one task both sides are begun before either is awaited, so that what a memory
// does between two awaits is sure to be met; in two tasks they may run on two threads at once.

pub(super) async fn batches<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    const ROUNDS: u64 = 30;
    const BATCH: u64 = 7;
    let run = RunId::new();
    let batch = samples::numbered("batch", BATCH as usize);
    let whole = |read: &[Entry]| {
        ensure(read.is_empty() || read == batch, || {
            format!("while a batch of {BATCH} was appended, {} of its entries, or others, were read", read.len())
        })
    };
    for at in (0..).step_by(BATCH as usize).take(ROUNDS as usize) {
        if at % 2 == 0 {
            let (appended, read) = tokio::join!(memory.append(&run, at, &batch), memory.read(&run, at));
            appended?;
            whole(&read?)?;
        } else {
            let appending = spawn_append(&memory, run, at, batch.clone());
            while !appending.is_finished() {
                whole(&memory.read(&run, at).await?)?;
                tokio::task::yield_now().await;
            }
            joined(appending).await??;
        }
    }
    let read = memory.read(&run, 0).await?;
    ensure(read.len() as u64 == ROUNDS * BATCH && read.chunks(BATCH as usize).all(|read| read == batch), || {
        format!("of {} entries written in batches, {} or others were read", ROUNDS * BATCH, read.len())
    })
}

pub(super) async fn one_position<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    duel(&memory, &memory).await
}

/// Lets two handles append at the same position, again and again: each time exactly one of them must get through.
pub(super) async fn duel<M: Memory>(left: &Arc<M>, right: &Arc<M>) -> Result<(), Flaw> {
    const ROUNDS: u64 = 50;
    const BATCH: usize = 3;
    let run = RunId::new();
    let mut expected = Vec::new();
    for round in 0..ROUNDS {
        let at = round * BATCH as u64;
        let (ours, theirs) = (samples::numbered("left", BATCH), samples::numbered("right", BATCH));
        let results = if round % 2 == 0 {
            tokio::join!(left.append(&run, at, &ours), right.append(&run, at, &theirs))
        } else {
            let one = spawn_append(left, run, at, ours.clone());
            let other = spawn_append(right, run, at, theirs.clone());
            (joined(one).await?, joined(other).await?)
        };
        let (winner, loser) = match results {
            (Ok(()), other) => (ours, other),
            (one, Ok(())) => (theirs, one),
            (Err(error), Err(_)) => return Err(error.into()),
        };
        ensure_conflict(loser, || format!("the second of two appends at {at}"))?;
        expected.extend(winner);
    }
    for handle in [left, right] {
        let read = handle.read(&run, 0).await?;
        ensure(read == expected, || {
            format!("after {ROUNDS} races, the run's {} events are not those of the winners", read.len())
        })?;
    }
    Ok(())
}

pub(super) async fn many_runs<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    const RUNS: usize = 16;
    const EACH: usize = 10;
    let mut writers = JoinSet::new();
    for _ in 0..RUNS {
        let memory = Arc::clone(&memory);
        writers.spawn(async move {
            let run = RunId::new();
            let entries = samples::numbered(&run.to_string(), EACH);
            for (at, entry) in (0..).zip(&entries) {
                memory.append(&run, at, std::slice::from_ref(entry)).await?;
            }
            Ok::<_, MemoryError>((run, entries))
        });
    }
    while let Some(written) = writers.join_next().await {
        let (run, entries) = written.map_err(|error| Flaw::new(format!("an append panicked: {error}")))??;
        let read = memory.read(&run, 0).await?;
        ensure(read == entries, || {
            format!("of {EACH} events written while {RUNS} runs were, {} or others were read", read.len())
        })?;
    }
    Ok(())
}

type Appending = JoinHandle<Result<(), MemoryError>>;

fn spawn_append<M: Memory>(memory: &Arc<M>, run: RunId, at: u64, entries: Vec<Entry>) -> Appending {
    let memory = Arc::clone(memory);
    tokio::spawn(async move { memory.append(&run, at, &entries).await })
}

async fn joined(appending: Appending) -> Result<Result<(), MemoryError>, Flaw> {
    appending.await.map_err(|error| Flaw::new(format!("an append panicked: {error}")))
}
