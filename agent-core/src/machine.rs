//! The planner as a pure state machine: events in, actions out.
//!
//! The machine has no I/O, no clock, no randomness, and starts nothing: a driver performs the actions and feeds back
//! what came of them as events. The same events always give the same actions, so a run can be resumed at any event,
//! in another process or on another machine.

use std::{collections::HashSet, sync::Arc};

use crate::{
    budget::Budget,
    error::ErrorKind,
    event::{CallId, End, Event, PlannedCall, ToolResult},
    model::Request,
    policy::{AnyPolicy, Ask, Kit, Move, Propose},
    run::RunId,
    state::{Call, CallProgress, State, key_of},
    tool::{Approval, Effect, IdempotencyKey},
};

/// How often the same read may give the same result before it is not made again.
const SAME_READS: usize = 2;
/// How often calls that would only repeat may be answered from the journal before the run is given up.
const MOST_REUSED: usize = 4;

/// A run, as far as it has come, and the rules by which it goes on.
#[derive(Clone, Debug)]
pub struct Machine {
    run: RunId,
    state: State,
    policy: AnyPolicy,
    kit: Arc<Kit>,
    budget: Budget,
    reused: usize,
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
    Approve(PlannedCall),
    /// Append [`Event::ToolIntended`], then call the tool.
    Call {
        /// What to call.
        planned: PlannedCall,
        /// What may happen twice.
        effect: Effect,
        /// What makes the call recognisable.
        key: IdempotencyKey,
    },
}

impl Machine {
    /// The machine of a run that has no events yet.
    #[must_use]
    pub(crate) fn new(run: RunId, policy: AnyPolicy, kit: Arc<Kit>, budget: Budget) -> Self {
        Self { run, state: State::default(), policy, kit, budget, reused: 0 }
    }

    /// What is known of the run.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Takes in the next event of the journal.
    pub fn apply(&mut self, event: &Event) {
        if matches!(event, Event::ToolReused { .. }) {
            self.reused += 1;
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
        if self.state.end.is_some() || self.state.started.is_none() {
            return Vec::new();
        }
        if let Some(end) = self.limit_reached() {
            return self.finish(end);
        }
        let mut actions = self.approved();
        for next in self.policy.next(&self.state, &self.kit) {
            match next {
                Move::Ask(ask) => actions.extend(self.ask(ask)),
                Move::Plan(plan) => actions.push(Action::Record(Event::PlanMade { plan })),
                Move::Reject(reason) => {
                    let call = self.state.answer.as_ref().map_or(0, |(call, ..)| *call);
                    actions.push(Action::Record(Event::AnswerRejected { call, reason }));
                }
                Move::Call(propose) => {
                    let proposed = self.propose(propose, actions.len());
                    actions.extend(proposed);
                }
                Move::Finish(end) => return self.finish(end),
            }
        }
        self.serialise(actions)
    }

    /// The events that end the run now: each call that is under way gets its one result first.
    #[must_use]
    pub fn ending(&self, end: End) -> Vec<Event> {
        let open = self.state.calls.iter().filter(|call| call.result().is_none());
        open.map(|call| Event::ToolReturned {
            call: call.planned.call,
            result: ToolResult::Abandoned,
            milliseconds: 0,
        })
        .chain([Event::Finished(end)])
        .collect()
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

    fn ask(&self, ask: Ask) -> Option<Action> {
        let most = self.budget.model_calls;
        if self.state.model_calls >= most {
            let message = format!("the run asked the model {most} times, as often as its budget allows");
            return Some(Action::Record(Event::Finished(End::Failed { kind: ErrorKind::ModelCallLimit, message })));
        }
        let call = self.state.model_calls + 1;
        let event = Event::ModelAsked {
            call,
            purpose: ask.purpose,
            kept: ask.keep.min(self.state.conversation.len()),
            messages: ask.messages.clone(),
        };
        Some(Action::Ask { event, call, ask })
    }

    /// What a person has agreed to or refused since.
    fn approved(&self) -> Vec<Action> {
        let decided = self.state.calls.iter().filter_map(|call| match &call.progress {
            CallProgress::Approved => Some(self.intend(call.planned.clone())),
            CallProgress::Refused(reason) => Some(Action::Record(Event::ToolReturned {
                call: call.planned.call,
                result: ToolResult::Denied { reason: reason.clone() },
                milliseconds: 0,
            })),
            _ => None,
        });
        decided.collect()
    }

    fn propose(&self, propose: Propose, before: usize) -> Option<Action> {
        let Propose { step, model_call, tool, args } = propose;
        let number = self.state.next_call().0.saturating_add(u32::try_from(before).unwrap_or(u32::MAX));
        let most = self.budget.steps;
        if self.state.calls.len() + before >= most as usize {
            let message = format!("the run made {most} tool calls, as many as its budget allows");
            return Some(Action::Record(Event::Finished(End::Failed { kind: ErrorKind::StepLimit, message })));
        }
        let known = self.kit.tools.get(&tool)?;
        let key = key_of(&self.run, &tool, &args);
        let planned = PlannedCall { call: CallId(number), step, model_call, tool, args };
        if let Some(of) = self.repeats(&key, known.spec().effect) {
            return Some(Action::Record(Event::ToolReused { planned, of }));
        }
        Some(match known.approval(&planned.args) {
            Approval::Ask => Action::Approve(planned),
            Approval::NotNeeded => Action::Call { effect: known.spec().effect, key, planned },
        })
    }

    /// The earlier call whose result stands for a repetition: a write is never made again, a read not for a third
    /// time with the same result.
    fn repeats(&self, key: &IdempotencyKey, effect: Effect) -> Option<CallId> {
        let mut same = self.state.same_action(key).filter(|call| call.output().is_some());
        let last = same.next_back()?;
        let enough = effect != Effect::Read || {
            let alike = same.rev().take_while(|call| call.result() == last.result()).count() + 1;
            alike >= SAME_READS
        };
        enough.then_some(last.planned.call)
    }

    fn intend(&self, planned: PlannedCall) -> Action {
        let effect = self.kit.tools.get(&planned.tool).map_or(Effect::Once, |tool| tool.spec().effect);
        let key = key_of(&self.run, &planned.tool, &planned.args);
        Action::Call { planned, effect, key }
    }

    /// Of several actions those that may happen now: one write at a time, and calls numbered without gaps.
    fn serialise(&self, actions: Vec<Action>) -> Vec<Action> {
        let is_write = |tool: &str| self.kit.tools.get(tool).is_none_or(|tool| tool.spec().writes());
        let under_way = |call: &&Call| {
            matches!(call.progress, CallProgress::Asked | CallProgress::Intended) && is_write(&call.planned.tool)
        };
        let mut writing = self.state.calls.iter().any(|call| under_way(&call));
        let known: HashSet<CallId> = self.state.calls.iter().map(|call| call.planned.call).collect();
        let mut next = self.state.next_call();
        let mut allowed = Vec::with_capacity(actions.len());
        for mut action in actions {
            if let Action::Call { planned, .. } | Action::Approve(planned) = &action
                && is_write(&planned.tool)
            {
                if writing {
                    continue;
                }
                writing = true;
            }
            if let Action::Call { planned, .. }
            | Action::Approve(planned)
            | Action::Record(Event::ToolReused { planned, .. }) = &mut action
                && !known.contains(&planned.call)
            {
                planned.call = next;
                next = CallId(next.0.saturating_add(1));
            }
            allowed.push(action);
        }
        allowed
    }

    /// The calls and questions that were under way when the journal ends: what a worker that resumes the run has to
    /// take up.
    #[must_use]
    pub fn under_way(&self) -> Vec<&Call> {
        self.state.calls.iter().filter(|call| matches!(call.progress, CallProgress::Asked | CallProgress::Intended)).collect()
    }

    /// Forgets the request to the model that was under way when the journal ends, so that it is made again.
    pub(crate) fn interrupted(&mut self) {
        self.state.interrupted();
    }
}
