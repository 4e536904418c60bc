//! Journals that last as long as the process.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Memory, MemoryError, RunFilter, RunSummary};
use crate::{event::Entry, run::RunId};

/// A memory in this process: fast, and gone with it. Clones share the journals.
#[derive(Clone, Debug, Default)]
pub struct InProcess(Arc<Mutex<BTreeMap<RunId, Vec<Entry>>>>);

impl InProcess {
    // A panic while the lock is held can't leave half an append: `extend` is the only change, on a list of clones.
    fn with<R>(&self, body: impl FnOnce(&mut BTreeMap<RunId, Vec<Entry>>) -> R) -> R {
        body(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Memory for InProcess {
    async fn append(&self, run: &RunId, at: u64, entries: &[Entry]) -> Result<(), MemoryError> {
        self.with(|journals| {
            let journal = journals.entry(*run).or_default();
            let length = journal.len() as u64;
            if length != at {
                return Err(MemoryError::conflict(run, at, length));
            }
            journal.extend_from_slice(entries);
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
                .filter(|summary| filter.status.is_none_or(|status| status == summary.status))
                .take(limit)
                .collect()
        }))
    }
}
