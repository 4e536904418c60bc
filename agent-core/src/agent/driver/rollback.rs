//! Undoing what a run has done.

use std::{panic::AssertUnwindSafe, time::Instant};

use futures::FutureExt;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Arrival, Driver, milliseconds, recover::looked_up};
use crate::{
    agent::outcome::RolledBack,
    error::Error,
    event::{CallId, Event, PlannedCall, Resolution, UndoResult},
    state::{Call, State, Undo},
    tool::{AnyTool, Effect, Lookup, ToolContext, ToolError},
};

impl Driver {
    /// Begins to undo what the run has done, or goes on with it.
    pub(super) async fn roll_back(&mut self, reason: &str) -> Result<(), Error> {
        self.models.clear();
        let events = self.machine.rollback(reason);
        if events.is_empty() { Ok(()) } else { self.append(events).await }
    }

    /// Takes up the undoing that was under way when the last worker stopped.
    ///
    /// It is written down again before it is repeated, which of two workers only one can do.
    pub(super) async fn recover_undo(&mut self) -> Result<(), Error> {
        for call in self.machine.state().undone(|undo| *undo == Undo::Intended) {
            self.append(vec![Event::UndoIntended { call }]).await?;
            self.undo(call, true);
        }
        Ok(())
    }

    /// Undoes a call; `again` if somebody has tried before, and nobody knows how far they came.
    pub(super) fn undo(&mut self, id: CallId, again: bool) {
        let Some(call) = self.machine.state().call(id) else { return };
        let planned = call.planned.clone();
        let Some(tool) = self.agent.0.kit.tools.get(&planned.tool).cloned() else {
            let message = format!("the agent has no tool `{}` to undo it with", planned.tool);
            self.tools.push(Box::pin(async move { undone(id, UndoResult::Failed { message }, 0) }));
            return;
        };
        let known = output_of(call).filter(|_| !again || call.effect != Some(Effect::Once));
        // The run is being stopped, its undoing is not.
        let cx = ToolContext::new(self.run, self.key(call), CancellationToken::new(), self.agent.0.state.clone())
            .within(self.thread());
        self.tools.push(Box::pin(async move { compensated(&tool, &cx, &planned, known).await }));
    }
}

/// What a call has returned, or a person found out that it would have.
fn output_of(call: &Call) -> Option<Value> {
    let found = call.resolved.as_ref().and_then(|resolved| match &resolved.resolution {
        Resolution::Done { output } => Some(output),
        Resolution::NotDone => None,
    });
    call.output().or(found).cloned()
}

/// Undoes a call. If it isn't known that it was carried out, and still stands, the tool is asked to look first.
async fn compensated(tool: &AnyTool, cx: &ToolContext, planned: &PlannedCall, known: Option<Value>) -> Arrival {
    let (call, begun) = (planned.call, Instant::now());
    let unknown = |reason: String| Arrival::Event(Event::UndoUnknown { call, reason });
    let output = match known {
        Some(output) => output,
        None => match looked_up(tool, cx, planned).await {
            Ok(Lookup::Done(output)) => output,
            Ok(Lookup::NotDone) => return undone(call, UndoResult::NothingToUndo, milliseconds(begun)),
            Ok(Lookup::Unknown) => {
                return unknown(format!("`{}` can't tell whether there is anything to undo", planned.tool));
            }
            Err(error) => return unknown(format!("`{}` could not look up what to undo: {error}", planned.tool)),
        },
    };
    let called = AssertUnwindSafe(tool.compensate(cx, planned.args.clone(), output)).catch_unwind().await;
    let panicked = || Err(ToolError::fatal(format!("`{}` panicked while it undid", planned.tool)).outcome_unknown());
    match called.unwrap_or_else(|_| panicked()) {
        Ok(()) => undone(call, UndoResult::Undone, milliseconds(begun)),
        Err(error) if error.is_outcome_unknown() => unknown(error.to_string()),
        Err(error) => undone(call, UndoResult::Failed { message: error.to_string() }, milliseconds(begun)),
    }
}

fn undone(call: CallId, result: UndoResult, milliseconds: u64) -> Arrival {
    Arrival::Event(Event::UndoReturned { call, result, milliseconds })
}

/// What came of the undoing, for whoever asked for it.
pub(super) fn report(state: &State) -> RolledBack {
    let mut report = RolledBack::default();
    for call in &state.calls {
        match &call.undo {
            Some(Undo::Returned(UndoResult::Failed { message })) => {
                report.left.push((call.planned.clone(), message.clone()));
            }
            Some(Undo::Returned(_)) => report.undone.push(call.planned.clone()),
            _ => {}
        }
    }
    report
}
