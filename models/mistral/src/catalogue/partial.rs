//! A download that isn't finished: the first bytes of the model, from whichever source they came.

use std::path::{Path, PathBuf};
use std::{fs, io};

use tokio::io::AsyncSeekExt as _;

use super::cached::{CachedFile, sha256};
use super::{CatalogueEntry, Progress, ProgressEvent, Source, SourceError};

/// The file `….partial`, and whom to tell about it.
pub(super) struct Partial<'a> {
    path: PathBuf,
    entry: &'a CatalogueEntry,
    progress: &'a dyn Progress,
}

impl<'a> Partial<'a> {
    pub(super) fn new(cached: &CachedFile, entry: &'a CatalogueEntry, progress: &'a dyn Progress) -> Self {
        Self { path: cached.beside("partial"), entry, progress }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The model's length.
    pub(super) fn total(&self) -> u64 {
        self.entry.size_bytes
    }

    /// How many bytes are here.
    pub(super) fn len(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |metadata| metadata.len())
    }

    pub(super) fn is_complete(&self) -> bool {
        self.len() == self.total()
    }

    pub(super) fn note(&self, text: String) {
        self.progress.report(&ProgressEvent::Note(text));
    }

    pub(super) fn report(&self, done: u64) {
        self.progress.report(&ProgressEvent::Bytes { done, total: self.total() });
    }

    /// Opens the file to write from byte `at` on; what stood there is forgotten.
    pub(super) async fn open(&self, at: u64) -> Result<tokio::fs::File, SourceError> {
        let open = async {
            let mut file = tokio::fs::File::options().create(true).truncate(false).write(true).open(&self.path).await?;
            if file.metadata().await?.len() > at {
                file.set_len(at).await?;
            }
            file.seek(io::SeekFrom::Start(at)).await?;
            Ok(file)
        };
        open.await.map_err(|error| self.failed_at(at, error))
    }

    /// A failure to write when the first `at` bytes were here.
    pub(super) fn failed_at(&self, at: u64, error: io::Error) -> SourceError {
        SourceError::writing(&self.path, self.total().saturating_sub(at), error)
    }

    pub(super) fn discard(&self) -> Result<(), SourceError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed_at(self.total(), error)),
            _ => Ok(()),
        }
    }

    /// Makes the complete file the model's, if its hash agrees. Otherwise deletes it.
    pub(super) async fn finish(&self, source: &Source, cached: &CachedFile) -> Result<(), SourceError> {
        let failed = |error| self.failed_at(self.total(), error);
        let found = sha256(&self.path, self.total(), self.progress).await.map_err(failed)?;
        if found != self.entry.sha256 {
            // What isn't the model is of no use to anybody, and a gigabyte of it would be in the way.
            self.discard()?;
            return Err(SourceError::hash(source, &self.entry.sha256, &found));
        }
        let rename = async {
            tokio::fs::File::options().write(true).open(&self.path).await?.sync_all().await?;
            tokio::fs::rename(&self.path, cached.path()).await
        };
        rename.await.map_err(failed)?;
        cached.remember();
        Ok(())
    }
}
