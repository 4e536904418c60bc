//! What `#[tool]` and `tools!` expand to. Not part of the public API: it changes without notice.

pub use schemars;
pub use serde;

use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{
    Deserializer, Serialize,
    de::{DeserializeOwned, Error as _},
};

use crate::{
    error::Error,
    tool::{AnyTool, ToolError, ToolOutput},
};

/// A type that an argument of a tool may have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an argument of a tool",
    label = "models can't fill this in: it has no schema, or can't be read from JSON",
    note = "add `#[derive(serde::Deserialize, schemars::JsonSchema)]` to `{Self}`",
    note = "if `{Self}` is a type of another crate, look for features that do it: `serde` of that crate, and `chrono04`, \
            `jiff02`, `url2`, `uuid1` and the like of `schemars`"
)]
pub trait ArgumentType: DeserializeOwned + JsonSchema {}
#[diagnostic::do_not_recommend]
impl<A: DeserializeOwned + JsonSchema> ArgumentType for A {}

/// Compiles if `A` is the type of an argument.
pub const fn argument<A: ArgumentType>() {}

/// Reads the fields of a call, if they can be read.
#[derive(Debug)]
pub struct Fields<F>(PhantomData<F>);

impl<F: DeserializeOwned + JsonSchema> Fields<F> {
    /// Reads the fields.
    ///
    /// # Errors
    /// The deserializer's.
    pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<F, D::Error> {
        F::deserialize(deserializer)
    }

    /// The schema of the fields.
    pub fn schema(generator: &mut SchemaGenerator) -> Schema {
        F::json_schema(generator)
    }
}

/// Steps in for [`Fields`] that can't be read, so that [`argument`] alone reports it. It never runs.
pub trait Unreadable {
    /// The fields.
    type Fields;

    /// Reads nothing.
    ///
    /// # Errors
    /// Always.
    fn read<'de, D: Deserializer<'de>>(_: D) -> Result<Self::Fields, D::Error> {
        Err(D::Error::custom("these arguments can't be read"))
    }

    /// The schema of anything.
    fn schema(_: &mut SchemaGenerator) -> Schema {
        Schema::default()
    }
}
impl<F> Unreadable for Fields<F> {
    type Fields = F;
}

/// A type that may stand in the output of a tool.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be in the output of a tool",
    label = "this has no schema, or can't be written to the journal, read back and sent to another thread",
    note = "add `#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]` to `{Self}`",
    note = "if `{Self}` is a type of another crate, look for features that do it: `serde` of that crate, and `chrono04`, \
            `jiff02`, `url2`, `uuid1` and the like of `schemars`"
)]
pub trait OutputPart: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {}
#[diagnostic::do_not_recommend]
impl<O: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static> OutputPart for O {}

/// Compiles if `O` may stand in the output of a tool.
pub const fn output<O: OutputPart>() {}

/// [`ToolOutput`], with a lifetime: so a `where` may ask it of a type that has no parameters, and [`output`] alone
/// reports a type that is none.
#[diagnostic::on_unimplemented(message = "`{Self}` can't be a tool's output", label = "see the error at the function")]
pub trait OutputType<'a>: ToolOutput {}
#[diagnostic::do_not_recommend]
impl<O: ToolOutput> OutputType<'_> for O {}

/// The future of a tool's function, its output named. Agents run on several threads, hence `Send`.
pub fn tool_future<F, O>(future: F) -> impl Future<Output = Result<O, ToolError>> + Send
where
    F: Future<Output = Result<O, ToolError>> + Send, // use `Arc` for `Rc`, `Mutex` for `RefCell`, or drop it before `.await`
{
    future
}

/// `Result<Output, ToolError>`, by whatever name.
#[diagnostic::on_unimplemented(
    message = "a tool returns `Result<_, ToolError>`, not `{Self}`",
    label = "a tool can fail",
    note = "write `Result<{Self}, ToolError>`, and `Ok(…)` around what the body returns"
)]
pub trait ToolResult: Sized {
    /// What comes of a call that succeeds.
    type Output;

    /// [`tool_future`] of the result by its own name.
    fn tool_future(
        future: impl Future<Output = Self> + Send,
    ) -> impl Future<Output = Result<Self::Output, ToolError>> + Send;
}
impl<O, E: IsToolError> ToolResult for Result<O, E> {
    type Output = O;

    async fn tool_future(future: impl Future<Output = Self> + Send) -> Result<O, ToolError> {
        future.await.map_err(E::into_tool_error)
    }
}

/// Only [`ToolError`].
#[diagnostic::on_unimplemented(
    message = "a tool fails with `ToolError`, not with `{Self}`",
    label = "this does not say who can mend the failure",
    note = "write `Result<_, ToolError>`: `?` turns every `std::error::Error` into a fatal one, and \
            `ToolError::retry(\"…\")` tells the model what to change"
)]
pub trait IsToolError {
    /// The error itself.
    fn into_tool_error(self) -> ToolError;
}
impl IsToolError for ToolError {
    fn into_tool_error(self) -> ToolError {
        self
    }
}

/// The tools that `tools!` names.
#[must_use]
pub fn tools<const N: usize>(tools: [Result<AnyTool, Error>; N]) -> Vec<Result<AnyTool, Error>> {
    tools.into()
}
