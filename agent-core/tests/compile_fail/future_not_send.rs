//! A value that can't change threads is held across an `await`.

use std::rc::Rc;

use cicerone_core::{tool, tool::ToolError};

/// Wait a little.
#[tool]
async fn wait(millis: u64) -> Result<u64, ToolError> {
    let waited = Rc::new(millis);
    std::future::ready(()).await;
    Ok(*waited)
}

fn main() {}
