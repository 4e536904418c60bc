//! Prompts as minijinja templates.
//!
//! A [`Template`] is compiled when it is made, and a variable that it names but does not get is an error, never an
//! empty string. The planner's own prompts are the templates in [`builtin`]; each can be replaced.

mod error;
mod template;

pub mod builtin;

pub use error::PromptError;
pub use template::Template;
