//! What stands above an argument.

use cicerone_core::{
    tool,
    tool::{ToolContext, ToolError},
};

/// One.
#[tool]
async fn one(#[grounded] id: String) -> Result<String, ToolError> {
    Ok(id)
}

/// Two.
#[tool]
async fn two(#[grounded("flight_id")] id: String) -> Result<String, ToolError> {
    Ok(id)
}

/// Three.
#[tool]
async fn three(#[ground("search_flights[].flight_id")] id: String) -> Result<String, ToolError> {
    Ok(id)
}

/// Four.
#[tool]
async fn four(
    #[composed] cx: &ToolContext,
    #[grounded("search_flights[0].id")] id: String,
    #[composed = true] text: String,
    #[composed]
    #[grounded("search_flights[].id")]
    both: String,
    #[cfg(unix)] user: String,
) -> Result<String, ToolError> {
    Ok(format!("{id} {text} {both} {user} {}", cx.run()))
}

fn main() {}
