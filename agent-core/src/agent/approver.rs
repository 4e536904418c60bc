//! Who is asked before a call that needs approval.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::event::PlannedCall;

/// Decides on calls that need a person's approval.
///
/// Any `async` closure from a [`PlannedCall`] to a [`Verdict`] is one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't approve calls",
    note = "write `|call: PlannedCall| async move {{ Verdict::Approve }}`"
)]
pub trait Approver: Send + Sync + 'static {
    /// Decides on one call. Calls are put one after another.
    fn decide(&self, call: PlannedCall) -> impl Future<Output = Verdict> + Send;
}

/// What an [`Approver`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Make the call.
    Approve,
    /// Don't, for this reason.
    Deny(String),
    /// Nobody can say now: the run waits, and can be resumed.
    Later,
}

#[diagnostic::do_not_recommend]
impl<F, R> Approver for F
where
    F: Fn(PlannedCall) -> R + Send + Sync + 'static,
    R: Future<Output = Verdict> + Send,
{
    async fn decide(&self, call: PlannedCall) -> Verdict {
        self(call).await
    }
}

pub(super) type AnyApprover = Arc<dyn Erased>;

pub(super) trait Erased: Send + Sync {
    fn decide(&self, call: PlannedCall) -> BoxFuture<'_, Verdict>;
}

impl<A: Approver> Erased for A {
    fn decide(&self, call: PlannedCall) -> BoxFuture<'_, Verdict> {
        Box::pin(A::decide(self, call))
    }
}
