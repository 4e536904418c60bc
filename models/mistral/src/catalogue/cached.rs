//! A model's file in the cache: is it there, and is it sound?

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use std::{fs, io};

use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt as _;

use super::{CatalogueEntry, CatalogueError, Progress, ProgressEvent};

/// The place of one entry's file, and of what stands beside it.
#[derive(Debug)]
pub(super) struct CachedFile {
    path: PathBuf,
    size: u64,
    sha256: String,
}

/// What is in a model's place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    Missing,
    Sound,
    /// With what is wrong.
    Damaged(String),
}

impl CachedFile {
    pub(super) fn new(folder: &Path, entry: &CatalogueEntry) -> Result<Self, CatalogueError> {
        if Path::new(&entry.file).file_name() != Some(entry.file.as_ref()) {
            return Err(CatalogueError::bad_entry(entry));
        }
        Ok(Self { path: folder.join(&entry.file), size: entry.size_bytes, sha256: entry.sha256.clone() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file that accompanies this one, such as `….lock`.
    pub(super) fn beside(&self, extension: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".");
        name.push(extension);
        name.into()
    }

    /// Looks at the file, and hashes it unless the very same file was hashed before.
    pub(super) async fn state(&self, progress: &dyn Progress) -> Result<State, CatalogueError> {
        let reading = |error| CatalogueError::cache("read", &self.path, error);
        let metadata = match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Missing),
            other => other.map_err(reading)?,
        };
        if metadata.len() != self.size {
            return Ok(State::Damaged(format!("it has {} bytes instead of {}", metadata.len(), self.size)));
        }
        if self.is_remembered() {
            return Ok(State::Sound);
        }
        let found = sha256(&self.path, self.size, progress).await.map_err(reading)?;
        if found != self.sha256 {
            return Ok(State::Damaged(format!("its SHA-256 is {found} instead of {}", self.sha256)));
        }
        self.remember();
        Ok(State::Sound)
    }

    /// Whether this file, unchanged since, was found sound before.
    pub(super) fn is_remembered(&self) -> bool {
        let stamp = self.stamp();
        stamp.is_some() && fs::read_to_string(self.beside("verified")).ok() == stamp
    }

    /// Spares the next start the hashing. A cache that can't be written to costs time and nothing else.
    pub(super) fn remember(&self) {
        let Some(stamp) = self.stamp() else { return };
        if let Err(error) = fs::write(self.beside("verified"), stamp) {
            tracing::debug!(%error, path = %self.path.display(), "the file will be hashed again at the next start");
        }
    }

    /// Size, time of change and hash: what a file has to keep to count as the one that was hashed.
    fn stamp(&self) -> Option<String> {
        let metadata = fs::metadata(&self.path).ok()?;
        let changed = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(format!("{} {} {}\n", metadata.len(), changed.as_nanos(), self.sha256))
    }
}

/// Hashes a file of `total` bytes in pieces that are small enough not to hold up other tasks for long.
pub(super) async fn sha256(path: &Path, total: u64, progress: &dyn Progress) -> io::Result<String> {
    const PIECE: u64 = 1 << 20;
    let mut file = tokio::fs::File::open(path).await?;
    let mut hasher = Sha256::new();
    let mut piece = Vec::new();
    let mut done = 0;
    loop {
        progress.report(&ProgressEvent::Verifying { done, total });
        piece.clear();
        let read = (&mut file).take(PIECE).read_to_end(&mut piece).await?;
        if read == 0 {
            return Ok(format!("{:x}", hasher.finalize()));
        }
        hasher.update(&piece);
        done += read as u64;
    }
}
