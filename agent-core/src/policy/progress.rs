//! How far a plan has come: what is ready, what failed, what has to be asked.

use serde::Serialize;
use serde_json::Value;

use super::{Kit, Propose, report};
use crate::{
    event::ToolResult,
    plan::{Arg, Plan, StepId, bind},
    state::{Call, State},
    tool::ToolErrorKind,
};

/// How far the plan has come.
pub(super) struct Progress<'s> {
    pub(super) running: bool,
    pub(super) ready_reads: Vec<Propose>,
    pub(super) ready_write: Option<Propose>,
    pub(super) failed: Vec<Failed<'s>>,
    pub(super) may_revise: bool,
    pub(super) asks: Option<&'s str>,
    pub(super) empty: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Failed<'s> {
    pub(super) tool: &'s str,
    pub(super) call: String,
    pub(super) result: &'s str,
}

impl<'s> Progress<'s> {
    pub(super) fn of(plan: &Plan, state: &'s State, kit: &Kit) -> Self {
        let frontier = state.frontier();
        let mut progress = Self {
            running: state.open_calls().any(|call| call.planned.step.is_some()),
            ready_reads: Vec::new(),
            ready_write: None,
            failed: Vec::new(),
            may_revise: true,
            asks: None,
            empty: frontier.unbound().map(|unbound| nothing_found(unbound, plan)).collect(),
        };
        let failed = frontier.failed().filter_map(|place| state.call_of_step(plan.steps.get(place)?.id));
        failed.for_each(|call| progress.count(call));
        progress.propose(plan, state, kit);
        let output = |step: StepId| state.call_of_step(step).and_then(Call::output);
        for shown in plan.shown.iter().filter(|shown| shown.steps.iter().all(|step| output(*step).is_some())) {
            if let Err(unbound) = bind::choose(shown, &output) {
                progress.empty.push(nothing_found(&unbound, plan));
            }
        }
        progress
    }

    fn count(&mut self, call: &'s Call) {
        match call.result() {
            Some(ToolResult::Failed { kind: ToolErrorKind::Ask, message }) => {
                self.asks.get_or_insert(message);
            }
            Some(ToolResult::Failed { kind, message }) => {
                self.may_revise &= *kind == ToolErrorKind::Retry;
                let planned = &call.planned;
                let call = report::written(planned);
                self.failed.push(Failed { tool: &planned.tool, call, result: message });
            }
            _ => {}
        }
    }

    /// All reads that can begin, and the first write.
    fn propose(&mut self, plan: &Plan, state: &State, kit: &Kit) {
        let mut reads = Vec::new();
        let mut write = None;
        for (tool, steps) in state.frontier().ready() {
            if !kit.tools.get(tool).is_none_or(|tool| tool.spec().writes()) {
                reads.extend(steps);
            } else if let Some((place, args)) = steps.first_key_value()
                && write.is_none_or(|(first, _)| place < first)
            {
                write = Some((place, args));
            }
        }
        reads.sort_unstable_by_key(|(place, _)| **place);
        let one = |(place, args): (&usize, &Value)| {
            let step = plan.steps.get(*place)?;
            Some(Propose { step: Some(step.id), model_call: None, tool: step.tool.clone(), args: args.clone() })
        };
        self.ready_reads = reads.into_iter().filter_map(one).collect();
        self.ready_write = write.and_then(one);
    }

    /// What the user has to be asked before anything else is done.
    pub(super) fn question(&self) -> Option<String> {
        let first = self.asks.map(str::to_owned);
        first.or_else(|| (!self.empty.is_empty() && self.ready_reads.is_empty()).then(|| self.empty.join(" ")))
    }
}

fn nothing_found(unbound: &bind::Unbound, plan: &Plan) -> String {
    let searches: Vec<String> = unbound
        .steps
        .iter()
        .filter_map(|id| plan.step(*id))
        .map(|step| {
            let said = step.args.iter().filter_map(|(name, arg)| match arg {
                Arg::Literal(value) => {
                    Some(format!("{name} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
                }
                _ => None,
            });
            format!("{} ({})", step.tool, said.collect::<Vec<_>>().join(", "))
        })
        .collect();
    format!("{} found nothing. What should be different?", searches.join(" and "))
}
