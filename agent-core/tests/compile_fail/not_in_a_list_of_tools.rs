//! A function without `#[tool]` in `tools!`.

use cicerone_core::tools;

/// Add two numbers.
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn main() {
    let _ = tools![add];
    let _ = tools![ad];
}
