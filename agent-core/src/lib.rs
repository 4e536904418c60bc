//! The nouns of Cicerone, the pure planner machine and its driver.
//!
//! A run is a journal: a list of [`Event`](event::Event)s in a [`Memory`](memory::Memory). The planner is a pure
//! state [`Machine`](machine::Machine) over it; an [`Agent`] drives one on tokio against a [`Model`](model::Model)
//! and [`Tool`](tool::Tool)s. Nothing here knows HTTP, inference or databases.

pub mod agent;
pub mod budget;
mod error;
pub mod event;
pub mod machine;
pub mod memory;
pub mod message;
pub mod model;
pub mod plan;
pub mod policy;
pub mod reading;
mod run;
pub mod scripted;
pub mod state;
pub mod tool;
pub mod trace;

pub use agent::Agent;
pub use budget::Budget;
pub use error::{Error, ErrorKind};
pub use run::RunId;
