//! Options that do not exist, and values that they do not have.

use cicerone_core::{tool, tool::ToolError};

/// One.
#[tool(effects = "read")]
async fn one() -> Result<(), ToolError> {
    Ok(())
}

/// Two.
#[tool(effect = "write", approval = "Ask")]
async fn two() -> Result<(), ToolError> {
    Ok(())
}

/// Three.
#[tool(read)]
async fn three() -> Result<(), ToolError> {
    Ok(())
}

/// Four.
#[tool(effect(read), effect = "read", name = "Number 4")]
async fn four() -> Result<(), ToolError> {
    Ok(())
}

/// Five.
#[tool]
async fn numberFive() -> Result<(), ToolError> {
    Ok(())
}

/// Six.
#[tool("read")]
async fn six() -> Result<(), ToolError> {
    Ok(())
}

fn main() {}
