//! How far a plan has come: what is ready, what failed, what has to be asked.

use serde::Serialize;
use serde_json::Value;

use super::{Kit, Propose, report};
use crate::{
    event::ToolResult,
    plan::{Arg, Plan, Step, StepId, bind},
    state::{Call, CallProgress, State},
    tool::ToolErrorKind,
};

/// How far the plan has come.
pub(super) struct Progress<'s> {
    pub(super) running: bool,
    pub(super) ready_reads: Vec<Propose>,
    pub(super) ready_writes: Vec<Propose>,
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
        let mut progress = Self {
            running: false,
            ready_reads: Vec::new(),
            ready_writes: Vec::new(),
            failed: Vec::new(),
            may_revise: true,
            asks: None,
            empty: Vec::new(),
        };
        let output = |step: StepId| state.call_of_step(step).and_then(Call::output);
        for step in &plan.steps {
            match state.call_of_step(step.id) {
                Some(call) => progress.count(call),
                None if depends(step, plan).all(|id| output(id).is_some()) => progress.bind(step, &output, plan, kit),
                None => {}
            }
        }
        for shown in plan.shown.iter().filter(|shown| shown.steps.iter().all(|step| output(*step).is_some())) {
            if let Err(unbound) = bind::choose(shown, &output) {
                progress.empty.push(nothing_found(&unbound, plan));
            }
        }
        progress
    }

    fn count(&mut self, call: &'s Call) {
        match &call.progress {
            CallProgress::Returned(ToolResult::Failed { kind: ToolErrorKind::Ask, message }) => {
                self.asks.get_or_insert(message);
            }
            CallProgress::Returned(ToolResult::Failed { kind, message }) => {
                self.may_revise &= *kind == ToolErrorKind::Retry;
                let planned = &call.planned;
                let call = report::written(planned);
                self.failed.push(Failed { tool: &planned.tool, call, result: message });
            }
            CallProgress::Returned(_) => {}
            _ => self.running = true,
        }
    }

    fn bind(&mut self, step: &Step, output: &impl Fn(StepId) -> Option<&'s Value>, plan: &Plan, kit: &Kit) {
        // Of alternatives one is made, and the others are as good as done; if none can be, each says what it missed.
        let winner = plan.either(step.id).and_then(|either| bind::winner(either, plan, output));
        if winner.is_some_and(|winner| winner != step.id) {
            return;
        }
        let args = match bind::bind(step, output) {
            Ok(args) => args,
            Err(unbound) => return self.empty.push(nothing_found(&unbound, plan)),
        };
        let writes = kit.tools.get(&step.tool).is_none_or(|tool| tool.spec().writes());
        let propose = Propose { step: Some(step.id), model_call: None, tool: step.tool.clone(), args };
        if writes { self.ready_writes.push(propose) } else { self.ready_reads.push(propose) }
    }

    /// What the user has to be asked before anything else is done.
    pub(super) fn question(&self) -> Option<String> {
        let first = self.asks.map(str::to_owned);
        first.or_else(|| (!self.empty.is_empty() && self.ready_reads.is_empty()).then(|| self.empty.join(" ")))
    }
}

/// What has to be done before a step: for one of several alternatives, what any of them needs.
fn depends<'p>(step: &'p Step, plan: &'p Plan) -> impl Iterator<Item = StepId> + 'p {
    let beside = plan.either(step.id).into_iter().flat_map(|either| &either.steps).filter_map(|id| plan.step(*id));
    step.dependencies().chain(beside.flat_map(Step::dependencies))
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
