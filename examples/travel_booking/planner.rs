//! Who plans.

use cicerone::model::{Named, from_name};

/// The model that `--model` and `--base-url` name; the default one of this machine without either.
pub(crate) fn named(model: Option<&str>, base_url: Option<&str>) -> Named {
    match (model, base_url) {
        (Some(name), Some(url)) => from_name(name).base_url(url),
        (Some(name), None) => from_name(name),
        (None, Some(url)) => from_name("openai:").base_url(url),
        (None, None) => from_name("qwen2.5-coder-1.5b"),
    }
    .show_progress()
}
