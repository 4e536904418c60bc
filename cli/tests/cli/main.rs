//! The `cicerone` command, run as users run it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod decide;
mod follow;
mod forks;
mod journal;
mod models;
mod runs;
mod show;
mod usage;
mod world;
