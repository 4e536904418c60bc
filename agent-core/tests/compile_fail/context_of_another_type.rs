//! Something else than the context is borrowed.

use cicerone_core::{tool, tool::ToolError};

struct Context;
struct Inventory(u32);

/// Another context.
#[tool]
async fn other(cx: &Context, text: String) -> Result<String, ToolError> {
    let _ = cx;
    Ok(text)
}

/// Shared state.
#[tool]
async fn left(inventory: &Inventory) -> Result<u32, ToolError> {
    Ok(inventory.0)
}

mod other_framework {
    pub struct ToolContext;
}

/// A context of the right name.
#[tool]
async fn namesake(cx: &other_framework::ToolContext) -> Result<(), ToolError> {
    let _ = cx;
    Ok(())
}

fn main() {
    let _ = (Context, Inventory(1));
}
