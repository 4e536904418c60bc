//! The attribute `#[tool]`, which Cicerone's core re-exports.
//!
//! [`tool`] reads a function once into a `Definition` and writes it out again beside its twin, a type that implements
//! `Tool`. A mistake in the function is an error at the very place, which says what to write instead.

mod argument;
mod definition;
mod expand;
mod options;
mod returned;
mod text;
mod types;

use proc_macro::TokenStream;

/// Turns a documented `async fn` into a tool.
///
/// The function can be called as before. Beside it stands a type of the same name that implements `Tool`: name it in
/// `tools![…]`, and `use` imports both.
///
/// # The function
///
/// - Its doc comment is the tool's description, the arguments' doc comments are theirs: models choose and fill in by
///   them. The lines of a paragraph are joined.
/// - Its first parameter may be `cx: &ToolContext`. All others are arguments, of owned types that implement
///   `serde::Deserialize` and `schemars::JsonSchema`. An `Option` may be left out of a call.
/// - It returns `Result<Output, ToolError>`.
///
/// # Options
///
/// | option | values | default |
/// |---|---|---|
/// | `effect` | `"read"`, `"idempotent"`, `"once"`: what may happen twice | `"once"` |
/// | `approval` | `"never"`, `"ask"`: whether a person has to agree to each call | asks unless it reads |
/// | `name` | the name by which models call it | the function's |
/// | `description` | what it does | the doc comment |
/// | `lookup` | a function `async fn(&ToolContext) -> Result<Lookup<Output>, ToolError>`: whether the call of this key was carried out | nobody knows |
/// | `compensate` | a function `async fn(&ToolContext, &Output) -> Result<(), ToolError>`: undoes a call | it can't be undone |
/// | `crate` | the path of `cicerone` or `cicerone_core` | found in `Cargo.toml` |
///
/// # Attributes of arguments
///
/// - `#[grounded("search_flights[].flight_id")]`: the value has to have been seen there, in an earlier output of that
///   tool. A model can't invent it.
/// - `#[composed]`: text that the model writes, such as the body of a message, instead of text from the request.
/// - `#[serde(…)]` and `#[schemars(…)]`, as on the fields of a struct.
#[proc_macro_attribute]
pub fn tool(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::tool(options.into(), item.into()).into()
}
