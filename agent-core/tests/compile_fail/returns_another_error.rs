//! A `Result` with another error, plainly and through an alias.

use cicerone_core::tool;

/// Parse a number.
#[tool]
async fn parse(text: String) -> Result<i64, std::num::ParseIntError> {
    text.parse()
}

/// Read a file.
#[tool]
async fn read(path: String) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}

/// Say yes.
#[tool]
async fn yes() -> Result<bool, String> {
    Ok(true)
}

fn main() {}
