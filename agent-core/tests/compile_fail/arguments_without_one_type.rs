//! What functions may have and tools may not: type parameters, lifetimes, patterns.

use cicerone_core::{tool, tool::ToolError};

/// Generic.
#[tool]
async fn generic<T: Clone>(value: T) -> Result<T, ToolError>
where
    T: Send,
{
    Ok(value)
}

/// Generic in disguise.
#[tool]
async fn disguised(text: impl Into<String>) -> Result<String, ToolError> {
    Ok(text.into())
}

/// Patterns.
#[tool]
async fn patterns((from, to): (String, String), _: u32) -> Result<String, ToolError> {
    Ok(from + &to)
}

fn main() {}
