//! The model that is evaluated.

use cicerone::{mistral::catalogue, model::AnyModel, prelude::*};

use crate::{failure::Failure, options::SuiteOptions};

/// The model that the options name.
pub(crate) async fn model(options: &SuiteOptions) -> Result<AnyModel, Failure> {
    if let Some(url) = &options.base_url {
        let message = format!("models are run on this machine, not on {url}; leave out `--base-url`");
        return Err(Failure::usage(message));
    }
    let model = MistralModel::gguf(&options.model).progress(catalogue::progress::stderr()).await;
    model.map(AnyModel::new).map_err(Failure::new)
}
