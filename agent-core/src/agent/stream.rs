//! A run, watched.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures::{Stream, StreamExt, channel::mpsc, future::BoxFuture};

use crate::{agent::Run, error::Error, event::Entry, model::Delta};

/// Something that happens in a run that is watched.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Update {
    /// An event was written to the journal.
    Entry(Entry),
    /// The model said something more, in answer to the request of this number.
    Delta {
        /// The request's number.
        call: u32,
        /// What it said.
        delta: Delta,
    },
}

/// A run that goes on while it is polled; its items are what happens.
///
/// Dropping it cancels the run where it stands: the journal is complete up to there, and the run can be resumed.
pub struct RunStream<T = String> {
    updates: mpsc::UnboundedReceiver<Update>,
    run: Option<BoxFuture<'static, Result<Run<T>, Error>>>,
    ended: Option<Result<Run<T>, Error>>,
}

impl<T> RunStream<T> {
    pub(super) fn new<F>(begin: impl FnOnce(mpsc::UnboundedSender<Update>) -> F) -> Self
    where
        F: Future<Output = Result<Run<T>, Error>> + Send + 'static,
    {
        let (sender, updates) = mpsc::unbounded();
        Self { updates, run: Some(Box::pin(begin(sender))), ended: None }
    }

    /// What came of the run, after the rest of it.
    ///
    /// # Errors
    /// As for the run itself.
    pub async fn outcome(mut self) -> Result<Run<T>, Error> {
        while self.next().await.is_some() {}
        match (self.ended.take(), self.run.take()) {
            (Some(ended), _) => ended,
            (None, Some(run)) => run.await,
            (None, None) => Err(Error::new(crate::ErrorKind::Cancelled, "the run's outcome was already taken")),
        }
    }
}

impl<T> Unpin for RunStream<T> {}

impl<T> Stream for RunStream<T> {
    type Item = Update;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Update>> {
        if let Some(run) = &mut self.run
            && let Poll::Ready(ended) = run.as_mut().poll(cx)
        {
            self.run = None;
            self.ended = Some(ended);
        }
        // The run holds the only sender, so the updates end when it does.
        self.updates.poll_next_unpin(cx)
    }
}

impl<T> fmt::Debug for RunStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunStream").field("running", &self.run.is_some()).finish_non_exhaustive()
    }
}
