//! The suite finds what it is there to find: each of these memories has one flaw.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use cicerone_core::{
    RunId, ThreadId,
    event::Entry,
    memory::{Found, Memory, MemoryError, MemoryErrorKind, Recall, RunFilter, RunSummary, Scope},
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
    IgnoresThread,
    ForgetsTheThread,
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
            IgnoresThread => filter.thread = None,
            _ => {}
        }
        let mut runs = self.0.runs(&filter).await?;
        match self.1 {
            ListsOldestFirst => runs.reverse(),
            ForgetsTheThread => runs.iter_mut().for_each(|run| run.thread = None),
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
        IgnoresThread,
        ForgetsTheThread,
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
    IgnoresThread: runs are listed by thread
    ForgetsTheThread: runs are listed by thread
    "#);
}

#[derive(Clone, Copy, Debug)]
enum RecallFlaw {
    FindsNothing,
    FindsParts,
    WorstFirst,
    IgnoresTheLimit,
    LooksEverywhere,
    FindsWhatIsExcepted,
    FailsAtQuotes,
    ForgetsNothing,
    ForgetsEverything,
    FindsWhatIsForgotten,
}

/// A memory, the flaw, and what the memory would hold if it forgot nothing.
struct FlawedRecall(InProcess, RecallFlaw, InProcess);

impl Memory for FlawedRecall {
    async fn append(&self, run: &RunId, at: u64, entries: &[Entry]) -> Result<(), MemoryError> {
        self.0.append(run, at, entries).await?;
        self.2.append(run, at, entries).await
    }

    async fn read(&self, run: &RunId, from: u64) -> Result<Vec<Entry>, MemoryError> {
        self.0.read(run, from).await
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunSummary>, MemoryError> {
        self.0.runs(filter).await
    }

    async fn search(&self, query: &Recall) -> Result<Vec<Found>, MemoryError> {
        use RecallFlaw::*;
        let mut query = query.clone();
        match self.1 {
            FindsNothing => return Ok(vec![]),
            IgnoresTheLimit => query.limit = u32::MAX,
            LooksEverywhere => query.scope = Scope::Everywhere,
            FindsWhatIsExcepted => query.except = None,
            FailsAtQuotes if query.text.contains('"') => {
                return Err(MemoryError::new(MemoryErrorKind::Unavailable, "unterminated string"));
            }
            FindsParts => {
                let mut found = self.0.search(&query).await?;
                for run in self.0.runs(&RunFilter::default()).await? {
                    let words = query.words();
                    if found.is_empty() && words.iter().any(|word| run.task.contains(word)) {
                        found.push(Found::new(run.run, 0, run.task, 1.0));
                    }
                }
                return Ok(found);
            }
            FindsWhatIsForgotten => return self.2.search(&query).await,
            _ => {}
        }
        let mut found = self.0.search(&query).await?;
        if matches!(self.1, WorstFirst) {
            found.reverse();
        }
        Ok(found)
    }

    async fn forget(&self, thread: &ThreadId) -> Result<u64, MemoryError> {
        match self.1 {
            RecallFlaw::ForgetsNothing => {
                Ok(self.0.runs(&RunFilter::default().thread(thread.clone())).await?.len() as u64)
            }
            RecallFlaw::ForgetsEverything => {
                for run in self.0.runs(&RunFilter::default()).await? {
                    if let Some(other) = run.thread.filter(|other| other != thread) {
                        self.0.forget(&other).await?;
                    }
                }
                self.0.forget(thread).await
            }
            _ => self.0.forget(thread).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn flaws_of_recall_are_found() {
    use RecallFlaw::*;
    let flaws = [
        FindsNothing,
        FindsParts,
        WorstFirst,
        IgnoresTheLimit,
        LooksEverywhere,
        FindsWhatIsExcepted,
        FailsAtQuotes,
        ForgetsNothing,
        ForgetsEverything,
        FindsWhatIsForgotten,
    ];
    let mut found = String::new();
    for flaw in flaws {
        let open = async || Ok(FlawedRecall(InProcess::default(), flaw, InProcess::default()));
        let failure = conformance::run_recall(open).await.unwrap_err();
        found += &format!("{flaw:?}: {}\n", failure.case());
    }
    insta::assert_snapshot!(found, @r#"
    FindsNothing: tasks, answers and outputs are found by their words
    FindsParts: tasks, answers and outputs are found by their words
    WorstFirst: what fits best is found first, up to the limit
    IgnoresTheLimit: what fits best is found first, up to the limit
    LooksEverywhere: only runs within the scope are looked into
    FindsWhatIsExcepted: only runs within the scope are looked into
    FailsAtQuotes: any text can be looked for
    ForgetsNothing: a forgotten thread is gone, and nothing else
    ForgetsEverything: a forgotten thread is gone, and nothing else
    FindsWhatIsForgotten: a forgotten thread is gone, and nothing else
    "#);
}
