//! Journals that last as long as the process.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use super::{Found, Memory, MemoryError, Recall, RunFilter, RunSummary, findable, words_of};
use crate::{
    event::{Entry, Event},
    run::RunId,
    thread::ThreadId,
};

/// A memory in this process: fast, and gone with it. Clones share the journals.
#[derive(Clone, Debug, Default)]
pub struct InProcess(Arc<Mutex<Journals>>);

type Journals = BTreeMap<RunId, Vec<Entry>>;

impl InProcess {
    // A panic while the lock is held can't leave half a change: `extend`, on a list of clones, and `retain`, which
    // drops whole journals, are the only ones.
    fn with<R>(&self, body: impl FnOnce(&mut Journals) -> R) -> R {
        body(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Memory for InProcess {
    async fn append(&self, run: &RunId, at: u64, entries: &[Entry]) -> Result<(), MemoryError> {
        self.with(|journals| {
            let length = journals.get(run).map_or(0, Vec::len) as u64;
            if length != at {
                return Err(MemoryError::conflict(run, at, length));
            }
            journals.entry(*run).or_default().extend_from_slice(entries);
            Ok(())
        })
    }

    async fn read(&self, run: &RunId, from: u64) -> Result<Vec<Entry>, MemoryError> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        Ok(self.with(|journals| journals.get(run).and_then(|journal| journal.get(from..)).unwrap_or_default().to_vec()))
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunSummary>, MemoryError> {
        let limit = filter.limit.map_or(usize::MAX, |limit| limit as usize);
        Ok(self.with(|journals| {
            journals
                .iter()
                .rev()
                .filter_map(|(run, journal)| {
                    Some(RunSummary::of(*run, journal.first()?, journal.last()?, journal.len() as u64))
                })
                .filter(|summary| filter.lets_through(summary))
                .take(limit)
                .collect()
        }))
    }

    async fn search(&self, query: &Recall) -> Result<Vec<Found>, MemoryError> {
        let mut found = self.with(|journals| scan(journals, query));
        // The sort keeps the order of what fits equally well: the newest run first.
        found.sort_by(|left, right| right.score.total_cmp(&left.score));
        found.truncate(query.limit as usize);
        Ok(found)
    }

    async fn forget(&self, thread: &ThreadId) -> Result<u64, MemoryError> {
        Ok(self.with(|journals| {
            let before = journals.len();
            journals.retain(|_, journal| thread_of(journal) != Some(thread));
            (before - journals.len()) as u64
        }))
    }
}

fn thread_of(journal: &[Entry]) -> Option<&ThreadId> {
    match &journal.first()?.event {
        Event::RunStarted(started) => started.thread.as_ref(),
        _ => None,
    }
}

/// Every entry that holds one of the words; a word counts for more the fewer entries hold it.
fn scan(journals: &Journals, query: &Recall) -> Vec<Found> {
    let words = query.words();
    let mut entries = 0_u32;
    let mut holders = vec![0_u32; words.len()];
    let mut hits: Vec<(RunId, u64, String, Vec<bool>)> = Vec::new();
    for (run, journal) in journals.iter().rev() {
        if query.except == Some(*run) || !query.scope.includes(thread_of(journal)) {
            continue;
        }
        for (at, entry) in (0..).zip(journal) {
            let Some(text) = findable(&entry.event) else { continue };
            entries += 1;
            let held: HashSet<String> = words_of(&text).map(|(_, word)| word.to_lowercase()).collect();
            let held: Vec<bool> = words.iter().map(|word| held.contains(word)).collect();
            if held.contains(&true) {
                holders.iter_mut().zip(&held).for_each(|(holders, held)| *holders += u32::from(*held));
                hits.push((*run, at, query.excerpt(&text), held));
            }
        }
    }
    let weight = |holders: &u32| (1.0 + f64::from(entries) / f64::from((*holders).max(1))).ln();
    hits.into_iter()
        .map(|(run, at, excerpt, held)| {
            let score = holders.iter().zip(held).filter(|(_, held)| *held).map(|(holders, _)| weight(holders)).sum();
            Found::new(run, at, excerpt, score)
        })
        .collect()
}
