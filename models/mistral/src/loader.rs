//! Loading a model.

use std::{
    future::IntoFuture,
    path::{Path, PathBuf},
};

use cicerone_core::model::{ModelError, ModelErrorKind};
use mistralrs::{
    AutoDeviceMapParams, DeviceMapSetting, GgufLoraModelBuilder, GgufModelBuilder, IsqBits, LoraModelBuilder, Model,
    TextModelBuilder,
    core::{
        AdapterPaths, AddModelConfig, DefaultSchedulerMethod, EngineConfig, LocalModelPaths, LoraAdapterPaths,
        ModelDType, ModelPaths, NormalLoaderBuilder, NormalSpecificConfig, Ordering, SchedulerConfig,
    },
    model_builder_trait::build_model_from_pipeline,
};

use crate::{
    MistralModel,
    catalogue::{Catalogue, Progress, ProgressEvent, gguf::GgufSummary, progress::Silent},
};

/// How many earlier prompts keep what was computed for them: a later prompt that begins alike is computed from there.
const KEPT_PROMPTS: usize = 16;
/// How many requests are decoded at once; further ones wait.
const CONCURRENT: usize = 8;
/// The architectures that mistral.rs 0.8.1 can add an adapter to, when they come from a GGUF file.
const ADAPTABLE: [&str; 2] = ["llama", "phi3"];
/// The files of an adapter, as peft writes them.
const ADAPTER_FILES: [&str; 2] = ["adapter_config.json", "adapter_model.safetensors"];

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

    /// Adds a LoRA adapter: a folder as peft writes it, or a repository of the hub.
    ///
    /// A model of the hub takes several. It has to be a [folder](MistralModel::hub) if they are. A GGUF model takes
    /// one, if it is a Phi-3, or a Llama and the adapter leaves `q_proj` and `k_proj` alone.
    pub fn lora(mut self, adapter: impl Into<String>) -> Self {
        self.lora.push(adapter.into());
        self
    }

    /// The file that names the LoRA adapter of a GGUF model, if that is a repository of the hub.
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
        let builder = GgufModelBuilder::new(&folder, vec![file])
            .with_prefix_cache_n(Some(KEPT_PROMPTS))
            .with_max_num_seqs(CONCURRENT)
            .with_device_mapping(DeviceMapSetting::Auto(AutoDeviceMapParams::default_text()));
        let model = match self.lora.as_slice() {
            [] => guarded(&name, builder.build()).await?,
            [adapter] => {
                let architecture = summary.architecture().unwrap_or_default();
                if !ADAPTABLE.contains(&architecture) {
                    return Err(load_error(format!(
                        "the LoRA adapter {adapter} can't be added to {name}, a GGUF file of the architecture \
                         {architecture}: of GGUF files, only {} take adapters; give the model as a folder of the hub's \
                         form, to `MistralModel::hub`",
                        ADAPTABLE.join(" and ")
                    )));
                }
                if let Some(adapter) = adapter_place(adapter)?.filter(|_| architecture == "llama") {
                    check_rows(&adapter)?;
                }
                let ordering = self.adapter_ordering(adapter, folder)?;
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

    /// What mistral.rs has to be told of the adapter of a GGUF model, which lies in `folder`.
    fn adapter_ordering(&self, adapter: &str, folder: String) -> Result<Ordering, ModelError> {
        let place = adapter_place(adapter)?;
        let mut ordering = match (&self.ordering, place) {
            (Some(file), _) => read_ordering(file)?,
            // The name is what the names of its files have in common.
            (None, Some(_)) => Ordering {
                adapters: Some(vec!["adapter".to_owned()]),
                layers: None,
                base_model_id: String::new(),
                preload_adapters: None,
            },
            (None, None) => {
                let message = format!("the LoRA adapter {adapter} of a GGUF model is no folder: it needs an ordering");
                return Err(load_error(message));
            }
        };
        // There a tokenizer is looked for before the file's own is taken: not on the network.
        ordering.base_model_id = folder;
        // mistral.rs 0.8.1 adds an adapter to a copy of the weights and drops the copy, unless there may be more adapters
        // to choose from: then it computes them beside the weights.
        ordering.preload_adapters.get_or_insert_default();
        Ok(ordering)
    }

    async fn load_hub(&self, repository: &str, bits: Option<Bits>) -> Result<MistralModel, ModelError> {
        let folder = place("model", repository)?;
        let adapters = self.lora.iter().map(|adapter| adapter_place(adapter)).collect::<Result<Vec<_>, _>>()?;
        let from_hub =
            std::iter::once((repository, &folder)).chain(self.lora.iter().map(String::as_str).zip(&adapters));
        let from_hub: Vec<&str> = from_hub.filter(|(_, place)| place.is_none()).map(|(name, _)| name).collect();
        let bits = bits.map(|bits| match bits {
            Bits::Four => IsqBits::Four,
            Bits::Eight => IsqBits::Eight,
        });
        let mut builder =
            TextModelBuilder::new(repository).with_prefix_cache_n(Some(KEPT_PROMPTS)).with_max_num_seqs(CONCURRENT);
        if let Some(bits) = bits {
            builder = builder.with_auto_isq(bits);
        }
        let loaded = if adapters.is_empty() {
            guarded(repository, builder.build()).await
        } else if adapters.iter().all(Option::is_none) {
            guarded(repository, LoraModelBuilder::from_text_model_builder(builder, &self.lora).build()).await
        } else if let (Some(folder), Some(adapters)) = (&folder, adapters.into_iter().collect()) {
            guarded(repository, adapted(folder.clone(), adapters, bits)).await
        } else {
            let message = format!("LoRA adapters in folders need a model in a folder, and {repository} is none");
            return Err(load_error(format!("{message}; nor may some adapters be folders and others repositories")));
        };
        let model = loaded.map_err(|error| match from_hub.as_slice() {
            [] => error,
            names => {
                let message = format!("{error}; without a network, give a folder that holds {}", names.join(", "));
                load_error(message).with_source(error)
            }
        })?;
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

/// Loads on a thread of its own. Loading blocks; a panic in there has to be an error out here; and mistral.rs keeps in
/// the thread which adapters and which quantisation it was told of, so that the next load there would have them too.
async fn guarded<E: std::fmt::Display>(
    name: &str,
    load: impl Future<Output = Result<Model, E>> + Send + 'static,
) -> Result<Model, ModelError> {
    let failed = |why: &str| load_error(format!("the model {name} can't be loaded: {why}"));
    let (sender, loaded) = tokio::sync::oneshot::channel();
    let runtime = tokio::runtime::Handle::current();
    let thread = std::thread::Builder::new().name("cicerone-load".to_owned()).spawn(move || {
        // Nobody receives it when the load was given up.
        let _ = sender.send(runtime.block_on(load).map_err(|error| format!("{error:#}")));
    });
    let thread = thread.map_err(|error| failed(&error.to_string()).with_source(error))?;
    match loaded.await {
        Ok(Ok(model)) => Ok(model),
        Ok(Err(why)) => Err(failed(&why)),
        Err(_) => {
            let panic = thread.join().err();
            let said = panic.as_deref().and_then(|panic| {
                panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied())
            });
            Err(failed(&format!("its loader broke off: {}", said.unwrap_or("it did not say why"))))
        }
    }
}

/// Loads a model in a folder with adapters in folders. mistral.rs's own builder looks for adapters on the hub only.
async fn adapted(folder: PathBuf, adapters: Vec<PathBuf>, bits: Option<IsqBits>) -> Result<Model, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{error:#}");
    let names = adapters.iter().map(|adapter| adapter.to_string_lossy().into_owned()).collect();
    let id = Some(folder.to_string_lossy().into_owned());
    let loader = NormalLoaderBuilder::new(NormalSpecificConfig::default(), None, None, id, false, None)
        .with_lora(names)
        .build(None)
        .map_err(|error| wrong(&error))?;
    let paths: Box<dyn ModelPaths> = Box::new(local_paths(&folder, &adapters)?);
    let device = mistralrs::best_device(false).map_err(|error| wrong(&error))?;
    let pipeline = loader
        .load_model_from_path(
            &paths,
            &ModelDType::Auto,
            &device,
            true,
            DeviceMapSetting::Auto(AutoDeviceMapParams::default_text()),
            bits.map(|bits| bits.resolve(&device)),
            None,
        )
        .map_err(|error| wrong(&error))?;
    let method = DefaultSchedulerMethod::Fixed(CONCURRENT.try_into().map_err(|error| wrong(&error))?);
    let engine =
        EngineConfig { prefix_cache_n: KEPT_PROMPTS, throughput_logging_enabled: false, ..EngineConfig::default() };
    let scheduler = SchedulerConfig::DefaultScheduler { method };
    Ok(build_model_from_pipeline(pipeline, scheduler, AddModelConfig::new(engine)).await)
}

/// The files of a model's folder and of its adapters'.
fn local_paths(folder: &Path, adapters: &[PathBuf]) -> Result<LocalModelPaths<PathBuf>, String> {
    let [config, weights] = ADAPTER_FILES;
    let adapters = adapters.iter().map(|adapter| {
        let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", adapter.join(config).display());
        let text = std::fs::read_to_string(adapter.join(config)).map_err(|error| wrong(&error))?;
        let lora_config = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
        Ok(LoraAdapterPaths { lora_config, adapter_path: adapter.join(weights) })
    });
    let adapters = adapters.collect::<Result<_, String>>()?;
    let files = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut filenames: Vec<PathBuf> = files
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|file| stem(file).starts_with("model") && file.extension().is_some_and(|ext| ext == "safetensors"))
        .collect();
    filenames.sort();
    if filenames.is_empty() {
        return Err(format!("there is no `model*.safetensors` in {}", folder.display()));
    }
    let there = |name: &str| Some(folder.join(name)).filter(|file| file.is_file());
    Ok(LocalModelPaths {
        tokenizer_filename: folder.join("tokenizer.json"),
        config_filename: folder.join("config.json"),
        template_filename: there("chat_template.jinja").or_else(|| there("tokenizer_config.json")),
        filenames,
        adapter_paths: AdapterPaths::Lora(adapters),
        gen_conf: there("generation_config.json"),
        preprocessor_config: None,
        processor_config: None,
        chat_template_json_filename: there("chat_template.json"),
    })
}

/// The folder that is meant, or none if it may be a repository of the hub.
fn place(what: &str, name: &str) -> Result<Option<PathBuf>, ModelError> {
    let path = Path::new(name);
    if path.is_dir() {
        return Ok(Some(path.to_owned()));
    }
    let repository = !path.is_absolute() && !name.starts_with(['.', '~']) && name.matches('/').count() < 2;
    if repository && !path.exists() {
        return Ok(None);
    }
    let why = if path.exists() { "that is not a folder" } else { "there is no such folder" };
    Err(load_error(format!("the {what} {name} can't be loaded: {why}")))
}

/// The folder of an adapter, in which its files are, or none if it may be a repository of the hub.
fn adapter_place(adapter: &str) -> Result<Option<PathBuf>, ModelError> {
    let place = place("LoRA adapter", adapter)?;
    let lacking = place.iter().flat_map(|folder| ADAPTER_FILES.map(|file| folder.join(file))).find(|it| !it.is_file());
    match lacking {
        Some(file) => Err(load_error(format!("the LoRA adapter {adapter} lacks {}", file.display()))),
        None => Ok(place),
    }
}

/// GGUF files hold the rows of two matrices of a Llama in another order than adapters do. mistral.rs 0.8.1 adds them as
/// they come: the model would compute, but wrongly.
fn check_rows(adapter: &Path) -> Result<(), ModelError> {
    let file = adapter.join(ADAPTER_FILES[0]);
    let wrong = |error: &dyn std::fmt::Display| load_error(format!("{}: {error}", file.display()));
    let text = std::fs::read_to_string(&file).map_err(|error| wrong(&error))?;
    let config: serde_json::Value = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    let targets = config.get("target_modules").and_then(serde_json::Value::as_array);
    let reordered = ["q_proj", "k_proj"].into_iter().find(|name| targets.into_iter().flatten().any(|it| it == name));
    let Some(name) = reordered else { return Ok(()) };
    Err(load_error(format!(
        "the LoRA adapter {} can't be added to a GGUF Llama, in which the rows of {name} are in another order; give the \
         model as a folder of the hub's form, to `MistralModel::hub`",
        adapter.display()
    )))
}

fn read_ordering(file: &Path) -> Result<Ordering, ModelError> {
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
