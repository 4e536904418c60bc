//! Calling tools, and taking up calls that were cut off.

use std::{panic::AssertUnwindSafe, time::Instant};

use futures::FutureExt;

use super::{Arrival, Driver, milliseconds};
use crate::{
    error::Error,
    event::{CallId, Event, PlannedCall, ToolResult},
    state::{Call, CallProgress},
    thread::ThreadId,
    tool::{AnyTool, Effect, IdempotencyKey, Lookup, ToolContext, ToolError},
};

impl Driver {
    /// Takes up what was under way when the last worker stopped.
    ///
    /// Two workers may get here with the same journal. Each writes to it before it repeats anything, so one of them is
    /// refused and repeats nothing; a lookup changes nothing and may be made by both.
    pub(super) async fn recover(&mut self) -> Result<(), Error> {
        let open: Vec<Call> = self.machine.under_way().into_iter().cloned().collect();
        let mut again = Vec::new();
        for call in open {
            let id = call.planned.call;
            match call.progress {
                CallProgress::Asked => self.ask_person(id),
                _ if self.agent.0.kit.tools.get(&call.planned.tool).is_none() => {
                    let reason = format!("the agent has no tool `{}` to look it up with", call.planned.tool);
                    self.unknown(id, reason).await?;
                }
                _ if call.effect.unwrap_or(Effect::Once) == Effect::Once => self.look_up(&call),
                _ => again.push(id),
            }
        }
        self.retry(again).await?;
        self.recover_undo().await
    }

    /// Makes calls again that were intended, once that is written down.
    pub(super) async fn retry(&mut self, calls: Vec<CallId>) -> Result<(), Error> {
        if calls.is_empty() {
            return Ok(());
        }
        self.append(calls.iter().map(|call| Event::ToolRetried { call: *call }).collect()).await?;
        calls.into_iter().for_each(|call| self.call(call));
        Ok(())
    }

    /// Makes a call that is intended.
    pub(super) fn call(&mut self, id: CallId) {
        let Some(call) = self.machine.state().call(id) else { return };
        let Some(tool) = self.agent.0.kit.tools.get(&call.planned.tool).cloned() else { return };
        let (cx, planned) = (self.context(self.key(call)), call.planned.clone());
        self.tools.push(Box::pin(async move { made(&tool, &cx, &planned).await }));
    }

    /// Writes down that nobody knows what became of a call, unless that is known.
    pub(super) async fn unknown(&mut self, call: CallId, reason: String) -> Result<(), Error> {
        let known = CallProgress::Unknown(reason.clone());
        if self.machine.state().call(call).is_some_and(|call| call.progress == known) {
            return Ok(());
        }
        self.append(vec![Event::OutcomeUnknown { call, reason }]).await
    }

    /// Finds out what became of a call that was intended and has no result.
    fn look_up(&mut self, call: &Call) {
        let Some(tool) = self.agent.0.kit.tools.get(&call.planned.tool).cloned() else { return };
        let (cx, planned) = (self.context(self.key(call)), call.planned.clone());
        self.tools.push(Box::pin(async move {
            match looked_up(&tool, &cx, &planned).await {
                Ok(Lookup::Done(output)) => returned(&planned, ToolResult::Output { output }, 0),
                Ok(Lookup::NotDone) => Arrival::Retry(planned.call),
                Ok(Lookup::Unknown) => Arrival::Unknown(planned.call, cant_tell(&planned)),
                Err(error) => Arrival::Unknown(planned.call, not_looked_up(&planned, &error)),
            }
        }));
    }

    /// The key under which a call was intended. What is written counts, not what would be written now.
    pub(super) fn key(&self, call: &Call) -> IdempotencyKey {
        let PlannedCall { tool, args, .. } = &call.planned;
        call.key.clone().unwrap_or_else(|| crate::state::key_of(&self.run, tool, args, 0))
    }

    /// The conversation that the run belongs to.
    pub(super) fn thread(&self) -> Option<ThreadId> {
        self.machine.state().started.as_ref().and_then(|started| started.thread.clone())
    }

    fn context(&self, key: IdempotencyKey) -> ToolContext {
        ToolContext::new(self.run, key, self.stopping.child_token(), self.agent.0.state.clone()).within(self.thread())
    }
}

fn cant_tell(planned: &PlannedCall) -> String {
    format!("`{}` can't tell whether it was carried out", planned.tool)
}

fn not_looked_up(planned: &PlannedCall, error: &ToolError) -> String {
    format!("`{}` could not look it up: {error}", planned.tool)
}

fn returned(planned: &PlannedCall, result: ToolResult, milliseconds: u64) -> Arrival {
    Arrival::Event(Event::ToolReturned { call: planned.call, result, milliseconds })
}

/// Calls a tool. If that leaves open whether something was done, the tool is asked to look.
async fn made(tool: &AnyTool, cx: &ToolContext, planned: &PlannedCall) -> Arrival {
    let begun = Instant::now();
    // A tool that panics has failed; the run goes on and its journal stays whole. How far it came nobody knows.
    let called = AssertUnwindSafe(tool.call(cx, planned.args.clone())).catch_unwind().await;
    let panicked = || Err(ToolError::fatal(format!("`{}` panicked", planned.tool)).outcome_unknown());
    let error = match called.unwrap_or_else(|_| panicked()) {
        Ok(output) => return returned(planned, ToolResult::Output { output }, milliseconds(begun)),
        Err(error) => error,
    };
    let effect = tool.spec().effect;
    if error.is_outcome_unknown() && effect != Effect::Read {
        let why = match looked_up(tool, cx, planned).await {
            Ok(Lookup::Done(output)) => return returned(planned, ToolResult::Output { output }, milliseconds(begun)),
            Ok(Lookup::NotDone) => None,
            Ok(Lookup::Unknown) => Some(cant_tell(planned)),
            Err(failed) => Some(not_looked_up(planned, &failed)),
        };
        // What may be repeated is a failure that trying again mends.
        if let Some(why) = why.filter(|_| effect == Effect::Once) {
            return Arrival::Unknown(planned.call, format!("{error}; {why}"));
        }
    }
    let failed = ToolResult::Failed { kind: error.kind(), message: error.to_string() };
    returned(planned, failed, milliseconds(begun))
}

pub(super) async fn looked_up(
    tool: &AnyTool,
    cx: &ToolContext,
    planned: &PlannedCall,
) -> Result<Lookup<serde_json::Value>, ToolError> {
    let looked = AssertUnwindSafe(tool.lookup(cx, planned.args.clone())).catch_unwind().await;
    looked.unwrap_or_else(|_| Err(ToolError::fatal("it panicked")))
}
