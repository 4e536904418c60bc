//! The planner as a pure state machine: events in, actions out.
//!
//! The machine has no I/O, no clock, no randomness, and starts nothing: a driver performs the actions and feeds back
//! what came of them as events. The same events always give the same actions, so a run can be resumed at any event,
//! in another process or on another machine.
//!
//! [`Agent`](crate::Agent) has a driver of its own. Another one, such as that of a durable engine, gets a machine with
//! [`Agent::machine`](crate::Agent::machine), which says what a driver has to keep to.

mod decided;
mod rollback;

pub use rollback::OnFailure;

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use crate::{
    budget::Budget,
    error::ErrorKind,
    event::{CallId, End, Event, PlannedCall, ToolResult},
    model::Request,
    policy::{AnyPolicy, Ask, Kit, Move, Propose},
    run::RunId,
    state::{Call, CallProgress, State, key_of},
    tool::{AnyTool, Approval, Effect, IdempotencyKey},
};

/// How often the same read may give the same result before it is not made again.
const SAME_READS: usize = 2;
/// How many answers in a row may only repeat calls, which are answered from the journal, before the run is given up.
const MOST_REUSED: usize = 4;

/// A run, as far as it has come, and the rules by which it goes on.
#[derive(Clone, Debug)]
pub struct Machine {
    run: RunId,
    state: State,
    policy: AnyPolicy,
    kit: Arc<Kit>,
    budget: Budget,
    on_failure: OnFailure,
    reused: usize,
    reused_by: u32,
}

/// What a driver has to do next.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Action {
    /// Append this event: a decision that needs nothing from outside.
    Record(Event),
    /// Append `event`, then ask the model.
    Ask {
        /// [`Event::ModelAsked`].
        event: Event,
        /// The number of the request.
        call: u32,
        /// What the answer must be and how it is sampled; the conversation is the state's after `event`.
        ask: Ask,
    },
    /// Append [`Event::ApprovalAsked`], then ask a person.
    Approve {
        /// What to ask about.
        planned: PlannedCall,
        /// What the action is.
        key: IdempotencyKey,
        /// What was asked for that it serves, in the words of the plan.
        item: Option<String>,
        /// How long the answer is waited for, if the tool says so.
        within: Option<Duration>,
    },
    /// Append [`Event::ToolIntended`], then call the tool.
    Call {
        /// What to call.
        planned: PlannedCall,
        /// What may happen twice.
        effect: Effect,
        /// What makes the call recognisable.
        key: IdempotencyKey,
    },
    /// Append [`Event::ToolRetried`], then call the tool again under the same key.
    Retry(CallId),
    /// Append [`Event::UndoIntended`], then undo the call: with its output, or if it isn't known, with what the tool
    /// finds when it looks it up.
    Undo(CallId),
}

impl Action {
    /// The event to append before the action is performed.
    ///
    /// A question to a person does not expire, since a machine has no clock: a driver that has one sets `expires`.
    #[must_use]
    pub fn event(&self) -> Event {
        match self {
            Action::Record(event) | Action::Ask { event, .. } => event.clone(),
            Action::Approve { planned, key, item, .. } => {
                let (planned, key, item) = (planned.clone(), Some(key.clone()), item.clone());
                Event::ApprovalAsked { planned, key, item, expires: None }
            }
            Action::Call { planned, effect, key } => {
                Event::ToolIntended { planned: planned.clone(), effect: *effect, key: key.clone() }
            }
            Action::Retry(call) => Event::ToolRetried { call: *call },
            Action::Undo(call) => Event::UndoIntended { call: *call },
        }
    }
}

impl Machine {
    /// The machine of a run that has no events yet.
    #[must_use]
    pub(crate) fn new(run: RunId, policy: AnyPolicy, kit: Arc<Kit>, budget: Budget, on_failure: OnFailure) -> Self {
        Self { run, state: State::default(), policy, kit, budget, on_failure, reused: 0, reused_by: 0 }
    }

    /// What is known of the run.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Takes in the next event of the journal.
    pub fn apply(&mut self, event: &Event) {
        match event {
            // A plan's steps come to an end by themselves; a model that decides call by call may not.
            Event::ToolReused { planned, .. } if planned.step.is_none() && self.reused_by != self.state.model_calls => {
                self.reused += 1;
                self.reused_by = self.state.model_calls;
            }
            Event::ToolIntended { .. } => self.reused = 0,
            _ => {}
        }
        self.state.apply(event);
    }

    /// The request that an [`Action::Ask`] stands for, once its event is applied.
    #[must_use]
    pub fn request(&self, ask: &Ask) -> Request {
        Request::new(Arc::clone(&self.state.conversation)).expecting(ask.expect.clone()).sampling(self.kit.sampling)
    }

    /// What to do next. None while everything that can be done is under way, and after the end.
    ///
    /// An action's event must be applied before this is called again.
    #[must_use]
    pub fn actions(&self) -> Vec<Action> {
        if let Some(rollback) = self.state.rolling_back() {
            return self.undo(rollback.end.as_ref());
        }
        if self.state.end.is_some() || self.state.started.is_none() {
            return Vec::new();
        }
        if let Some(end) = self.limit_reached() {
            // A call that is being made comes to its end first: a write that is cut off is one that nobody knows of.
            let calling = self.state.open_calls().any(|call| call.progress == CallProgress::Intended);
            return if calling { Vec::new() } else { self.finish(end) };
        }
        let mut actions = match self.decided() {
            Ok(actions) => actions,
            Err(end) => return self.finish(end),
        };
        // What ends a call comes before what follows from it, or the same write would be proposed once more.
        if actions.iter().any(|action| matches!(action, Action::Record(_))) {
            return self.serialise(actions);
        }
        let mut limit = None;
        let mut calls = self.state.calls.len();
        for next in self.policy.next(&self.state, &self.kit) {
            match next {
                Move::Ask(ask) => match self.ask(ask) {
                    Ok(action) => actions.push(action),
                    Err(end) => limit = Some(end),
                },
                Move::Plan(plan) => actions.push(Action::Record(Event::PlanMade { plan })),
                Move::Reject(reason) => {
                    let call = self.state.answer.as_ref().map_or(0, |(call, ..)| *call);
                    actions.push(Action::Record(Event::AnswerRejected { call, reason, valid: false }));
                }
                Move::Reconsider(reason) => {
                    let call = self.state.answer.as_ref().map_or(0, |(call, ..)| *call);
                    actions.push(Action::Record(Event::AnswerRejected { call, reason, valid: true }));
                }
                Move::Call(propose) => match self.propose(propose, calls) {
                    Ok(action) => {
                        calls += 1;
                        actions.push(action);
                    }
                    Err(end) => limit = Some(end),
                },
                // A write that is being made comes to its end first, and so gets the result that it has.
                Move::Finish(_) if self.is_writing() => {}
                Move::Finish(end) => return self.finish(end),
            }
        }
        // What is within the limit is done, and what is under way comes to its end, before the run does.
        let idle = actions.is_empty() && self.state.open_calls().next().is_none();
        match limit {
            Some(end) if idle => self.finish(end),
            _ => self.serialise(actions),
        }
    }

    /// The events that end the run now, or begin to undo it before it ends: each call that is under way gets its one
    /// result first.
    #[must_use]
    pub fn ending(&self, end: End) -> Vec<Event> {
        let last = if self.compensates(&end) {
            let reason = match &end {
                End::Failed { message, .. } => message.clone(),
                _ => String::new(),
            };
            Event::RollbackBegun { reason, end: Some(end) }
        } else {
            Event::Finished(end)
        };
        self.abandoned().chain([last]).collect()
    }

    /// The results of calls that are under way and come to no other.
    pub(crate) fn abandoned(&self) -> impl Iterator<Item = Event> + '_ {
        let open = self.state.open_calls();
        open.map(|call| Event::ToolReturned { call: call.planned.call, result: ToolResult::Abandoned, milliseconds: 0 })
    }

    fn finish(&self, end: End) -> Vec<Action> {
        self.ending(end).into_iter().map(Action::Record).collect()
    }

    fn limit_reached(&self) -> Option<End> {
        let failed = |kind, message| Some(End::Failed { kind, message });
        let used = self.state.usage.total_tokens();
        if self.budget.tokens.is_some_and(|most| used > most) {
            return failed(ErrorKind::TokenLimit, format!("the run used {used} tokens, more than its budget allows"));
        }
        if self.reused > MOST_REUSED {
            return failed(ErrorKind::Loop, "the model keeps repeating calls that are done".to_owned());
        }
        None
    }

    fn ask(&self, ask: Ask) -> Result<Action, End> {
        let most = self.budget.model_calls;
        if self.state.model_calls >= most {
            let message = format!("the run asked the model {most} times, as often as its budget allows");
            return Err(End::Failed { kind: ErrorKind::ModelCallLimit, message });
        }
        let call = self.state.model_calls + 1;
        let event = Event::ModelAsked {
            call,
            purpose: ask.purpose,
            kept: ask.keep.min(self.state.conversation.len()),
            messages: ask.messages.clone(),
        };
        Ok(Action::Ask { event, call, ask })
    }

    /// The action that a call is, the next after `calls` others.
    fn propose(&self, propose: Propose, calls: usize) -> Result<Action, End> {
        let Propose { step, model_call, tool, args } = propose;
        let most = self.budget.steps;
        if calls >= most as usize {
            let message = format!("the run made {most} tool calls, as many as its budget allows");
            return Err(End::Failed { kind: ErrorKind::StepLimit, message });
        }
        let known = self.known(&tool)?;
        let effect = known.spec().effect;
        let of = self.repeats(&args, known);
        let key = self.key(&tool, &args, effect);
        // Which number it gets is known once it is known which calls are made now.
        let planned = PlannedCall { call: CallId(u32::MAX), step, model_call, tool, args };
        if let Some(of) = of {
            return Ok(Action::Record(Event::ToolReused { planned, of }));
        }
        Ok(match known.approval(&planned.args) {
            Approval::NotNeeded => Action::Call { effect, key, planned },
            Approval::Ask | Approval::AskWithin(_) => self.approve(planned, known),
        })
    }

    /// The question whether a call may be made.
    fn approve(&self, planned: PlannedCall, tool: &AnyTool) -> Action {
        let key = self.key(&planned.tool, &planned.args, tool.spec().effect);
        let within = match tool.approval(&planned.args) {
            Approval::AskWithin(time) => Some(time),
            Approval::Ask | Approval::NotNeeded => None,
        };
        let plan = self.state.plan.as_ref().zip(planned.step);
        let item = plan.and_then(|(plan, step)| plan.asked.get(plan.step(step)?.item?).cloned());
        Action::Approve { planned, key, item, within }
    }

    /// What makes an action recognisable. Each read is one of its own: whoever keeps answers by key must not give an
    /// old one to who looks again. So is each call of a tool that says that the same arguments mean another deed.
    fn key(&self, tool: &str, args: &Value, effect: Effect) -> IdempotencyKey {
        let anew = effect == Effect::Read || self.kit.tools.get(tool).is_some_and(AnyTool::repeatable);
        let before = if anew { self.state.times_begun(tool, args) } else { 0 };
        key_of(&self.run, tool, args, before)
    }

    /// The earlier call whose result stands for a repetition: a write is never made again, a read not for a third
    /// time with the same result, unless something was written since.
    fn repeats(&self, args: &Value, tool: &AnyTool) -> Option<CallId> {
        let mut same = self.state.same_action(&tool.spec().name, args).filter(|call| call.output().is_some());
        let last = same.next_back()?;
        let enough = if tool.spec().effect == Effect::Read {
            let still_holds = |call: &&Call| self.state.is_fresh(call) && call.result() == last.result();
            self.state.is_fresh(last) && same.rev().take_while(still_holds).count() + 1 >= SAME_READS
        } else {
            !tool.repeatable()
        };
        enough.then_some(last.planned.call)
    }

    /// Of several actions those that may happen now: one write at a time, one question to a person at a time, and
    /// calls numbered without gaps.
    fn serialise(&self, actions: Vec<Action>) -> Vec<Action> {
        let mut writing = self.state.open_calls().any(|call| is_open(call) && self.writes(&call.planned.tool));
        let mut asking = self.state.open_calls().any(|call| call.progress == CallProgress::Asked);
        let mut next = self.state.next_call();
        let mut allowed = Vec::with_capacity(actions.len());
        for mut action in actions {
            let asks = matches!(action, Action::Approve { .. });
            if asks && asking {
                continue;
            }
            let begun = match &action {
                Action::Call { planned, .. } | Action::Approve { planned, .. } => Some(planned),
                Action::Retry(call) => self.planned(*call),
                _ => None,
            };
            if begun.is_some_and(|planned| self.writes(&planned.tool)) {
                if writing {
                    continue;
                }
                writing = true;
            }
            asking |= asks;
            if let Action::Call { planned, .. }
            | Action::Approve { planned, .. }
            | Action::Record(Event::ToolReused { planned, .. }) = &mut action
                && self.state.call(planned.call).is_none()
            {
                planned.call = next;
                next = CallId(next.0.saturating_add(1));
            }
            allowed.push(action);
        }
        allowed
    }

    fn writes(&self, tool: &str) -> bool {
        self.kit.tools.get(tool).is_none_or(|tool| tool.spec().writes())
    }

    fn is_writing(&self) -> bool {
        let mut open = self.state.open_calls();
        open.any(|call| call.progress == CallProgress::Intended && self.writes(&call.planned.tool))
    }

    /// The calls and questions that were under way when the journal ends: what a worker that resumes the run has to
    /// take up.
    #[must_use]
    pub fn under_way(&self) -> Vec<&Call> {
        self.state.open_calls().filter(|call| is_open(call)).collect()
    }

    /// Forgets the request to the model that was under way when the journal ends, so that it is made again.
    ///
    /// A worker that takes up a run calls this once, after the journal's last event and before it asks for actions.
    pub fn interrupted(&mut self) {
        self.state.interrupted();
    }
}

/// Whether it waits for its tool or for a person.
fn is_open(call: &Call) -> bool {
    matches!(call.progress, CallProgress::Asked | CallProgress::Intended | CallProgress::Unknown(_))
}
