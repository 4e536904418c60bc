//! Local models through mistral.rs, on the CPU: GGUF files and hub models, decoding held to grammars.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use cicerone_mistral::MistralModel;
//!
//! // A name of the catalogue, or a path to a GGUF file.
//! let model = MistralModel::gguf("qwen2.5-coder-1.5b").await?;
//! # Ok(()) }
//! ```
//!
//! Nothing of mistral.rs shows in this crate's interface.

mod answer;
pub mod catalogue;
mod loader;
mod model;
mod prefix;
mod request;
mod schema;

pub use loader::{Bits, Loader};
pub use model::MistralModel;
