//! Arguments are read from JSON, so they are owned.

use std::borrow::Cow;

use cicerone_core::{
    tool,
    tool::{ToolContext, ToolError},
};

/// Count words.
#[tool]
async fn count(cx: &ToolContext, text: &str, words: &[&str]) -> Result<usize, ToolError> {
    let _ = cx;
    Ok(words.iter().filter(|word| text.contains(**word)).count())
}

/// Count more.
#[tool]
async fn count_more(text: Option<&str>, words: Vec<Cow<'_, str>>) -> Result<usize, ToolError> {
    Ok(text.map_or(0, str::len) + words.len())
}

/// Say the first word.
#[tool]
async fn first() -> Result<&'static str, ToolError> {
    Ok("first")
}

fn main() {}
