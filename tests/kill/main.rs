//! Runs of the travel agent that are killed anywhere, and go on in another process.
//!
//! The other processes are this test program, run again for the test `child`, which does nothing unless it is told
//! to. A child works in a world and with a journal that lie in files, or in a database; it stops at the place that it
//! was told, says so, and is killed there with SIGKILL. A new process goes on, and what comes of the run is compared
//! with a run that nothing has interrupted: the same answer, the same calls, each booked once, none made again.
#![allow(
    missing_docs,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail, and uses a part of the example's modules"
)]

#[path = "../../examples/travel_booking/agent.rs"]
mod agent;
mod child;
#[path = "../../examples/travel_booking/tools.rs"]
mod desk;
mod faults;
mod journal;
mod journey;
mod memory;
mod place;
mod postgres;
mod races;
#[path = "../../examples/travel_booking/reading.rs"]
mod reading;
#[path = "../../examples/travel_booking/rules.rs"]
mod rules;
mod scene;
mod sweep;
mod tools;
mod watch;
mod worker;
#[path = "../../examples/travel_booking/world/mod.rs"]
mod world;

/// What a child does. In a process that is none, nothing.
#[test]
fn child() {
    if let Some(orders) = watch::orders() {
        child::work(orders);
    }
}
