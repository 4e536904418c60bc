//! What a GGUF file says about itself, read without loading it.
//!
//! The header is read by hand: candle's own reader trusts the lengths that it finds, so a damaged file makes it reserve
//! gigabytes or panic, and mistral.rs unwraps what it returns. People meet damaged files often (a download cut short,
//! an error page saved as a model), so they are looked at here first, with every length checked against the file's.

mod error;
mod reader;
#[cfg(test)]
pub(in crate::catalogue) mod tests;
mod types;

use std::fs::File;
use std::path::{Path, PathBuf};

pub use error::{GgufError, GgufErrorKind};
use reader::{Header, Reader, TensorInfo};
pub use types::{GgmlType, Kernel};

/// The architectures that mistral.rs 0.8.1 loads from a GGUF file.
pub const SUPPORTED_ARCHITECTURES: [&str; 8] =
    ["llama", "mistral3", "phi2", "phi3", "starcoder2", "qwen2", "qwen3", "qwen3moe"];

/// Reads the header of the GGUF file at `path` and checks that the file holds all the tensors that it lists.
///
/// The weights themselves aren't read: a flipped bit there is what a hash is for.
///
/// ```
/// use cicerone_mistral::catalogue::gguf;
///
/// let folder = std::env::temp_dir();
/// let error = gguf::check(&folder).unwrap_err();
/// assert_eq!(error.kind(), gguf::GgufErrorKind::NotAFile);
/// ```
///
/// # Errors
///
/// If there is no regular file at `path`, if what is there isn't a GGUF file of version 2 or 3, or if it is damaged or
/// cut short. The error's [kind](GgufError::kind) tells these apart.
pub fn check(path: impl AsRef<Path>) -> Result<GgufSummary, GgufError> {
    let path = path.as_ref();
    let metadata = std::fs::metadata(path).map_err(|error| GgufError::opening(path, error))?;
    if metadata.is_dir() {
        return Err(GgufError::not_a_file(path, "it is a folder; name the .gguf file in it"));
    }
    if !metadata.is_file() {
        return Err(GgufError::not_a_file(path, "it is a device, a pipe or a socket"));
    }
    let file = File::open(path).map_err(|error| GgufError::opening(path, error))?;
    let header = Reader::new(path, file, metadata.len())?.header()?;
    let summary = GgufSummary { path: path.to_owned(), file_bytes: metadata.len(), header };
    summary.check_length()?;
    Ok(summary)
}

/// What the header of a sound GGUF file says. [`check`] makes one.
#[derive(Clone, Debug)]
pub struct GgufSummary {
    path: PathBuf,
    file_bytes: u64,
    header: Header,
}

impl GgufSummary {
    /// The format's version: 2 or 3.
    pub fn version(&self) -> u32 {
        self.header.version
    }

    /// The architecture, such as `qwen2`, as the file says it.
    pub fn architecture(&self) -> Option<&str> {
        self.header.architecture.as_deref()
    }

    /// The model's name, as the file says it.
    pub fn name(&self) -> Option<&str> {
        self.header.name.as_deref()
    }

    /// The number of tokens that the model was trained to attend to.
    pub fn context_length(&self) -> Option<u64> {
        self.header.integer(&format!("{}.context_length", self.architecture()?))
    }

    /// The token that the tokenizer calls the end. A chat template may end its turns with another.
    pub fn eos_token_id(&self) -> Option<u64> {
        self.header.integer("tokenizer.ggml.eos_token_id")
    }

    /// Whether the file brings a chat template of its own.
    pub fn has_chat_template(&self) -> bool {
        self.header.has_chat_template
    }

    /// The number of tensors.
    pub fn tensor_count(&self) -> usize {
        self.header.tensors.len()
    }

    /// The file's length.
    pub fn file_bytes(&self) -> u64 {
        self.file_bytes
    }

    /// The architecture, if mistral.rs can load it.
    ///
    /// # Errors
    ///
    /// If the file names an architecture that isn't one of [`SUPPORTED_ARCHITECTURES`], or none.
    pub fn supported_architecture(&self) -> Result<&str, GgufError> {
        match self.architecture() {
            Some(name) if SUPPORTED_ARCHITECTURES.contains(&name) => Ok(name),
            other => Err(GgufError::architecture(&self.path, other, &SUPPORTED_ARCHITECTURES)),
        }
    }

    /// How much of the model computes on slow code, because candle has no AVX2 kernel for the way its weights are stored.
    pub fn slow_tensors(&self) -> SlowTensors {
        let mut found = SlowTensors::default();
        for tensor in self.header.tensors.iter().filter(|tensor| tensor.dims.len() >= 2) {
            let weights = u128::from(tensor.weights);
            found.matrices += 1;
            found.weights += weights;
            match tensor.kind.kernel() {
                Kernel::Fast => {}
                Kernel::Float => found.float_weights += weights,
                Kernel::Slow => {
                    found.slow_matrices += 1;
                    found.slow_weights += weights;
                    found.note(tensor.kind);
                }
                Kernel::None => {
                    found.unloadable_matrices += 1;
                    found.note(tensor.kind);
                }
            }
        }
        found
    }

    fn check_length(&self) -> Result<(), GgufError> {
        let mut expected = self.header.end;
        for tensor in &self.header.tensors {
            expected = expected.max(self.end_of(tensor)?);
        }
        if expected > self.file_bytes {
            return Err(GgufError::cut_short(&self.path, expected, self.file_bytes));
        }
        Ok(())
    }

    fn end_of(&self, tensor: &TensorInfo) -> Result<u64, GgufError> {
        let overflow =
            || GgufError::damaged(&self.path, &format!("tensor `{}` lies beyond any file's end", tensor.name));
        // The size of a type that this table doesn't know counts as nothing: the file may be newer than the table.
        let bytes = match tensor.kind.layout() {
            None => 0,
            Some((per_block, bytes_per_block)) => {
                if !tensor.weights.is_multiple_of(per_block) {
                    let reason = format!(
                        "tensor `{}` has {} weights, which is no multiple of the {per_block} in a block of {}",
                        tensor.name, tensor.weights, tensor.kind
                    );
                    return Err(GgufError::damaged(&self.path, &reason));
                }
                (tensor.weights / per_block).checked_mul(bytes_per_block).ok_or_else(overflow)?
            }
        };
        let start = self.header.data_start.checked_add(tensor.offset).ok_or_else(overflow)?;
        start.checked_add(bytes).ok_or_else(overflow)
    }
}

/// The matrices of a model by the speed of the code that multiplies by them. [`GgufSummary::slow_tensors`] counts them.
///
/// What is neither slow nor float nor unloadable has a fast kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SlowTensors {
    /// All matrices: tensors of two or more dimensions.
    pub matrices: u32,
    /// Those stored as Q4_1, Q5_0 or Q5_1, which candle multiplies without AVX2.
    pub slow_matrices: u32,
    /// Those stored in a way that candle can't load at all.
    pub unloadable_matrices: u32,
    /// The weights in all matrices.
    pub weights: u128,
    /// The weights in slow matrices.
    pub slow_weights: u128,
    /// The weights in matrices that aren't quantised: F32, F16 or BF16.
    pub float_weights: u128,
    /// The types of the slow and of the unloadable matrices.
    pub types: Vec<GgmlType>,
}

impl SlowTensors {
    /// The share of weights that are slow, from 0 to 1.
    pub fn share(&self) -> f64 {
        if self.weights == 0 { 0.0 } else { self.slow_weights as f64 / self.weights as f64 }
    }

    fn note(&mut self, kind: GgmlType) {
        if !self.types.contains(&kind) {
            self.types.push(kind);
        }
    }
}
