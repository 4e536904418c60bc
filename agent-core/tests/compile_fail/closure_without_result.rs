//! A closure that says it can't fail.

use cicerone_core::tool::FunctionTool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize, JsonSchema)]
struct Order {
    dish: String,
}

fn main() {
    let _ = FunctionTool::new("order", "Order a dish.", |order: Order| async move { order.dish });
}
