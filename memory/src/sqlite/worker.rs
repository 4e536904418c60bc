//! The thread on which a connection lives.

use std::{sync::mpsc, thread};

use cicerone_core::memory::{MemoryError, MemoryErrorKind};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::fault::Fault;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// Hands jobs to a connection's thread, one after another.
///
/// SQLite blocks: on the disk, and on other processes. One thread for the connection keeps that off the async
/// threads, needs no lock, and keeps callers in order. A pool would gain little: SQLite has one writer at a time, and
/// a journal is read only when a run is resumed or looked at.
#[derive(Clone)]
pub(super) struct Worker(mpsc::Sender<Job>);

impl Worker {
    /// Moves `connection` to a thread, which ends when the last clone of this worker is dropped.
    pub(super) fn start(mut connection: Connection) -> Result<Self, Fault> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let work = move || queue.into_iter().for_each(|job| job(&mut connection));
        match thread::Builder::new().name("cicerone-sqlite".into()).spawn(work) {
            Ok(_) => Ok(Self(jobs)),
            Err(error) => {
                let message = "the system gives no thread for the SQLite store";
                Err(MemoryError::new(MemoryErrorKind::Unavailable, message).with_source(error).into())
            }
        }
    }

    /// Runs `job` on the connection's thread. If the future is dropped, a job that has not begun never does, and one
    /// that has is finished.
    pub(super) async fn run<R: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<R, Fault> + Send + 'static,
    ) -> Result<R, Fault> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            if !reply.is_closed() {
                // Nobody may be left to hear it: then the future was dropped, and that is fine.
                let _ = reply.send(job(connection));
            }
        });
        // A failure to send or to receive both mean that the thread has ended, which only a panic can make it do.
        let stopped = || MemoryError::new(MemoryErrorKind::Unavailable, "the SQLite store's thread has stopped");
        self.0.send(job).map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}
