//! Names of models, and the verified files behind them.
//!
//! A [`Catalogue`] knows the size and the SHA-256 of each model that it lists, so it doesn't matter where the bytes come
//! from: it tries one source after another, passes over those that aren't there, and hands out a file only when its hash
//! agrees. A model outside the catalogue is named by its path.
//!
//! ```no_run
//! use cicerone_mistral::catalogue::{Catalogue, progress};
//!
//! # async fn example() -> Result<(), cicerone_mistral::catalogue::CatalogueError> {
//! let model = Catalogue::default().fetch("qwen2.5-coder-1.5b", &*progress::stderr()).await?;
//! println!("{} came from {}", model.path().display(), model.origin());
//! # Ok(())
//! # }
//! ```
//!
//! Files lie in `$CICERONE_CACHE/models`, or else in the platform's cache folder. Beside a model's file stand, for a
//! while or for good: `….partial`, what a download has so far, which the next one goes on from; `….verified`, which
//! spares hashing the same file again; and `….lock`, which keeps two processes from downloading at once.
//!
//! Nothing here knows of inference: [`gguf`] reads a file's header and no more.

mod builtin;
mod cached;
mod entry;
mod error;
mod fetch;
pub mod gguf;
mod hub;
mod lock;
mod model_file;
mod options;
mod packages;
mod partial;
pub mod progress;
mod wheel;

pub use entry::{CatalogueEntry, DEFAULT_MODEL, Source};
pub use error::{CatalogueError, CatalogueErrorKind, SourceError};
pub use fetch::{CacheStatus, Catalogue};
pub use model_file::{ModelFile, Origin};
pub use options::CatalogueOptions;
pub use progress::{Progress, ProgressEvent};
