//! Who plans.

use cicerone::model::{Named, from_name};
use clap::Args;

/// The model that plans: the default one of this machine, unless said otherwise.
#[derive(Debug, Args)]
pub(crate) struct Planner {
    /// Who plans: a local model of the catalogue, a path to a GGUF file, or a remote one, such as `openai:gpt-5-mini`
    /// or `anthropic:claude-sonnet-4-5` [default: qwen2.5-coder-1.5b, or what is at `--base-url`]
    #[arg(long, value_name = "NAME|PATH", verbatim_doc_comment)]
    model: Option<String>,
    /// The address of a server that plans, such as http://127.0.0.1:8080/v1
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

impl Planner {
    /// The model, to be awaited.
    pub(crate) fn named(&self) -> Named {
        match (&self.model, &self.base_url) {
            (Some(name), Some(url)) => from_name(name).base_url(url),
            (Some(name), None) => from_name(name),
            (None, Some(url)) => from_name("openai:").base_url(url),
            (None, None) => from_name("qwen2.5-coder-1.5b"),
        }
        .show_progress()
    }
}
