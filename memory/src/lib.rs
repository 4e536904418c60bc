//! Where journals are kept: in this process, in one SQLite file, or in a PostgreSQL database.
//!
//! A run is the list of its events, so keeping runs means keeping lists. [`InProcess`] keeps them as long as the
//! process lives; [`Sqlite`] keeps them in a file, which several processes may share and which survives a crash of
//! any of them at any moment; `Postgres`, behind the feature of that name, keeps them on a server, for agents on
//! several machines. [`open`](open()) takes the name of either. Anything else that can append to a list and compare its
//! length can be a [`Memory`](cicerone_core::memory::Memory) too: [`conformance`] tells whether it is a good one.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! use cicerone_core::{RunId, event::{End, Entry, Event}, memory::Memory};
//! use cicerone_memory::Sqlite;
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("trips.db");
//! let (run, end) = (RunId::new(), End::NeedsInput { questions: vec!["From where?".into()] });
//! let entry = Entry { time: 1_764_752_400_000, event: Event::Finished(end) };
//! Sqlite::open(&path)?.append(&run, 0, &[entry.clone()]).await?;
//!
//! assert_eq!(Sqlite::open(&path)?.read(&run, 0).await?, [entry]);
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Both find words in what earlier runs said and saw ([`search`](cicerone_core::memory::Memory::search)), and delete a
//! conversation so that nothing of it is left ([`forget`](cicerone_core::memory::Memory::forget)).
//!
//! This crate knows events only as something that has a JSON form; it never asks what one means, beyond the summary
//! that the core makes of a journal's first and last, and the text that it finds in one.

#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod append;
pub mod conformance;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod line;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod listed;
mod open;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod text;

pub use cicerone_core::memory::InProcess;
pub use open::open;
#[cfg(feature = "postgres")]
pub use postgres::Postgres;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
