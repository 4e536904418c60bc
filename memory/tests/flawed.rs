//! The suite finds what it is there to find: each of these memories has one flaw.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use cicerone_core::{
    RunId,
    event::Entry,
    memory::{Memory, MemoryError, MemoryErrorKind, RunFilter, RunSummary},
};
use cicerone_memory::{InProcess, conformance};
use tokio::task::yield_now;

#[derive(Clone, Copy, Debug)]
enum Flaw {
    LosesTheLast,
    IgnoresOffset,
    AppendsAnywhere,
    ChecksThenAppends,
    AppendsOneByOne,
    LeavesHalfOfAConflict,
    RefusesWithAnotherKind,
    RefusesEmptyAppends,
    ListsOldestFirst,
    IgnoresLimit,
    IgnoresStatus,
    KeepsTheFirstStatus,
}

use Flaw::*;

struct Flawed(InProcess, Flaw);

impl Flawed {
    async fn length(&self, run: &RunId) -> Result<u64, MemoryError> {
        Ok(self.0.read(run, 0).await?.len() as u64)
    }
}

impl Memory for Flawed {
    async fn append(&self, run: &RunId, at: u64, entries: &[Entry]) -> Result<(), MemoryError> {
        let Self(memory, flaw) = self;
        let made = memory.append(run, at, &[]).await;
        match flaw {
            LosesTheLast => memory.append(run, at, entries.split_last().map_or(entries, |(_, rest)| rest)).await,
            AppendsAnywhere => memory.append(run, self.length(run).await?, entries).await,
            ChecksThenAppends => {
                made?;
                yield_now().await;
                while memory.append(run, self.length(run).await?, entries).await.is_err() {}
                Ok(())
            }
            AppendsOneByOne => {
                made?;
                for (at, entry) in (at..).zip(entries) {
                    memory.append(run, at, std::slice::from_ref(entry)).await?;
                    yield_now().await;
                }
                Ok(())
            }
            LeavesHalfOfAConflict if made.is_err() => {
                memory.append(run, self.length(run).await?, &entries[..entries.len() / 2]).await?;
                made
            }
            RefusesWithAnotherKind => {
                made.map_err(|_| MemoryError::new(MemoryErrorKind::Unavailable, "refused"))?;
                memory.append(run, at, entries).await
            }
            RefusesEmptyAppends if entries.is_empty() => {
                Err(MemoryError::new(MemoryErrorKind::Unavailable, "nothing to append"))
            }
            _ => memory.append(run, at, entries).await,
        }
    }

    async fn read(&self, run: &RunId, from: u64) -> Result<Vec<Entry>, MemoryError> {
        self.0.read(run, if matches!(self.1, IgnoresOffset) { 0 } else { from }).await
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunSummary>, MemoryError> {
        let mut filter = filter.clone();
        match self.1 {
            IgnoresLimit => filter.limit = None,
            IgnoresStatus => filter.status = None,
            _ => {}
        }
        let mut runs = self.0.runs(&filter).await?;
        match self.1 {
            ListsOldestFirst => runs.reverse(),
            KeepsTheFirstStatus => {
                for summary in &mut runs {
                    let first = self.0.read(&summary.run, 0).await?.swap_remove(0);
                    *summary = RunSummary::of(summary.run, &first, &first, summary.events);
                }
            }
            _ => {}
        }
        Ok(runs)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn flaws_are_found() {
    let flaws = [
        LosesTheLast,
        IgnoresOffset,
        AppendsAnywhere,
        ChecksThenAppends,
        AppendsOneByOne,
        LeavesHalfOfAConflict,
        RefusesWithAnotherKind,
        RefusesEmptyAppends,
        ListsOldestFirst,
        IgnoresLimit,
        IgnoresStatus,
        KeepsTheFirstStatus,
    ];
    let mut found = String::new();
    for flaw in flaws {
        let failure = conformance::run(async || Ok(Flawed(InProcess::default(), flaw))).await.unwrap_err();
        found += &format!("{flaw:?}: {}\n", failure.case());
    }
    insta::assert_snapshot!(found, @r#"
    LosesTheLast: every kind of event comes back as it was
    IgnoresOffset: reading begins where it is asked to
    AppendsAnywhere: an append elsewhere than at the end is a conflict
    ChecksThenAppends: of two appends at one position one is made
    AppendsOneByOne: an append is seen whole or not at all
    LeavesHalfOfAConflict: an append elsewhere than at the end is a conflict
    RefusesWithAnotherKind: an append elsewhere than at the end is a conflict
    RefusesEmptyAppends: an append of nothing is checked and leaves nothing
    ListsOldestFirst: runs are listed newest first, up to the limit
    IgnoresLimit: runs are listed newest first, up to the limit
    IgnoresStatus: runs are listed by status
    KeepsTheFirstStatus: runs are listed with task, status, length and times
    "#);
}
