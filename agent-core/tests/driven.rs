//! A machine that is driven by hand, event by event.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test may panic"
)]

use cicerone_core::{
    Agent, RunId,
    event::{CallId, Event, Resolution, ToolResult},
    machine::{Action, Machine},
    message::{Part, ToolCall},
    model::Response,
    policy::ReAct,
    scripted::ScriptedModel,
    tool::{Approval, FunctionTool, ToolError},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Deserialize, Serialize, JsonSchema)]
struct Payment {
    euros: u32,
}

/// A machine whose model wants these calls, and whose tool needs no approval.
fn deciding(calls: &[u32]) -> Machine {
    let pay = FunctionTool::new("pay", "Pay.", |_: Payment| async { Ok::<_, ToolError>("paid".to_owned()) });
    let agent = Agent::builder(ScriptedModel::new()).tool(pay.approval(Approval::NotNeeded)).planner(ReAct::default());
    let agent = agent.build().unwrap();
    let mut machine = agent.machine(RunId::new());
    machine.apply(&Event::RunStarted(Box::new(agent.started("pay"))));
    assert!(matches!(round(&mut machine)[..], [Event::ModelAsked { call: 1, .. }]));
    let call = |(at, euros): (usize, &u32)| {
        Part::ToolCall(ToolCall { id: at.to_string(), tool: "pay".to_owned(), args: json!({"euros": euros}) })
    };
    let response = Response::new(calls.iter().enumerate().map(call).collect());
    machine.apply(&Event::ModelAnswered { call: 1, response });
    machine
}

/// One round: the events of the machine's actions, applied.
fn round(machine: &mut Machine) -> Vec<Event> {
    let events: Vec<Event> = machine.actions().iter().map(Action::event).collect();
    events.iter().for_each(|event| machine.apply(event));
    events
}

#[test]
fn what_a_person_found_out_counts_before_the_same_write_is_proposed_again() {
    let mut machine = deciding(&[5, 5]);
    assert!(matches!(&round(&mut machine)[..], [Event::ToolIntended { planned, .. }] if planned.call == CallId(1)));
    machine.apply(&Event::OutcomeUnknown { call: CallId(1), reason: "the line went dead".to_owned() });
    assert!(round(&mut machine).is_empty());
    let resolution = Resolution::Done { output: json!("paid") };
    machine.apply(&Event::CallResolved { call: CallId(1), resolution, by: None });
    let paid = ToolResult::Output { output: json!("paid") };
    let returned = Event::ToolReturned { call: CallId(1), result: paid, milliseconds: 0 };
    assert_eq!(round(&mut machine), [returned]);
    assert!(matches!(&round(&mut machine)[..], [Event::ToolReused { of: CallId(1), .. }]));
}
