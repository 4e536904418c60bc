//! A value in `tools!`.

#![allow(unused_imports)]

use cicerone_core::{
    tool::{FunctionTool, ToolError},
    tools,
};

fn main() {
    let _ = tools![FunctionTool::new("ping", "Say that you are there.", |()| async { Ok::<_, ToolError>(()) })];
}
