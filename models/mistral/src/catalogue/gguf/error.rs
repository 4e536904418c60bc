//! Why a file isn't a GGUF file that can be used.

use std::path::Path;
use std::{fmt, io};

/// A file that can't be used as a model, and what to do about it.
#[derive(Debug)]
pub struct GgufError {
    kind: GgufErrorKind,
    message: String,
    source: Option<io::Error>,
}

/// What is wrong with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GgufErrorKind {
    /// Nothing is there.
    NotFound,
    /// It is a folder, a device or the like.
    NotAFile,
    /// It has no bytes.
    Empty,
    /// It is something else, such as a web page or another model format.
    NotGguf,
    /// It is a GGUF file of a version that this crate doesn't read.
    UnsupportedVersion,
    /// It ends before what its header announces.
    Truncated,
    /// Its header contradicts itself.
    Damaged,
    /// It is sound, but of an architecture that can't be loaded.
    UnsupportedArchitecture,
    /// The operating system refused to read it.
    Io,
}

impl GgufError {
    /// What is wrong, for callers that branch on it.
    pub fn kind(&self) -> GgufErrorKind {
        self.kind
    }

    fn new(kind: GgufErrorKind, path: &Path, reason: &str) -> Self {
        Self { kind, message: format!("`{}` {reason}", path.display()), source: None }
    }

    /// What lies under the sentence, for an error that takes the sentence over.
    pub(in super::super) fn into_source(self) -> Option<Box<dyn std::error::Error + Send + Sync>> {
        self.source.map(Into::into)
    }

    pub(super) fn opening(path: &Path, error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound {
            return Self::new(GgufErrorKind::NotFound, path, "doesn't exist; check the path");
        }
        Self::reading(path, error)
    }

    pub(super) fn reading(path: &Path, error: io::Error) -> Self {
        let reason = format!("can't be read: {error}");
        Self { source: Some(error), ..Self::new(GgufErrorKind::Io, path, &reason) }
    }

    pub(super) fn not_a_file(path: &Path, what: &str) -> Self {
        Self::new(GgufErrorKind::NotAFile, path, &format!("isn't a model file: {what}"))
    }

    pub(super) fn empty(path: &Path) -> Self {
        Self::new(GgufErrorKind::Empty, path, "is empty; download the model again")
    }

    pub(super) fn not_gguf(path: &Path, start: &[u8]) -> Self {
        let reason = format!("isn't a GGUF file: {}", looks_like(start));
        Self::new(GgufErrorKind::NotGguf, path, &reason)
    }

    pub(super) fn version(path: &Path, version: u32) -> Self {
        let what = match version.swap_bytes() {
            2 | 3 => "is a GGUF file for big-endian machines".to_owned(),
            _ => format!("is a GGUF file of version {version}"),
        };
        let reason = format!("{what}; this crate reads little-endian versions 2 and 3: find another conversion");
        Self::new(GgufErrorKind::UnsupportedVersion, path, &reason)
    }

    pub(super) fn cut_short(path: &Path, expected: u64, found: u64) -> Self {
        let reason =
            format!("is cut short: its header announces {expected} bytes and it has {found}; download the model again");
        Self::new(GgufErrorKind::Truncated, path, &reason)
    }

    pub(super) fn header_cut_short(path: &Path, what: &str, needed: u64, found: u64) -> Self {
        let reason = format!(
            "is cut short or damaged: {what} would end at byte {needed} and the file has {found}; \
             download the model again"
        );
        Self::new(GgufErrorKind::Truncated, path, &reason)
    }

    pub(super) fn damaged(path: &Path, what: &str) -> Self {
        Self::new(GgufErrorKind::Damaged, path, &format!("is damaged: {what}; download the model again"))
    }

    pub(super) fn architecture(path: &Path, found: Option<&str>, supported: &[&str]) -> Self {
        let found = match found {
            Some(name) => format!("holds a model of architecture `{name}`, which can't be loaded"),
            None => "doesn't say its architecture (`general.architecture`)".to_owned(),
        };
        let reason = format!("{found}; choose one of {}", supported.join(", "));
        Self::new(GgufErrorKind::UnsupportedArchitecture, path, &reason)
    }
}

impl fmt::Display for GgufError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for GgufError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}

/// Guesses what was saved in a model's place.
fn looks_like(start: &[u8]) -> String {
    let text = String::from_utf8_lossy(start);
    let lower = text.trim_start().to_ascii_lowercase();
    let guess = if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        "this looks like a web page, perhaps an error or a login; download the file itself"
    } else if lower.starts_with("version https://git-lfs") {
        "this looks like a Git LFS pointer; run `git lfs pull` where it was cloned"
    } else if start.get(8..10) == Some(br#"{""#) {
        "this looks like safetensors; get the model's GGUF conversion"
    } else if start.starts_with(b"PK\x03\x04") {
        "this looks like a zip archive or PyTorch weights; get the model's GGUF conversion"
    } else if [b"tjgg", b"fmgg", b"lmgg"].iter().any(|magic| start.starts_with(*magic)) {
        "this looks like GGML, the format before GGUF; get a newer conversion"
    } else if start.starts_with(&[0x1f, 0x8b]) {
        "this looks like gzip; unpack it first"
    } else if lower.starts_with('{') || lower.starts_with('[') {
        "this looks like JSON, perhaps a server's error message"
    } else if !start.is_empty() && start.iter().all(|byte| *byte == 0) {
        "it begins with zeros, perhaps a download that was never filled in"
    } else {
        let bytes: Vec<String> = start.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        return format!("it begins with the bytes {} where `GGUF` should stand", bytes.join(" "));
    };
    guess.to_owned()
}
