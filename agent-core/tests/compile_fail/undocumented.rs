//! A tool without a description.

use cicerone_core::{tool, tool::ToolError};

#[tool(effect = "read")]
async fn search_flights(origin: String) -> Result<String, ToolError> {
    Ok(origin)
}

///
#[tool(effect = "read")]
async fn search_trains(origin: String) -> Result<String, ToolError> {
    Ok(origin)
}

#[tool(description = " ")]
async fn search_ships(origin: String) -> Result<String, ToolError> {
    Ok(origin)
}

fn main() {}
