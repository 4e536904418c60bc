//! A method as a tool.

use cicerone_core::{tool, tool::ToolError};

struct Kitchen;

impl Kitchen {
    /// Cook a dish.
    #[tool]
    async fn cook(&self, dish: String) -> Result<String, ToolError> {
        Ok(dish)
    }
}

fn main() {
    let _ = Kitchen.cook("dal".into());
}
