//! The cicerone command.
fn main() {}
