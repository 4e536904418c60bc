//! Who is asked before a call that needs approval.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::Value;

use super::Waiting;
use crate::event::PlannedCall;

/// Decides on calls that need a person's approval.
///
/// Any `async` closure from a [`PlannedCall`] to a [`Verdict`] is one. A type that implements it is told more: what the
/// call is for, under which key, and until when it may be decided on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't approve calls",
    note = "write `|call: PlannedCall| async move {{ Verdict::Approve }}`"
)]
pub trait Approver: Send + Sync + 'static {
    /// Decides on one call. Calls are put one after another.
    fn decide(&self, waiting: Waiting) -> impl Future<Output = Verdict> + Send;
}

/// What an [`Approver`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Make the call.
    Approve,
    /// Don't, for this reason.
    Deny(String),
    /// Make it with these arguments instead. If they don't fit, the call is put again, with what is wrong.
    Edit(Value),
    /// Don't: this is what came of it. If it is not what the tool returns, the call is put again.
    Answer(Value),
    /// Nobody can say now: the run waits, and can be resumed.
    Later,
}

#[diagnostic::do_not_recommend]
impl<F, R> Approver for F
where
    F: Fn(PlannedCall) -> R + Send + Sync + 'static,
    R: Future<Output = Verdict> + Send,
{
    async fn decide(&self, waiting: Waiting) -> Verdict {
        self(waiting.call).await
    }
}

pub(super) type AnyApprover = Arc<dyn Erased>;

pub(super) trait Erased: Send + Sync {
    fn decide(&self, waiting: Waiting) -> BoxFuture<'_, Verdict>;
}

impl<A: Approver> Erased for A {
    fn decide(&self, waiting: Waiting) -> BoxFuture<'_, Verdict> {
        Box::pin(A::decide(self, waiting))
    }
}
