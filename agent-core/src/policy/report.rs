//! What was done, as templates see it.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::Value;

use crate::{
    event::{PlannedCall, ToolResult},
    plan::{Plan, bind},
    state::{Call, State},
};

use super::Kit;

/// A call and what came of it.
#[derive(Debug, Serialize)]
pub(super) struct Done<'s> {
    pub(super) tool: &'s str,
    pub(super) args: &'s Value,
    pub(super) writes: bool,
    pub(super) status: &'static str,
    pub(super) output: Option<&'s Value>,
    pub(super) message: Option<&'s str>,
    pub(super) call: String,
    pub(super) result: String,
}

/// All calls, those that only repeat another left out: what was done once is told once.
pub(super) fn done<'s>(state: &'s State, kit: &Kit) -> Vec<Done<'s>> {
    let mut told: Vec<&Call> = Vec::with_capacity(state.calls.len());
    let mut known: HashMap<(&str, String), Vec<&Call>> = HashMap::with_capacity(state.calls.len());
    for call in &state.calls {
        let same = known.entry((call.planned.tool.as_str(), sorted(&call.planned.args))).or_default();
        if !same.iter().any(|known| known.result() == call.result()) {
            same.push(call);
            told.push(call);
        }
    }
    told.into_iter().map(|call| one(call, kit)).collect()
}

/// The arguments as text, whatever the order of their names.
fn sorted(args: &Value) -> String {
    let fields: BTreeMap<&String, &Value> = args.as_object().into_iter().flatten().collect();
    fields.into_iter().map(|(name, value)| format!("{name}:{value};")).collect()
}

fn one<'s>(call: &'s Call, kit: &Kit) -> Done<'s> {
    let writes = kit.tools.get(&call.planned.tool).is_some_and(|tool| tool.spec().writes());
    let (status, output, message) = match call.result() {
        Some(ToolResult::Output { output }) => ("done", Some(output), None),
        Some(ToolResult::Failed { message, .. }) => ("failed", None, Some(message.as_str())),
        Some(ToolResult::Denied { reason }) => ("denied", None, Some(reason.as_str())),
        Some(ToolResult::Abandoned) => ("abandoned", None, None),
        None => ("open", None, None),
    };
    let result = output.map_or_else(|| message.unwrap_or(status).to_owned(), |output| shortened(&output.to_string()));
    Done {
        tool: &call.planned.tool,
        args: &call.planned.args,
        writes,
        status,
        output,
        message,
        call: written(&call.planned),
        result,
    }
}

/// A call as a model is told of it.
pub(super) fn written(planned: &PlannedCall) -> String {
    format!("{}({})", planned.tool, planned.args)
}

/// The most characters of one output that a model is shown: about 500 tokens.
pub(super) const MAX_SHOWN: usize = 2_000;

pub(crate) fn shortened(text: &str) -> String {
    cut(text, MAX_SHOWN)
}

/// The first `most` characters of a text.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The choices that the plan shows.
pub(super) fn shown<'s>(plan: &Plan, state: &'s State) -> Vec<&'s Value> {
    let output = |step| state.call_of_step(step).and_then(Call::output);
    plan.shown.iter().flat_map(|reference| bind::chosen(reference, &output)).collect()
}
