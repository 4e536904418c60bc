//! What the airline does for those who ask, as tools of an agent.

use std::{fmt, marker::PhantomData};

use cicerone::{Error, prelude::*, tool::AnyTool, tool::schema_of};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{given::Given, tables::Draft, world::Done, world::World};

/// Something that the airline does.
pub(crate) trait Operation: Send + Sync + 'static {
    /// The name of the tool.
    const NAME: &'static str;
    /// What it does, for the model.
    const DESCRIPTION: &'static str;
    /// What may happen twice.
    const EFFECT: Effect;
    /// What it has to be told.
    type Args: DeserializeOwned + JsonSchema + Send + Sync + 'static;

    /// Does it to the draft. What a refusal leaves there is kept.
    fn perform(args: Self::Args, draft: &mut Draft<'_>) -> Done;
}

/// The tool of an operation: it keeps to the protocol of effects, and says in the airline's words what is wrong with
/// the arguments.
pub(crate) struct Desk<O> {
    names: Vec<String>,
    operation: PhantomData<fn() -> O>,
}

impl<O: Operation> Desk<O> {
    /// The tool.
    pub(crate) fn tool() -> Result<AnyTool, Error> {
        let schema = schema_of::<O::Args>();
        let names = schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|fields| fields.keys());
        AnyTool::new(Self { names: names.cloned().collect(), operation: PhantomData })
    }
}

impl<O: Operation> Tool for Desk<O> {
    type Args = Given<O::Args>;
    type Output = String;

    fn name(&self) -> &str {
        O::NAME
    }

    fn description(&self) -> &str {
        O::DESCRIPTION
    }

    fn effect(&self) -> Effect {
        O::EFFECT
    }

    async fn call(&self, cx: &ToolContext, given: Self::Args) -> Result<String, ToolError> {
        let refused = |refusal: crate::refusal::Refusal| ToolError::retry(refusal.to_string());
        let args = given.read(O::NAME, &self.names).map_err(refused)?;
        let world = cx.state::<World>()?;
        let perform = |draft: &mut Draft<'_>| O::perform(args, draft);
        let done =
            if O::EFFECT == Effect::Read { world.look(perform) } else { world.write(cx.key().as_str(), perform)? };
        done.map_err(refused)
    }

    async fn lookup(&self, cx: &ToolContext, _: &Self::Args) -> Result<Lookup<String>, ToolError> {
        Ok(match cx.state::<World>()?.done(cx.key().as_str()) {
            Some(Ok(output)) => Lookup::Done(output),
            // A refusal that is known to the world is said again by the call.
            Some(Err(_)) | None => Lookup::NotDone,
        })
    }

    // A second certificate of the same amount is another certificate.
    fn repeatable(&self) -> bool {
        true
    }

    fn checks_itself(&self) -> bool {
        true
    }
}

impl<O: Operation> fmt::Debug for Desk<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Desk").field(&O::NAME).finish()
    }
}
