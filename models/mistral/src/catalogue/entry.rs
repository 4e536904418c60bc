//! What the catalogue knows of a model.

use std::fmt;

/// The name of the model that is used when nothing else is asked for.
pub const DEFAULT_MODEL: &str = "qwen2.5-coder-1.5b";

/// A model: its names, the one file that it is, and where that file may come from.
///
/// ```
/// use cicerone_mistral::catalogue::{Catalogue, CatalogueEntry, Source};
///
/// let entry = CatalogueEntry::new("tiny", "tiny-q8_0.gguf", 4096, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
///     .licence("MIT")
///     .architecture("llama")
///     .source(Source::hub("example/tiny-gguf", "tiny-q8_0.gguf"));
/// let catalogue = Catalogue::default().with_entry(entry);
/// assert_eq!(catalogue.find("tiny")?.licence, "MIT");
/// # Ok::<(), cicerone_mistral::catalogue::CatalogueError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CatalogueEntry {
    /// The name to ask for.
    pub name: String,
    /// Other names to ask for.
    pub aliases: Vec<String>,
    /// The file's name in the cache.
    pub file: String,
    /// The file's exact length.
    pub size_bytes: u64,
    /// The file's SHA-256, in hexadecimal.
    pub sha256: String,
    /// The licence of the weights, as an SPDX expression.
    pub licence: String,
    /// The architecture, as GGUF calls it.
    pub architecture: String,
    /// One line about the model.
    pub description: String,
    /// Where the file may come from, in the order of trying.
    pub sources: Vec<Source>,
}

impl CatalogueEntry {
    /// An entry without sources: its file has to be in the cache already.
    pub fn new(name: impl Into<String>, file: impl Into<String>, size_bytes: u64, sha256: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            aliases: Vec::new(),
            file: file.into(),
            size_bytes,
            sha256: sha256.into().to_ascii_lowercase(),
            licence: String::new(),
            architecture: String::new(),
            description: String::new(),
            sources: Vec::new(),
        }
    }

    /// Adds another name.
    #[must_use]
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.aliases.push(alias.into());
        self
    }

    /// Sets the licence of the weights.
    #[must_use]
    pub fn licence(mut self, licence: impl Into<String>) -> Self {
        self.licence = licence.into();
        self
    }

    /// Sets the architecture.
    #[must_use]
    pub fn architecture(mut self, architecture: impl Into<String>) -> Self {
        self.architecture = architecture.into();
        self
    }

    /// Sets the line about the model.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Adds a source, to be tried after those that the entry has.
    #[must_use]
    pub fn source(mut self, source: Source) -> Self {
        self.sources.push(source);
        self
    }

    /// Whether `name` is the entry's name or one of its aliases. Case doesn't matter.
    pub fn answers_to(&self, name: &str) -> bool {
        self.names().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// The name and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.aliases).map(String::as_str)
    }
}

/// Where a model's file may come from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A file of a repository on the Hugging Face hub.
    #[non_exhaustive]
    Hub {
        /// The repository, as `owner/name`.
        repository: String,
        /// A branch, a tag or a commit.
        revision: String,
        /// The file's path in the repository.
        file: String,
    },
    /// Python packages that hold the file's parts, for networks that let `pip` through and little else.
    #[non_exhaustive]
    Packages {
        /// What the packages' names begin with; the number of the part follows, from 1.
        prefix: String,
        /// How many parts there are.
        parts: u32,
        /// The version of every package.
        version: String,
        /// The length of every part but the last, which is what remains.
        part_bytes: u64,
    },
}

impl Source {
    /// A file on the main branch of a repository on the hub.
    pub fn hub(repository: impl Into<String>, file: impl Into<String>) -> Self {
        Self::Hub { repository: repository.into(), revision: "main".to_owned(), file: file.into() }
    }

    /// Packages named `{prefix}1` to `{prefix}{parts}`. The wheel of part 7 holds a file `…/data/part07.bin`.
    pub fn packages(prefix: impl Into<String>, parts: u32, version: impl Into<String>, part_bytes: u64) -> Self {
        Self::Packages { prefix: prefix.into(), parts, version: version.into(), part_bytes }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hub { repository, .. } => write!(f, "Hugging Face hub ({repository})"),
            Self::Packages { prefix, parts, .. } => write!(f, "Python packages ({prefix}1 to {prefix}{parts})"),
        }
    }
}
