//! One download of a model at a time, on this machine.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use super::{CatalogueError, Progress, ProgressEvent};

const POLL: Duration = Duration::from_millis(200);

/// Held while a model is downloaded; released when it is dropped, and by the operating system when a process dies.
///
/// The file itself stays: to delete it would let a third process lock a new one while a second holds the old.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    pub(super) async fn acquire(path: &Path, model: &str, progress: &dyn Progress) -> Result<Self, CatalogueError> {
        let file = File::options().create(true).append(true).open(path);
        let file = file.map_err(|error| CatalogueError::cache("write", path, error))?;
        let mut said = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => {
                    // Some network file systems have no locks. The hash protects the file even then.
                    tracing::debug!(%error, path = %path.display(), "downloading without a lock");
                    return Ok(Self { _file: file });
                }
            }
            if !said {
                said = true;
                let note = format!("another process is downloading `{model}`; waiting for it");
                progress.report(&ProgressEvent::Note(note));
            }
            // Polled, so that dropping the future stops the waiting: a thread blocked in the kernel couldn't be stopped.
            tokio::time::sleep(POLL).await;
        }
    }
}
