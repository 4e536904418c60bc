//! What a model is asked to do, summed up.

use std::sync::{Arc, Mutex, PoisonError};

use cicerone_core::model::{AnyModel, DeltaSink, Model, ModelError, ModelInfo, Request, Response, Usage};

/// A model that remembers what all its answers cost; clones share the sum.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// use cicerone_core::{message::Message, model::{DeltaSink, Model, Request}, scripted::ScriptedModel};
/// use cicerone_eval::Metered;
///
/// let model = Metered::new(ScriptedModel::new().reply("It is warm."));
/// model.respond(&Request::new(vec![Message::user("How warm is it?")]), &mut DeltaSink::none()).await?;
/// assert_eq!(model.spent().output_tokens, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Metered {
    model: AnyModel,
    spent: Arc<Mutex<Usage>>,
}

impl Metered {
    /// Measures `model`.
    #[must_use]
    pub fn new(model: impl Model) -> Self {
        Self { model: AnyModel::new(model), spent: Arc::default() }
    }

    /// What all answers so far have cost.
    #[must_use]
    pub fn spent(&self) -> Usage {
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Model for Metered {
    fn info(&self) -> ModelInfo {
        self.model.info()
    }

    async fn respond(&self, request: &Request, deltas: &mut DeltaSink<'_>) -> Result<Response, ModelError> {
        let response = self.model.respond(request, deltas).await?;
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner) += response.usage;
        Ok(response)
    }
}
