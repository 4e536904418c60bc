//! A tool that says it can't fail, or nothing at all.

use cicerone_core::tool;

/// Add two numbers.
#[tool]
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Remember this.
#[tool]
async fn remember(text: String) {
    drop(text);
}

/// List words.
#[tool]
async fn words() -> Option<&'static str> {
    None
}

fn main() {}
