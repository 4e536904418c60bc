//! The second rung: a closure as a tool.

use std::{fmt, marker::PhantomData};

use super::{Approval, Effect, Tool, ToolArgs, ToolContext, ToolError, ToolOutput};

/// A tool made of an async closure or function over one struct of arguments.
///
/// ```
/// use cicerone_core::tool::{Effect, FunctionTool, ToolError};
/// use schemars::JsonSchema;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize, Serialize, JsonSchema)]
/// struct Exchange { amount: f64, rate: f64 }
///
/// let tool = FunctionTool::new("exchange", "Convert an amount of money.", |exchange: Exchange| async move {
///     Ok::<_, ToolError>(exchange.amount * exchange.rate)
/// })
/// .effect(Effect::Read);
/// ```
pub struct FunctionTool<F, A, O> {
    name: String,
    description: String,
    effect: Effect,
    approval: Option<Approval>,
    function: F,
    signature: PhantomData<fn(A) -> O>,
}

impl<F, A, O, R> FunctionTool<F, A, O>
where
    F: Fn(A) -> R + Send + Sync + 'static,
    R: Future<Output = Result<O, ToolError>> + Send,
    A: ToolArgs,
    O: ToolOutput,
{
    /// A tool of this name and description that calls `function`. Its effect is [`Effect::Once`] unless said
    /// otherwise.
    #[must_use]
    pub fn new(name: impl Into<String>, description: impl Into<String>, function: F) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
            effect: Effect::Once,
            approval: None,
            function,
            signature: PhantomData,
        }
    }

    /// States what may happen twice.
    #[must_use]
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// States whether a person has to agree to each call.
    #[must_use]
    pub fn approval(mut self, approval: Approval) -> Self {
        self.approval = Some(approval);
        self
    }
}

impl<F, A, O, R> Tool for FunctionTool<F, A, O>
where
    F: Fn(A) -> R + Send + Sync + 'static,
    R: Future<Output = Result<O, ToolError>> + Send,
    A: ToolArgs,
    O: ToolOutput,
{
    type Args = A;
    type Output = O;

    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> &str {
        &self.description
    }

    fn effect(&self) -> Effect {
        self.effect
    }

    async fn call(&self, _: &ToolContext, args: A) -> Result<O, ToolError> {
        (self.function)(args).await
    }

    fn approval(&self, _: &A) -> Approval {
        let by_effect = if self.effect == Effect::Read { Approval::NotNeeded } else { Approval::Ask };
        self.approval.unwrap_or(by_effect)
    }
}

impl<F, A, O> fmt::Debug for FunctionTool<F, A, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionTool").field("name", &self.name).field("effect", &self.effect).finish_non_exhaustive()
    }
}
