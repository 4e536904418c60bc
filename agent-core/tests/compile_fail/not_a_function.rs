//! `#[tool]` on a type.

use cicerone_core::tool;

/// Cooks.
#[tool]
struct Kitchen;

fn main() {
    let _ = Kitchen;
}
