//! Tools without type parameters, and the check of arguments before a call.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;
use jsonschema::Validator;
use serde::Deserialize as _;
use serde_json::Value;

use super::{Approval, Lookup, Tool, ToolContext, ToolError, ToolSpec, schema_of};
use crate::error::{Error, ErrorKind};

/// Any [`Tool`], its type forgotten and its schemas compiled; cheap to clone.
#[derive(Clone)]
pub struct AnyTool {
    spec: Arc<ToolSpec>,
    validator: Arc<Validator>,
    tool: Arc<dyn Erased>,
}

impl AnyTool {
    /// Forgets the type of `tool` and reads its schemas.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if its name, description or schemas can't be used; the message says what to change.
    pub fn new(tool: impl Tool) -> Result<Self, Error> {
        Self::of(tool)
    }

    fn of<T: Tool>(tool: T) -> Result<Self, Error> {
        let configuration = |message: String| Error::new(ErrorKind::Configuration, message);
        let mut args_schema = schema_of::<T::Args>();
        if let Value::Object(object) = &mut args_schema {
            object.entry("additionalProperties").or_insert(Value::Bool(false));
        }
        let validator = jsonschema::options().should_validate_formats(true).build(&args_schema).map_err(|error| {
            configuration(format!("the schema of `{}`'s arguments is invalid: {error}", tool.name()))
        })?;
        let output_schema = schema_of::<T::Output>();
        let spec = ToolSpec::new(tool.name(), tool.description(), tool.effect(), args_schema, output_schema)
            .map_err(configuration)?;
        Ok(Self { spec: Arc::new(spec), validator: Arc::new(validator), tool: Arc::new(tool) })
    }

    /// What planners and models know of it.
    #[must_use]
    pub fn spec(&self) -> &Arc<ToolSpec> {
        &self.spec
    }

    /// Checks arguments against the whole schema, unless the tool does.
    ///
    /// # Errors
    /// One sentence for the model, with a JSON pointer for each thing that is wrong.
    pub fn validate(&self, args: &Value) -> Result<(), String> {
        if self.tool.checks_itself() {
            let wrong = || format!("the arguments of `{}` are {args}; write an object", self.spec.name);
            return args.is_object().then_some(()).ok_or_else(wrong);
        }
        let wrong = mistakes(&self.validator, args);
        if wrong.is_empty() {
            return Ok(());
        }
        Err(format!("the arguments of `{}` are wrong: {}", self.spec.name, wrong.join("; ")))
    }

    pub(crate) fn repeatable(&self) -> bool {
        self.tool.repeatable()
    }

    /// Checks an output that did not come from the tool: against the whole schema, and that it can be read as the type.
    ///
    /// # Errors
    /// One sentence, with a JSON pointer for each thing that is wrong.
    pub fn validate_output(&self, output: &Value) -> Result<(), String> {
        let refuse = |wrong: String| Err(format!("this is no output of `{}`: {wrong}", self.spec.name));
        // Rarely needed, so not compiled ahead.
        if let Ok(validator) = jsonschema::options().should_validate_formats(true).build(&self.spec.output_schema) {
            let wrong = mistakes(&validator, output);
            if !wrong.is_empty() {
                return refuse(wrong.join("; "));
            }
        }
        self.tool.reads_output(output).or_else(refuse)
    }

    pub(crate) fn approval(&self, args: &Value) -> Approval {
        self.tool.approval(args)
    }

    pub(crate) async fn call(&self, cx: &ToolContext, args: Value) -> Result<Value, ToolError> {
        self.validate(&args).map_err(ToolError::retry)?;
        self.tool.call(cx, args).await
    }

    pub(crate) async fn lookup(&self, cx: &ToolContext, args: Value) -> Result<Lookup<Value>, ToolError> {
        self.tool.lookup(cx, args).await
    }

    pub(crate) async fn compensate(&self, cx: &ToolContext, args: Value, output: Value) -> Result<(), ToolError> {
        self.tool.compensate(cx, args, output).await
    }
}

impl fmt::Debug for AnyTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnyTool").field(&self.spec.name).finish()
    }
}

/// What can be handed to an agent as tools: one tool, or what [`tools!`](crate::tools) makes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of tools",
    label = "expected tools",
    note = "write `tools![first, second]` with the names of functions under `#[tool]`, or pass a value that implements `Tool`"
)]
pub trait IntoTools {
    /// The tools, or the first that can't be used.
    ///
    /// # Errors
    /// See [`AnyTool::new`].
    fn into_tools(self) -> Result<Vec<AnyTool>, Error>;
}

#[diagnostic::do_not_recommend]
impl<T: Tool> IntoTools for T {
    fn into_tools(self) -> Result<Vec<AnyTool>, Error> {
        Ok(vec![AnyTool::new(self)?])
    }
}

impl IntoTools for Vec<Result<AnyTool, Error>> {
    fn into_tools(self) -> Result<Vec<AnyTool>, Error> {
        self.into_iter().collect()
    }
}

impl IntoTools for Vec<AnyTool> {
    fn into_tools(self) -> Result<Vec<AnyTool>, Error> {
        Ok(self)
    }
}

/// What is wrong with a value, with a JSON pointer for each mistake.
fn mistakes(validator: &Validator, value: &Value) -> Vec<String> {
    let mut wrong: Vec<String> = validator
        .iter_errors(value)
        .take(8)
        .map(|error| {
            let at = error.instance_path().to_string();
            let at = if at.is_empty() { "/".to_owned() } else { at };
            format!("at {at}: {error}")
        })
        .collect();
    wrong.dedup();
    wrong
}

trait Erased: Send + Sync {
    fn call<'a>(&'a self, cx: &'a ToolContext, args: Value) -> BoxFuture<'a, Result<Value, ToolError>>;
    fn lookup<'a>(&'a self, cx: &'a ToolContext, args: Value) -> BoxFuture<'a, Result<Lookup<Value>, ToolError>>;
    fn compensate<'a>(
        &'a self,
        cx: &'a ToolContext,
        args: Value,
        output: Value,
    ) -> BoxFuture<'a, Result<(), ToolError>>;
    fn approval(&self, args: &Value) -> Approval;
    fn repeatable(&self) -> bool;
    fn checks_itself(&self) -> bool;
    fn reads_output(&self, output: &Value) -> Result<(), String>;
}

impl<T: Tool> Erased for T {
    fn call<'a>(&'a self, cx: &'a ToolContext, args: Value) -> BoxFuture<'a, Result<Value, ToolError>> {
        Box::pin(async move {
            let args = read::<T>(self, args)?;
            let output = T::call(self, cx, args).await?;
            Ok(serde_json::to_value(output)?)
        })
    }

    fn lookup<'a>(&'a self, cx: &'a ToolContext, args: Value) -> BoxFuture<'a, Result<Lookup<Value>, ToolError>> {
        Box::pin(async move {
            let args = read::<T>(self, args)?;
            Ok(match T::lookup(self, cx, &args).await? {
                Lookup::Done(output) => Lookup::Done(serde_json::to_value(output)?),
                Lookup::NotDone => Lookup::NotDone,
                Lookup::Unknown => Lookup::Unknown,
            })
        })
    }

    fn compensate<'a>(
        &'a self,
        cx: &'a ToolContext,
        args: Value,
        output: Value,
    ) -> BoxFuture<'a, Result<(), ToolError>> {
        Box::pin(async move {
            let args = read::<T>(self, args)?;
            let output = serde_json::from_value(output)
                .map_err(|error| ToolError::fatal(format!("what `{}` returned can't be read: {error}", self.name())))?;
            T::compensate(self, cx, &args, &output).await
        })
    }

    fn approval(&self, args: &Value) -> Approval {
        // Arguments that can't be read fail before the call; until then, asking is the safe answer.
        read::<T>(self, args.clone()).map_or(Approval::Ask, |args| T::approval(self, &args))
    }

    fn repeatable(&self) -> bool {
        T::repeatable(self)
    }

    fn checks_itself(&self) -> bool {
        T::checks_itself(self)
    }

    fn reads_output(&self, output: &Value) -> Result<(), String> {
        T::Output::deserialize(output).map(drop).map_err(|error| error.to_string())
    }
}

fn read<T: Tool>(tool: &T, args: Value) -> Result<T::Args, ToolError> {
    serde_json::from_value(args)
        .map_err(|error| ToolError::retry(format!("the arguments of `{}` can't be read: {error}", tool.name())))
}
