//! The model that is evaluated.

use cicerone::model::{AnyModel, from_name};

use crate::{failure::Failure, options::SuiteOptions};

/// The model that the options name.
pub(crate) async fn model(options: &SuiteOptions) -> Result<AnyModel, Failure> {
    let named = match (&options.model, &options.base_url) {
        (Some(name), Some(url)) => from_name(name).base_url(url),
        (Some(name), None) => from_name(name),
        (None, Some(url)) => from_name("openai:").base_url(url),
        (None, None) => from_name("qwen2.5-coder-1.5b"),
    };
    named.show_progress().await.map_err(Failure::new)
}
