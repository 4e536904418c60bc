//! A model's file, found and checked.

use std::fmt;
use std::path::{Path, PathBuf};

use super::CatalogueEntry;
use super::gguf::GgufSummary;

/// A file that [`Catalogue::fetch`](super::Catalogue::fetch) vouches for.
#[derive(Clone, Debug)]
pub struct ModelFile {
    path: PathBuf,
    origin: Origin,
    entry: Option<CatalogueEntry>,
    summary: GgufSummary,
}

/// Where a file came from this time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A path that the caller gave. Its header was checked, its hash can't be.
    Path,
    /// The local cache.
    Cache,
    /// A download just now, from the source with this description.
    Downloaded(String),
}

impl ModelFile {
    pub(super) fn new(path: PathBuf, origin: Origin, entry: Option<CatalogueEntry>, summary: GgufSummary) -> Self {
        Self { path, origin, entry, summary }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where it came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The catalogue's entry, unless the caller gave a path.
    pub fn entry(&self) -> Option<&CatalogueEntry> {
        self.entry.as_ref()
    }

    /// What the file's header says.
    pub fn gguf(&self) -> &GgufSummary {
        &self.summary
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path => f.write_str("the given path"),
            Self::Cache => f.write_str("the cache"),
            Self::Downloaded(source) => f.write_str(source),
        }
    }
}
