//! What becomes of calls on which a person has decided since.

use serde_json::Value;

use super::{Action, Machine};
use crate::{
    error::ErrorKind,
    event::{CallId, Decision, End, Event, PlannedCall, Resolution, ToolResult},
    state::{Call, CallProgress},
    tool::{AnyTool, Effect},
};

impl Machine {
    /// Checks what a person said to a call, as far as that takes its tool: arguments and outputs.
    ///
    /// # Errors
    /// What is wrong with it, and a tool that is not there.
    pub fn check_decision(&self, call: &Call, decision: &Decision) -> Result<(), String> {
        match decision {
            Decision::Edit { args } => self.check_args(call, args),
            Decision::Answer { output } => self.check_output(call, output),
            _ => Ok(()),
        }
    }

    /// Checks what a person found out about a call, as far as that takes its tool: the output.
    ///
    /// # Errors
    /// What is wrong with it, and a tool that is not there.
    pub fn check_resolution(&self, call: &Call, resolution: &Resolution) -> Result<(), String> {
        match resolution {
            Resolution::Done { output } => self.check_output(call, output),
            Resolution::NotDone => Ok(()),
        }
    }

    /// What follows from what persons have said since.
    pub(super) fn decided(&self) -> Result<Vec<Action>, End> {
        let actions = self.state.open_calls().filter_map(|call| self.decided_on(call));
        actions.collect()
    }

    fn decided_on(&self, call: &Call) -> Option<Result<Action, End>> {
        let returned =
            |result| Action::Record(Event::ToolReturned { call: call.planned.call, result, milliseconds: 0 });
        let rejected = |reason| Action::Record(Event::DecisionRejected { call: call.planned.call, reason });
        Some(Ok(match &call.progress {
            // What was agreed to is this action of this run; in another run, nobody has agreed to it yet.
            CallProgress::Approved if self.is_asked_about(call) => return Some(self.intend(call.planned.clone())),
            CallProgress::Approved | CallProgress::ToAsk => return Some(self.ask_again(call)),
            CallProgress::Refused(reason) => returned(ToolResult::Denied { reason: reason.clone() }),
            CallProgress::Edited(args) => match self.check_args(call, args) {
                Ok(()) => return Some(self.intend_edited(call, args)),
                Err(reason) => rejected(reason),
            },
            CallProgress::Answered(output) | CallProgress::Resolved(Resolution::Done { output }) => {
                match self.check_output(call, output) {
                    Ok(()) => returned(ToolResult::Output { output: output.clone() }),
                    Err(reason) => rejected(reason),
                }
            }
            CallProgress::Resolved(Resolution::NotDone) => return Some(self.retry(call)),
            _ => return None,
        }))
    }

    fn is_asked_about(&self, call: &Call) -> bool {
        let PlannedCall { tool, args, .. } = &call.planned;
        let effect = self.kit.tools.get(tool).map_or(Effect::Once, |tool| tool.spec().effect);
        effect == Effect::Read || call.key.as_ref().is_none_or(|key| *key == self.key(tool, args, effect))
    }

    fn ask_again(&self, call: &Call) -> Result<Action, End> {
        self.known(&call.planned.tool).map(|tool| self.approve(call.planned.clone(), tool))
    }

    fn intend_edited(&self, call: &Call, args: &Value) -> Result<Action, End> {
        let planned = PlannedCall { args: args.clone(), ..call.planned.clone() };
        match self.repeats(args, self.known(&planned.tool)?) {
            Some(of) => Ok(Action::Record(Event::ToolReused { planned, of })),
            None => self.intend(planned),
        }
    }

    fn intend(&self, planned: PlannedCall) -> Result<Action, End> {
        let effect = self.known(&planned.tool)?.spec().effect;
        let key = self.key(&planned.tool, &planned.args, effect);
        Ok(Action::Call { planned, effect, key })
    }

    fn retry(&self, call: &Call) -> Result<Action, End> {
        self.known(&call.planned.tool)?;
        Ok(Action::Retry(call.planned.call))
    }

    fn check_args(&self, call: &Call, args: &Value) -> Result<(), String> {
        let tool = self.tool(&call.planned.tool)?;
        tool.validate(args)?;
        self.state.check_grounded(args, tool.spec())
    }

    fn check_output(&self, call: &Call, output: &Value) -> Result<(), String> {
        self.tool(&call.planned.tool)?.validate_output(output)
    }

    fn tool(&self, name: &str) -> Result<&AnyTool, String> {
        self.kit.tools.get(name).ok_or_else(|| format!("the agent has no tool `{name}`, which the run needs"))
    }

    /// The tool of this name, or the end of a run that can't do without.
    pub(super) fn known(&self, name: &str) -> Result<&AnyTool, End> {
        self.tool(name).map_err(|message| End::Failed { kind: ErrorKind::Configuration, message })
    }

    /// The call of this number, as it was planned.
    pub(super) fn planned(&self, call: CallId) -> Option<&PlannedCall> {
        self.state.call(call).map(|call| &call.planned)
    }
}
