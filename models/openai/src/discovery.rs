//! What a server says about itself: its models, its kind, how much they take.

use std::time::Duration;

use async_openai::config::Config;
use cicerone_core::model::{ModelError, ModelErrorKind};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    failure::{self, plain},
    http::{Server, Trouble},
};

/// How long a server may take to list its models.
const WITHIN: Duration = Duration::from_secs(30);
/// How many names an error lists.
const NAMED: usize = 10;

/// A model in a server's list.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Listed {
    /// What requests call it.
    pub(crate) id: String,
    #[serde(default)]
    owned_by: Option<String>,
    /// vLLM's name for the context window, and OpenRouter's.
    #[serde(default, alias = "context_length")]
    max_model_len: Option<u32>,
    /// What llama.cpp adds.
    #[serde(default)]
    meta: Option<Meta>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
struct Meta {
    #[serde(default)]
    n_ctx: Option<u32>,
    #[serde(default)]
    n_ctx_train: Option<u32>,
}

impl Listed {
    /// A model that is in no list.
    pub(crate) fn unlisted(id: String) -> Self {
        Self { id, owned_by: None, max_model_len: None, meta: None }
    }

    /// Whether llama.cpp serves it.
    pub(crate) fn is_of_llama_cpp(&self) -> bool {
        self.owned_by.as_deref() == Some("llamacpp")
    }

    /// Its name for people: llama.cpp calls models by their files.
    pub(crate) fn name(&self) -> String {
        let name = self.id.rsplit(['/', '\\']).next().filter(|_| self.is_of_llama_cpp()).unwrap_or(&self.id);
        plain(name.strip_suffix(".gguf").unwrap_or(name), 100)
    }

    /// The most tokens that it takes, as far as the list says.
    pub(crate) fn context_window(&self) -> Option<u32> {
        let meta = self.meta.and_then(|meta| meta.n_ctx.or(meta.n_ctx_train));
        self.max_model_len.or(meta).filter(|tokens| *tokens > 0)
    }

    fn is_called(&self, name: &str) -> bool {
        self.id == name || self.name() == name || self.id.strip_suffix(":latest") == Some(name)
    }
}

/// The models that a server lists; `None` if it keeps no list.
pub(crate) async fn models(server: &Server) -> Result<Option<Vec<Listed>>, ModelError> {
    #[derive(Deserialize)]
    struct List {
        data: Vec<Value>,
    }

    let url = server.endpoint.address("/models");
    let body = match server.get(&url, WITHIN).await {
        Ok((_, body)) => body,
        Err(Trouble::Refused(refusal))
            if matches!(refusal.status.as_u16(), 404 | 405 | 501) && !failure::is_html(&refusal.body) =>
        {
            return Ok(None);
        }
        Err(Trouble::Refused(refusal)) => return Err(refusal.into_error(&server.endpoint, "models")),
        Err(Trouble::Failed(error)) => return Err(error),
    };
    if failure::is_html(&body) {
        return Err(failure::html(&server.endpoint, &body));
    }
    let list: Option<List> = serde_json::from_str(&body).ok();
    // An entry that can't be read hides no other.
    Ok(list.map(|list| list.data.into_iter().filter_map(|model| Listed::deserialize(model).ok()).collect()))
}

/// The model of this name, or the only one.
pub(crate) fn choose(name: Option<&str>, listed: Option<Vec<Listed>>, server: &Server) -> Result<Listed, ModelError> {
    let at = server.endpoint.api_base();
    let wrong = |message: String| ModelError::new(ModelErrorKind::Load, message);
    match (name, listed) {
        // An empty list says as little as none.
        (Some(name), None) => Ok(Listed::unlisted(name.to_owned())),
        (Some(name), Some(listed)) if listed.is_empty() => Ok(Listed::unlisted(name.to_owned())),
        (Some(name), Some(listed)) => {
            let found = listed
                .iter()
                .find(|model| model.id == name)
                .or_else(|| listed.iter().find(|model| model.is_called(name)));
            found.cloned().ok_or_else(|| {
                let name = plain(name, 100);
                wrong(format!("{at} has no model `{name}`; {}{}", did_you_mean(&name, &listed), names(&listed)))
            })
        }
        (None, Some(listed)) => match listed.as_slice() {
            [only] => Ok(only.clone()),
            [] => Err(wrong(format!("{at} lists no model; load one there, or name one with `OpenAiModel::named`"))),
            several => {
                Err(wrong(format!("{at} has several models; choose one with `OpenAiModel::named`: {}", names(several))))
            }
        },
        (None, None) => Err(wrong(format!("{at} does not list its models; name one with `OpenAiModel::named`"))),
    }
}

fn did_you_mean(name: &str, listed: &[Listed]) -> String {
    let near = listed.iter().map(|model| (strsim::jaro_winkler(name, &model.name()), model.name()));
    let nearest = near.filter(|(likeness, _)| *likeness > 0.8).max_by(|a, b| a.0.total_cmp(&b.0));
    nearest.map(|(_, name)| format!("did you mean `{name}`? ")).unwrap_or_default()
}

fn names(listed: &[Listed]) -> String {
    let shown: Vec<String> = listed.iter().take(NAMED).map(|model| format!("`{}`", model.name())).collect();
    let more = listed.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("there are {}{more}", shown.join(", "))
}

/// What llama.cpp says of the model that it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Properties {
    /// The context of one conversation, which may be less than the model was trained for.
    pub(crate) context_window: Option<u32>,
    pub(crate) images: bool,
}

/// Asks llama.cpp for its properties; a server that does not tell has none.
pub(crate) async fn properties(server: &Server) -> Properties {
    let url = server.endpoint.beside("/props");
    let body = match server.get(&url, WITHIN).await {
        Ok((_, body)) => body,
        Err(trouble) => {
            let why = match trouble {
                Trouble::Refused(refusal) => refusal.into_error(&server.endpoint, "props"),
                Trouble::Failed(error) => error,
            };
            tracing::debug!(%why, "the server tells no properties");
            return Properties::default();
        }
    };
    let all: Value = serde_json::from_str(&body).unwrap_or_default();
    let context = all.pointer("/default_generation_settings/n_ctx").and_then(Value::as_u64);
    Properties {
        context_window: context.and_then(|tokens| u32::try_from(tokens).ok()).filter(|tokens| *tokens > 0),
        images: all.pointer("/modalities/vision") == Some(&Value::Bool(true)),
    }
}
