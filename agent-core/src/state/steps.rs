//! The plan's steps and the calls that carry them out.

use super::{Call, State};
use crate::{
    event::{CallId, ToolResult},
    plan::{StepId, frontier::Frontier},
};

impl State {
    /// The call that carries out this step of the plan.
    #[must_use]
    pub fn call_of_step(&self, step: StepId) -> Option<&Call> {
        self.calls.get(*self.by_step.get(&step)?)
    }

    /// Which steps of the plan can begin.
    pub(crate) fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Whether a step of the plan has begun.
    pub(crate) fn has_begun(&self) -> bool {
        !self.by_step.is_empty()
    }

    /// Tells the plan what came of a call.
    pub(super) fn tell_plan(&mut self, call: CallId) {
        let Some(step) = self.call(call).and_then(|call| call.planned.step) else { return };
        let Some(plan) = self.plan.clone() else { return };
        // Taken out meanwhile, so that it can look at the outputs beside it.
        let mut frontier = std::mem::take(&mut self.frontier);
        match self.call(call).and_then(Call::result) {
            Some(ToolResult::Output { .. }) => {
                frontier.succeeds(step, &plan, &|step| self.call_of_step(step).and_then(Call::output));
            }
            Some(ToolResult::Failed { .. }) => frontier.fails(step),
            _ => {}
        }
        self.frontier = frontier;
    }
}
