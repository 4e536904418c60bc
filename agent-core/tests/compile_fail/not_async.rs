//! A tool that is no `async fn`.

use cicerone_core::{
    tool,
    tool::{AnyTool, ToolError},
    tools,
};

/// Add two numbers.
#[tool]
fn add(a: i64, b: i64) -> Result<i64, ToolError> {
    Ok(a + b)
}

fn main() {
    let _ = (AnyTool::new(add {}), tools![add]);
}
