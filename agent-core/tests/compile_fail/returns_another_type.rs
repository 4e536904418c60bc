//! A type that may be an alias of a `Result`, but is not.

use cicerone_core::tool;

struct Sum(i64);

/// Add two numbers.
#[tool]
async fn add(a: i64, b: i64) -> Sum {
    Sum(a + b)
}

fn main() {
    println!("{}", Sum(1).0);
}
