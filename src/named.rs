//! Models by name: one line for whatever is to answer.

use std::path::Path;

use cicerone_core::model::{AnyModel, ModelError, ModelErrorKind};

/// The providers that a name can begin with, whether or not they were compiled in, with the feature that each needs.
const LOCAL: (&str, &str) = ("mistral", "mistral");
const OPENAI: (&str, &str) = ("openai", "openai");

/// The model that a name means, loaded or connected when it is awaited.
///
/// | name | model | feature |
/// | --- | --- | --- |
/// | `mistral:qwen2.5-coder-1.5b`, or without `mistral:` | a local model of the catalogue, downloaded if need be | `mistral` |
/// | `models/some.gguf`, `mistral:/models/some.gguf` | a local file | `mistral` |
/// | `openai:gpt-5-mini` | a model of OpenAI, or of the server in `OPENAI_BASE_URL` | `openai` |
/// | `openai:` with a [base URL](Named::base_url) | the only model of that server | `openai` |
/// | `anthropic:claude-sonnet-4-5`, `gemini:…`, `ollama:…` | a model of a provider of rig-core | `rig` |
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let model = cicerone::model::from_name("openai:").base_url("http://127.0.0.1:8080/v1").await?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// When awaited: [`ModelErrorKind::Load`] for a name that means nothing, with those that there are, and for one whose
/// feature is not compiled in, with its name; otherwise what the provider's own adapter says.
pub fn from_name(name: impl Into<String>) -> Named {
    Named { name: name.into(), base_url: None, progress: false }
}

/// A model in the making, of [`from_name`].
#[derive(Clone, Debug)]
#[must_use = "a name is not a model until it is awaited"]
pub struct Named {
    name: String,
    base_url: Option<String>,
    progress: bool,
}

/// What a name means.
#[derive(Debug, PartialEq, Eq)]
enum Meaning<'n> {
    Local(&'n str),
    OpenAi(&'n str),
    Rig(&'n str, &'n str),
}

impl Named {
    /// Sets the address of the provider, or of a server that speaks its format. A name without a provider then means
    /// a model of an OpenAI-compatible server.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Shows on the terminal how a local model is downloaded and loaded.
    pub fn show_progress(mut self) -> Self {
        self.progress = true;
        self
    }

    fn meaning(&self) -> Result<Meaning<'_>, ModelError> {
        let name = self.name.trim();
        let is_file = |name: &str| Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("gguf"));
        match name.split_once(':') {
            Some((provider, model)) if provider == LOCAL.0 => Ok(Meaning::Local(model.trim())),
            Some((provider, model)) if provider == OPENAI.0 => Ok(Meaning::OpenAi(model.trim())),
            // A path may have a colon.
            _ if is_file(name) || Path::new(name).is_file() => Ok(Meaning::Local(name)),
            Some((provider, model)) if rig::knows(provider) => Ok(Meaning::Rig(provider, model.trim())),
            _ if self.base_url.is_some() => Ok(Meaning::OpenAi(name)),
            None if local::knows(name) => Ok(Meaning::Local(name)),
            _ => Err(self.unknown()),
        }
    }

    fn unknown(&self) -> ModelError {
        let mut there_are = vec!["a path to a GGUF file".to_owned()];
        there_are.extend(local::names().into_iter().map(|name| format!("`{}:{name}`", LOCAL.0)));
        there_are.push(format!("`{}:MODEL`", OPENAI.0));
        there_are.extend(rig::names().into_iter().map(|name| format!("`{name}:MODEL`")));
        let missing = missing_features();
        let missing = if missing.is_empty() {
            String::new()
        } else {
            format!("; more with the features {} of the crate `cicerone`", missing.join(", "))
        };
        let message = format!("no model is called `{}`; there are {}{missing}", self.name, there_are.join(", "));
        ModelError::new(ModelErrorKind::Load, message)
    }

    async fn load(self) -> Result<AnyModel, ModelError> {
        match self.meaning()? {
            Meaning::Local(_) if self.base_url.is_some() => Err(ModelError::new(
                ModelErrorKind::Load,
                format!("`{}` is a local model, and a base URL was given; leave one of them out", self.name),
            )),
            Meaning::Local(name) => local::load(name, self.progress).await,
            Meaning::OpenAi(name) => openai::load(name, self.base_url.as_deref()).await,
            Meaning::Rig(provider, name) => rig::load(provider, name, self.base_url.as_deref()),
        }
    }
}

impl IntoFuture for Named {
    type Output = Result<AnyModel, ModelError>;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.load())
    }
}

/// The features that would know more names.
fn missing_features() -> Vec<&'static str> {
    let all =
        [("mistral", cfg!(feature = "mistral")), ("openai", cfg!(feature = "openai")), ("rig", cfg!(feature = "rig"))];
    all.into_iter().filter(|(_, there)| !there).map(|(name, _)| name).collect()
}

#[cfg(not(all(feature = "mistral", feature = "openai", feature = "rig")))]
fn not_compiled(provider: &str, feature: &str) -> ModelError {
    let message =
        format!("`{provider}:` needs the feature `{feature}` of the crate `cicerone`, which is not compiled in");
    ModelError::new(ModelErrorKind::Load, message)
}

#[cfg(feature = "mistral")]
mod local {
    use cicerone_core::model::{AnyModel, ModelError};
    use cicerone_mistral::{
        MistralModel,
        catalogue::{Catalogue, CatalogueOptions, progress},
    };

    pub(super) fn knows(name: &str) -> bool {
        Catalogue::new(CatalogueOptions::from_env()).find(name).is_ok()
    }

    pub(super) fn names() -> Vec<String> {
        let catalogue = Catalogue::new(CatalogueOptions::from_env());
        catalogue.entries().iter().filter_map(|entry| entry.names().next().map(str::to_owned)).collect()
    }

    pub(super) async fn load(name: &str, shown: bool) -> Result<AnyModel, ModelError> {
        let loader = MistralModel::gguf(name);
        let loader = if shown { loader.progress(progress::stderr()) } else { loader };
        loader.await.map(AnyModel::new)
    }
}

#[cfg(not(feature = "mistral"))]
mod local {
    use cicerone_core::model::{AnyModel, ModelError};

    pub(super) fn knows(_: &str) -> bool {
        false
    }

    pub(super) fn names() -> Vec<String> {
        Vec::new()
    }

    pub(super) async fn load(_: &str, _: bool) -> Result<AnyModel, ModelError> {
        Err(super::not_compiled(super::LOCAL.0, super::LOCAL.1))
    }
}

#[cfg(feature = "openai")]
mod openai {
    use cicerone_core::model::{AnyModel, ModelError};
    use cicerone_openai::OpenAiModel;

    pub(super) async fn load(name: &str, base_url: Option<&str>) -> Result<AnyModel, ModelError> {
        let connector = match (name, base_url) {
            ("", Some(url)) => OpenAiModel::at(url),
            (name, Some(url)) => OpenAiModel::named(name).base_url(url),
            (name, None) => OpenAiModel::named(name),
        };
        connector.connect().await.map(AnyModel::new)
    }
}

#[cfg(not(feature = "openai"))]
mod openai {
    use cicerone_core::model::{AnyModel, ModelError};

    pub(super) async fn load(_: &str, _: Option<&str>) -> Result<AnyModel, ModelError> {
        Err(super::not_compiled(super::OPENAI.0, super::OPENAI.1))
    }
}

#[cfg(feature = "rig")]
mod rig {
    use cicerone_core::model::{AnyModel, ModelError};
    use cicerone_rig::RigModel;

    pub(super) fn knows(provider: &str) -> bool {
        cicerone_rig::providers().any(|known| known == provider)
    }

    pub(super) fn names() -> Vec<&'static str> {
        cicerone_rig::providers().collect()
    }

    pub(super) fn load(provider: &str, name: &str, base_url: Option<&str>) -> Result<AnyModel, ModelError> {
        let builder = RigModel::of(provider, name)?;
        let builder = match base_url {
            Some(url) => builder.base_url(url),
            None => builder,
        };
        builder.build().map(AnyModel::new)
    }
}

#[cfg(not(feature = "rig"))]
mod rig {
    use cicerone_core::model::{AnyModel, ModelError};

    /// Those that people ask for most, so that the error can name the feature.
    const KNOWN: [&str; 5] = ["anthropic", "gemini", "ollama", "openrouter", "groq"];

    pub(super) fn knows(provider: &str) -> bool {
        KNOWN.contains(&provider)
    }

    pub(super) fn names() -> Vec<&'static str> {
        Vec::new()
    }

    pub(super) fn load(provider: &str, _: &str, _: Option<&str>) -> Result<AnyModel, ModelError> {
        Err(super::not_compiled(provider, "rig"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_who_answers() {
        let local = |name: &'static str| {
            from_name(name).meaning().unwrap() == Meaning::Local(name.trim_start_matches("mistral:"))
        };
        assert!(local("mistral:qwen2.5-coder-1.5b"));
        assert!(local("some/folder/model.GGUF"));
        assert!(local("C:/models/model.gguf"));
        assert_eq!(from_name("openai:gpt-5-mini").meaning().unwrap(), Meaning::OpenAi("gpt-5-mini"));
        assert_eq!(from_name("openai:ft:gpt:x").meaning().unwrap(), Meaning::OpenAi("ft:gpt:x"));
        assert_eq!(from_name("anthropic:claude").meaning().unwrap(), Meaning::Rig("anthropic", "claude"));
        let served = from_name("qwen").base_url("http://127.0.0.1:1/v1");
        assert_eq!(served.meaning().unwrap(), Meaning::OpenAi("qwen"));
    }

    #[test]
    fn a_name_that_means_nothing_is_answered_with_those_that_do() {
        for name in ["", "gpt", "antropic:claude", "mistrall:x"] {
            let error = from_name(name).meaning().unwrap_err();
            assert_eq!(error.kind(), ModelErrorKind::Load);
            assert!(error.to_string().contains("`openai:MODEL`"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_local_model_has_no_address() {
        let error = from_name("mistral:x").base_url("http://127.0.0.1:1/v1").await.unwrap_err();
        assert!(error.to_string().contains("leave one of them out"), "{error}");
    }
}
