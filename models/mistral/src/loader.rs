//! Loading a model.

use std::{
    future::IntoFuture,
    path::{Path, PathBuf},
};

use cicerone_core::model::{ModelError, ModelErrorKind};
use mistralrs::{
    AutoDeviceMapParams, DeviceMapSetting, GgufLoraModelBuilder, GgufModelBuilder, IsqBits, LoraModelBuilder, Model,
    TextModelBuilder,
};

use crate::{
    MistralModel,
    catalogue::{Catalogue, Progress, ProgressEvent, gguf::GgufSummary, progress::Silent},
};

/// How many earlier prompts keep what was computed for them: a later prompt that begins alike is computed from there.
const KEPT_PROMPTS: usize = 16;
/// How many requests are decoded at once; further ones wait.
const CONCURRENT: usize = 8;

/// A model about to be loaded: await it.
#[must_use = "a model is loaded when this is awaited"]
pub struct Loader {
    source: Source,
    lora: Vec<String>,
    ordering: Option<PathBuf>,
    catalogue: Catalogue,
    progress: Box<dyn Progress>,
}

enum Source {
    Gguf(String),
    Hub { repository: String, bits: Option<Bits> },
}

/// To how many bits weights are quantised while a model is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bits {
    /// 4 bits: the smallest that keeps a small model useful.
    Four,
    /// 8 bits: close to the original, twice the memory.
    Eight,
}

impl Loader {
    pub(crate) fn gguf(name_or_path: String) -> Self {
        Self::new(Source::Gguf(name_or_path))
    }

    pub(crate) fn hub(repository: String) -> Self {
        Self::new(Source::Hub { repository, bits: Some(Bits::Four) })
    }

    fn new(source: Source) -> Self {
        Self { source, lora: Vec::new(), ordering: None, catalogue: Catalogue::default(), progress: Box::new(Silent) }
    }

    /// Quantises a hub model to so many bits while it is loaded, or not at all: to 4 bits unless said otherwise.
    pub fn quantised(mut self, bits: Option<Bits>) -> Self {
        if let Source::Hub { bits: of, .. } = &mut self.source {
            *of = bits;
        }
        self
    }

    /// Adds a LoRA adapter: a folder, or a repository of the hub.
    ///
    /// Adapters of a GGUF model need [`ordering`](Self::ordering) too.
    pub fn lora(mut self, adapter: impl Into<String>) -> Self {
        self.lora.push(adapter.into());
        self
    }

    /// The file that says which layers of a GGUF model its LoRA adapter's weights belong to.
    pub fn ordering(mut self, file: impl Into<PathBuf>) -> Self {
        self.ordering = Some(file.into());
        self
    }

    /// Sets the catalogue in which names are looked up: the built-in one unless said otherwise.
    pub fn catalogue(mut self, catalogue: Catalogue) -> Self {
        self.catalogue = catalogue;
        self
    }

    /// Sets who hears of downloads, checks and warnings: nobody unless said otherwise.
    ///
    /// [`catalogue::progress::stderr`](crate::catalogue::progress::stderr) shows them to a person.
    pub fn progress(mut self, progress: Box<dyn Progress>) -> Self {
        self.progress = progress;
        self
    }

    async fn load(self) -> Result<MistralModel, ModelError> {
        if let Some(warning) = missing_simd() {
            self.warn(warning);
        }
        match &self.source {
            Source::Gguf(name_or_path) => self.load_gguf(name_or_path).await,
            Source::Hub { repository, bits } => self.load_hub(repository, *bits).await,
        }
    }

    async fn load_gguf(&self, name_or_path: &str) -> Result<MistralModel, ModelError> {
        let found = self
            .catalogue
            .fetch(name_or_path, &*self.progress)
            .await
            .map_err(|error| failed(&error.to_string(), error))?;
        let name = found.entry().map_or_else(|| stem(found.path()), |entry| entry.name.clone());
        let summary = found.gguf();
        summary.supported_architecture().map_err(|error| failed(&error.to_string(), error))?;
        if let Some(warning) = slow_types(summary) {
            self.warn(&warning);
        }
        let context = summary.context_length().unwrap_or(DEFAULT_CONTEXT);
        let (folder, file) = split(found.path())?;
        // The device map sizes the cache for the longest prompt that it is told of; its own default is the model's.
        let builder = GgufModelBuilder::new(folder, vec![file])
            .with_prefix_cache_n(Some(KEPT_PROMPTS))
            .with_max_num_seqs(CONCURRENT)
            .with_device_mapping(DeviceMapSetting::Auto(AutoDeviceMapParams::default_text()));
        let model = match self.lora.as_slice() {
            [] => guarded(&name, builder.build()).await?,
            [adapter] => {
                let ordering = self.ordering.as_deref().ok_or_else(|| {
                    load_error(format!("the LoRA adapter {adapter} of a GGUF model needs an ordering file"))
                })?;
                let ordering = read_ordering(ordering)?;
                guarded(&name, GgufLoraModelBuilder::from_gguf_model_builder(builder, adapter, ordering).build())
                    .await?
            }
            several => {
                let message = format!("{} LoRA adapters were given; a GGUF model takes one", several.len());
                return Err(load_error(message));
            }
        };
        MistralModel::new(model, name, u32::try_from(context).unwrap_or(u32::MAX)).await
    }

    async fn load_hub(&self, repository: &str, bits: Option<Bits>) -> Result<MistralModel, ModelError> {
        let mut builder =
            TextModelBuilder::new(repository).with_prefix_cache_n(Some(KEPT_PROMPTS)).with_max_num_seqs(CONCURRENT);
        builder = match bits {
            Some(Bits::Four) => builder.with_auto_isq(IsqBits::Four),
            Some(Bits::Eight) => builder.with_auto_isq(IsqBits::Eight),
            None => builder,
        };
        let model = if self.lora.is_empty() {
            guarded(repository, builder.build()).await?
        } else {
            guarded(repository, LoraModelBuilder::from_text_model_builder(builder, &self.lora).build()).await?
        };
        let context = model.max_sequence_length().ok().flatten().unwrap_or(DEFAULT_CONTEXT as usize);
        MistralModel::new(model, repository.to_owned(), u32::try_from(context).unwrap_or(u32::MAX)).await
    }

    fn warn(&self, warning: &str) {
        tracing::warn!("{warning}");
        self.progress.report(&ProgressEvent::Note(warning.to_owned()));
    }
}

impl IntoFuture for Loader {
    type Output = Result<MistralModel, ModelError>;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.load())
    }
}

impl std::fmt::Debug for Loader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let source = match &self.source {
            Source::Gguf(name) => name,
            Source::Hub { repository, .. } => repository,
        };
        f.debug_struct("Loader").field("source", source).field("lora", &self.lora).finish_non_exhaustive()
    }
}

/// The context that is assumed of a model that does not say.
const DEFAULT_CONTEXT: u64 = 4096;

/// Loads in a task of its own, so that a panic in there is an error out here.
async fn guarded<E: std::fmt::Display + Send + 'static>(
    name: &str,
    load: impl Future<Output = Result<Model, E>> + Send + 'static,
) -> Result<Model, ModelError> {
    match tokio::spawn(load).await {
        Ok(Ok(model)) => Ok(model),
        Ok(Err(error)) => Err(load_error(format!("the model {name} can't be loaded: {error:#}"))),
        Err(error) => {
            Err(load_error(format!("the model {name} can't be loaded: its loader broke off")).with_source(error))
        }
    }
}

fn read_ordering(file: &Path) -> Result<mistralrs::core::Ordering, ModelError> {
    let wrong = |why: String| load_error(format!("the LoRA ordering {} can't be read: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))
}

fn load_error(message: String) -> ModelError {
    ModelError::new(ModelErrorKind::Load, message)
}

fn failed(message: &str, error: impl std::error::Error + Send + Sync + 'static) -> ModelError {
    load_error(message.to_owned()).with_source(error)
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(|| "gguf".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

fn split(path: &Path) -> Result<(String, String), ModelError> {
    let absolute = std::path::absolute(path).map_err(|error| failed(&format!("{}: {error}", path.display()), error))?;
    let text = |path: Option<&Path>| path.and_then(Path::to_str).map(str::to_owned);
    text(absolute.parent())
        .zip(text(absolute.file_name().map(Path::new)))
        .ok_or_else(|| load_error(format!("the path {} is not valid UTF-8", path.display())))
}

/// Why inference will crawl, if this was compiled without the instructions that candle chooses its kernels by.
fn missing_simd() -> Option<&'static str> {
    let fast = cfg!(any(
        all(target_feature = "avx2", target_feature = "fma"),
        target_feature = "neon",
        target_feature = "simd128"
    ));
    (!fast).then_some(
        "compiled without SIMD: local models will be many times slower; build with RUSTFLAGS=\"-C target-cpu=x86-64-v3\" \
         or copy `.cargo/config.toml` of the cicerone workspace",
    )
}

/// Why inference will crawl, if much of the file is of types that candle has no SIMD kernel for.
fn slow_types(summary: &GgufSummary) -> Option<String> {
    let slow = summary.slow_tensors();
    (slow.share() > 0.1).then(|| {
        format!(
            "{} of {} matrices of this file are of types without a fast kernel ({}): it will be slow; prefer a file \
             that is Q4_K and Q6_K throughout",
            slow.slow_matrices,
            slow.matrices,
            slow.types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        )
    })
}
