//! Models without type parameters.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;

use super::{DeltaSink, Model, ModelError, ModelInfo, Request, Response};

/// Any [`Model`], its type forgotten; cheap to clone.
///
/// ```
/// use cicerone_core::{model::{AnyModel, Model}, scripted::ScriptedModel};
///
/// let model = AnyModel::new(ScriptedModel::new());
/// assert_eq!(model.info().name, "scripted");
/// ```
#[derive(Clone)]
pub struct AnyModel(Arc<dyn Erased>);

impl AnyModel {
    /// Forgets the type of `model`.
    #[must_use]
    pub fn new(model: impl Model) -> Self {
        Self(Arc::new(model))
    }
}

impl Model for AnyModel {
    fn info(&self) -> ModelInfo {
        self.0.info()
    }

    async fn respond(&self, request: &Request, deltas: &mut DeltaSink<'_>) -> Result<Response, ModelError> {
        self.0.respond(request, deltas).await
    }
}

impl fmt::Debug for AnyModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnyModel").field(&self.0.info().name).finish()
    }
}

trait Erased: Send + Sync {
    fn info(&self) -> ModelInfo;
    fn respond<'a>(
        &'a self,
        request: &'a Request,
        deltas: &'a mut DeltaSink<'_>,
    ) -> BoxFuture<'a, Result<Response, ModelError>>;
}

impl<M: Model> Erased for M {
    fn info(&self) -> ModelInfo {
        M::info(self)
    }

    fn respond<'a>(
        &'a self,
        request: &'a Request,
        deltas: &'a mut DeltaSink<'_>,
    ) -> BoxFuture<'a, Result<Response, ModelError>> {
        Box::pin(M::respond(self, request, deltas))
    }
}
