//! What is handed to an agent, and is no tool.

use cicerone_core::{
    tool,
    tool::{AnyTool, IntoTools, ToolError},
};

/// Add two numbers.
#[tool]
async fn add(a: i64, b: i64) -> Result<i64, ToolError> {
    Ok(a + b)
}

struct Kitchen;

fn takes_tools(_: impl IntoTools) {}

fn main() {
    let _ = AnyTool::new(Kitchen);
    let _ = AnyTool::new(add);
    takes_tools(vec!["add"]);
    takes_tools(add);
}
