//! A closure over a struct that models can't fill in.

use cicerone_core::tool::{AnyTool, FunctionTool, ToolError};

struct Order {
    dish: String,
}

fn main() {
    let _ = AnyTool::new(FunctionTool::new("order", "Order a dish.", |order: Order| async move {
        Ok::<_, ToolError>(order.dish)
    }));
}
