//! The context is borrowed, shared, and comes first.

use cicerone_core::{
    tool,
    tool::{ToolContext, ToolError},
};

/// By value.
#[tool]
async fn owned(cx: ToolContext) -> Result<String, ToolError> {
    Ok(cx.run().to_string())
}

/// Mutable.
#[tool]
async fn mutable(cx: &mut ToolContext) -> Result<String, ToolError> {
    Ok(cx.run().to_string())
}

/// Last.
#[tool]
async fn last(text: String, cx: &ToolContext) -> Result<String, ToolError> {
    Ok(text + cx.key().as_str())
}

fn main() {}
