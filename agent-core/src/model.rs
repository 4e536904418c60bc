//! The language model as the framework sees it: a request in, a response out, deltas on the way.

mod decision;
mod erased;
mod error;
mod info;
mod request;
mod response;

pub use decision::{Decided, Decision};
pub use erased::AnyModel;
pub use error::{ModelError, ModelErrorKind};
pub use info::ModelInfo;
pub use request::{Expect, Grammar, Request, Sampling};
pub use response::{Delta, DeltaSink, Finish, Means, Response, Usage};

/// A language model.
///
/// One method serves streaming and not streaming: an adapter sends [`Delta`]s while it goes and returns the whole.
/// Dropping the returned future cancels the request; an adapter must then stop computing.
///
/// ```
/// use cicerone_core::model::*;
///
/// /// Answers everything with the same word.
/// struct Parrot;
///
/// impl Model for Parrot {
///     fn info(&self) -> ModelInfo {
///         ModelInfo::new("parrot", "example")
///     }
///
///     async fn respond(&self, _: &Request, deltas: &mut DeltaSink<'_>) -> Result<Response, ModelError> {
///         deltas.send(Delta::Text("hello".into()));
///         Ok(Response::text("hello"))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "this can't answer requests",
    note = "pass an adapter such as `MistralModel` or `ScriptedModel`, or implement `cicerone::Model` for your type",
    note = "to share one model between agents, clone the agent or pass an `Arc` of the model"
)]
pub trait Model: Send + Sync + 'static {
    /// What the model is and what it can do. Constant for the life of the value.
    fn info(&self) -> ModelInfo;

    /// Answers one request.
    ///
    /// # Errors
    /// A [`ModelError`] that says what went wrong and whether the same request may succeed later.
    fn respond(
        &self,
        request: &Request,
        deltas: &mut DeltaSink<'_>,
    ) -> impl Future<Output = Result<Response, ModelError>> + Send;
}

#[diagnostic::do_not_recommend]
impl<M: Model> Model for std::sync::Arc<M> {
    fn info(&self) -> ModelInfo {
        M::info(self)
    }

    fn respond(
        &self,
        request: &Request,
        deltas: &mut DeltaSink<'_>,
    ) -> impl Future<Output = Result<Response, ModelError>> + Send {
        M::respond(self, request, deltas)
    }
}
