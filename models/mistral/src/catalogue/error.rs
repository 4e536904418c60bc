//! Why a model's file can't be had.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{fmt, io};

use super::gguf::GgufError;
use super::{CatalogueEntry, Source};

/// No file for a model, and what to do about it.
#[derive(Debug)]
pub struct CatalogueError {
    kind: CatalogueErrorKind,
    message: String,
    attempts: Vec<SourceError>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CatalogueErrorKind {
    /// The name isn't in the catalogue, and no file has it.
    UnknownModel,
    /// There is a file, but it can't be used as a model.
    BadFile,
    /// Every source was passed over.
    NoSource,
    /// A download broke off; what came is kept, and the next call goes on from there.
    Interrupted,
    /// What a source delivered isn't the model. It was deleted.
    HashMismatch,
    /// The disk is full; what came is kept.
    DiskFull,
    /// The cache folder can't be used.
    Cache,
}

/// Why one source gave no file. [`CatalogueError::attempts`] lists them.
#[derive(Debug)]
pub struct SourceError {
    kind: CatalogueErrorKind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl CatalogueError {
    /// What went wrong, for callers that branch on it.
    pub fn kind(&self) -> CatalogueErrorKind {
        self.kind
    }

    /// Whether the same call may succeed later without anyone changing anything.
    pub fn is_retryable(&self) -> bool {
        self.kind == CatalogueErrorKind::Interrupted
    }

    /// What each source said, in the order of trying. Empty if no source was asked.
    pub fn attempts(&self) -> &[SourceError] {
        &self.attempts
    }

    fn new(kind: CatalogueErrorKind, message: String) -> Self {
        Self { kind, message, attempts: Vec::new(), source: None }
    }

    pub(super) fn unknown(name: &str, known: &[CatalogueEntry]) -> Self {
        let nearest = known
            .iter()
            .flat_map(CatalogueEntry::names)
            .map(|own| (strsim::jaro_winkler(own, &name.to_lowercase()), own))
            .filter(|(likeness, _)| *likeness > 0.8)
            .max_by(|one, other| one.0.total_cmp(&other.0));
        let hint = match nearest {
            Some((_, own)) => format!("did you mean `{own}`?"),
            None => {
                let names: Vec<&str> = known.iter().map(|entry| entry.name.as_str()).collect();
                format!(
                    "the catalogue has: {}. A model of your own is named by the path to its .gguf file.",
                    names.join(", ")
                )
            }
        };
        Self::new(CatalogueErrorKind::UnknownModel, format!("unknown model `{name}`; {hint}"))
    }

    pub(super) fn bad_file(error: GgufError) -> Self {
        let message = error.to_string();
        Self { source: error.into_source(), ..Self::new(CatalogueErrorKind::BadFile, message) }
    }

    pub(super) fn no_cache_folder() -> Self {
        let message = "there is no home folder to keep models in; set CICERONE_CACHE to a folder".to_owned();
        Self::new(CatalogueErrorKind::Cache, message)
    }

    pub(super) fn bad_entry(entry: &CatalogueEntry) -> Self {
        let message = format!(
            "the catalogue's entry `{}` names the file `{}`, which isn't a plain file name; correct the entry",
            entry.name, entry.file
        );
        Self::new(CatalogueErrorKind::Cache, message)
    }

    pub(super) fn cache(doing: &str, path: &Path, error: io::Error) -> Self {
        let message = format!(
            "can't {doing} `{}`: {error}; make the folder writable or set CICERONE_CACHE to another",
            path.display()
        );
        Self { source: Some(Box::new(error)), ..Self::new(CatalogueErrorKind::Cache, message) }
    }

    /// A failure that trying further sources can't mend.
    pub(super) fn fatal(error: SourceError) -> Self {
        Self { kind: error.kind, message: error.message, attempts: Vec::new(), source: error.source }
    }

    pub(super) fn no_source(entry: &CatalogueEntry, kept: Option<(PathBuf, u64)>, attempts: Vec<SourceError>) -> Self {
        let mut message = format!("no source has the model `{}`", entry.name);
        for attempt in &attempts {
            message.push_str(&format!("\n  - {attempt}"));
        }
        if attempts.is_empty() {
            message.push_str(": it isn't in the cache, and its entry lists none");
        }
        let interrupted = attempts.iter().any(|attempt| attempt.kind == CatalogueErrorKind::Interrupted);
        if let Some((path, bytes)) = kept {
            message.push_str(&format!(
                "\n{bytes} of {} bytes are kept in `{}`; the same command goes on from there.",
                entry.size_bytes,
                path.display()
            ));
        }
        message.push_str(
            "\nIf this machine needs a proxy, set HTTPS_PROXY. If it has no network, copy a GGUF file here and name it \
             with `--model PATH`.",
        );
        let rejected = attempts.iter().any(|attempt| attempt.kind == CatalogueErrorKind::HashMismatch);
        let kind = match (interrupted, rejected) {
            (true, _) => CatalogueErrorKind::Interrupted,
            (false, true) => CatalogueErrorKind::HashMismatch,
            (false, false) => CatalogueErrorKind::NoSource,
        };
        Self { attempts, ..Self::new(kind, message) }
    }
}

impl SourceError {
    /// What went wrong with this source.
    pub fn kind(&self) -> CatalogueErrorKind {
        self.kind
    }

    pub(super) fn new(kind: CatalogueErrorKind, source: &Source, reason: impl fmt::Display) -> Self {
        Self { kind, message: format!("{source}: {reason}"), source: None }
    }

    /// The source isn't there, or doesn't have the file.
    pub(super) fn absent(source: &Source, reason: impl fmt::Display) -> Self {
        Self::new(CatalogueErrorKind::NoSource, source, reason)
    }

    pub(super) fn hash(source: &Source, expected: &str, found: &str) -> Self {
        let reason =
            format!("the file isn't the model: its SHA-256 should be {expected} and is {found}; it was deleted");
        Self::new(CatalogueErrorKind::HashMismatch, source, reason)
    }

    /// A failure to write below the cache folder, where `missing` bytes were still to come.
    pub(super) fn writing(path: &Path, missing: u64, error: io::Error) -> Self {
        let (kind, message) = if is_full(&error) {
            let folder = path.parent().unwrap_or(path).display();
            let message = format!(
                "the disk is full: {missing} more bytes are needed in `{folder}`; free them, or set CICERONE_CACHE to a \
                 folder with room. What came so far is kept."
            );
            (CatalogueErrorKind::DiskFull, message)
        } else {
            let message = format!(
                "can't write `{}`: {error}; make the folder writable or set CICERONE_CACHE to another",
                path.display()
            );
            (CatalogueErrorKind::Cache, message)
        };
        Self { kind, message, source: Some(Box::new(error)) }
    }

    pub(super) fn caused_by(mut self, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(error.into());
        self
    }

    /// The same, after the source had delivered something.
    pub(super) fn interrupted(self) -> Self {
        Self { kind: CatalogueErrorKind::Interrupted, ..self }
    }

    /// Whether the fault lies with this machine's disk, so that no other source would do better.
    pub(super) fn is_fatal(&self) -> bool {
        matches!(self.kind, CatalogueErrorKind::DiskFull | CatalogueErrorKind::Cache)
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// The innermost cause: of an HTTP client's error the part that says something.
pub(super) fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for CatalogueError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|error| &**error as _)
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for SourceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|error| &**error as _)
    }
}
