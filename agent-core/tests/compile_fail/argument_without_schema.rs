//! The type of an argument that models can't fill in.

use cicerone_core::{
    tool,
    tool::{ToolContext, ToolError},
    tools,
};

struct Seat {
    row: u8,
}

/// Reserve seats.
#[tool]
async fn reserve(cx: &ToolContext, flight: String, seats: Vec<Option<Seat>>) -> Result<String, ToolError> {
    Ok(format!("{flight} {} {}", cx.key(), seats.into_iter().flatten().map(|seat| seat.row).count()))
}

fn main() {
    let _ = tools![reserve];
}
