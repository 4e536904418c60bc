//! What is known of a run: the fold of its journal.

mod call;
mod key;
mod seen;
mod steps;
mod undo;

pub use call::{Asked, Call, CallProgress, Decided, Resolved};
pub use key::key_of;
pub use undo::{Rollback, Undo};

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use serde_json::Value;

use crate::{
    event::{CallId, Decision, End, Event, PlannedCall, Purpose, RunStarted, ToolResult},
    message::{Message, Role},
    model::{Response, Usage},
    plan::{Plan, StepId, frontier::Frontier},
    tool::Effect,
};
pub(crate) use key::Action;

/// The state of a run after some of its events.
///
/// Each event is applied once and costs the same however long the journal is.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct State {
    /// How the run began.
    pub started: Option<Arc<RunStarted>>,
    /// What the model has been told and has said.
    pub conversation: Arc<Vec<Message>>,
    /// The request that the model has not answered yet.
    pub asking: Option<(u32, Purpose)>,
    /// The last answer, until it becomes a plan, is rejected or is followed by another request.
    pub answer: Option<(u32, Purpose, Response)>,
    /// Why the model failed, if it did.
    pub model_failure: Option<String>,
    /// How often the model was asked.
    pub model_calls: u32,
    /// How many answers in a row were rejected, and why the last one was.
    pub rejections: u32,
    /// Why the last answer was rejected.
    pub rejection: Option<String>,
    /// What the answer that was rejected last had been asked for.
    pub rejected: Option<Purpose>,
    /// What all answers cost.
    pub usage: Usage,
    /// The plan, if there is one.
    pub plan: Option<Arc<Plan>>,
    /// How many plans there have been.
    pub plans: u32,
    /// All calls, in order.
    pub calls: Vec<Call>,
    /// How the run ended, if it has.
    pub end: Option<End>,
    /// That what it did is undone, or was, if it ever was to be.
    pub rollback: Option<Rollback>,
    /// How many events there are.
    pub length: u64,
    before_asking: BeforeAsking,
    open: BTreeSet<usize>,
    settled: u32,
    frontier: Frontier,
    by_step: HashMap<StepId, usize>,
    by_model_call: HashMap<String, usize>,
    by_action: HashMap<Action, Vec<usize>>,
}

/// What a request replaces, so that one that is never answered can be made again.
#[derive(Clone, Debug, Default)]
struct BeforeAsking {
    kept: usize,
    dropped: Vec<Message>,
    answer: Option<(u32, Purpose, Response)>,
    model_failure: Option<String>,
    rejections: u32,
}

impl State {
    /// The call that the model asked for under this id.
    #[must_use]
    pub fn call_of_model(&self, id: &str) -> Option<&Call> {
        self.calls.get(*self.by_model_call.get(id)?)
    }

    /// The call of this number.
    #[must_use]
    pub fn call(&self, call: CallId) -> Option<&Call> {
        self.calls.get((call.0 as usize).checked_sub(1)?)
    }

    /// The calls that have no result yet, in order; as few as are under way, however many there have been.
    pub fn open_calls(&self) -> impl Iterator<Item = &Call> {
        self.open.iter().filter_map(|at| self.calls.get(*at))
    }

    /// The calls of the same action that were made and have ended, oldest first; those of the run that this one was
    /// forked from are among them.
    pub fn same_action<'s>(&'s self, tool: &str, args: &Value) -> impl DoubleEndedIterator<Item = &'s Call> + use<'s> {
        self.by_action
            .get(&Action::of(tool, args))
            .into_iter()
            .flatten()
            .filter_map(|at| self.calls.get(*at))
            .filter(|call| call.result().is_some())
    }

    /// Whether this call began when no write had ended since, so that what it read still holds.
    #[must_use]
    pub fn is_fresh(&self, call: &Call) -> bool {
        call.planned.call.0 > self.settled
    }

    /// How many calls of the same action have begun.
    pub(crate) fn times_begun(&self, tool: &str, args: &Value) -> usize {
        self.by_action.get(&Action::of(tool, args)).map_or(0, Vec::len)
    }

    /// The number that the next call gets.
    #[must_use]
    pub fn next_call(&self) -> CallId {
        CallId(u32::try_from(self.calls.len()).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// Forgets a request that will never be answered, since its worker is gone. The next one takes its place.
    pub(crate) fn interrupted(&mut self) {
        if self.asking.take().is_some() {
            let before = std::mem::take(&mut self.before_asking);
            let conversation = Arc::make_mut(&mut self.conversation);
            conversation.truncate(before.kept);
            conversation.extend(before.dropped);
            self.answer = before.answer;
            self.model_failure = before.model_failure;
            self.rejections = before.rejections;
        }
    }

    /// Applies the next event of the journal.
    pub fn apply(&mut self, event: &Event) {
        self.length += 1;
        match event {
            Event::RunStarted(started) => {
                // The summary that the run had made is paid for by it.
                self.usage += started.summary.as_ref().map(|summary| summary.usage).unwrap_or_default();
                self.started = Some(Arc::new(RunStarted::clone(started)));
            }
            Event::ModelAsked { call, purpose, kept, messages } => {
                // A request before this one that has no answer was interrupted.
                self.interrupted();
                let conversation = Arc::make_mut(&mut self.conversation);
                let dropped = conversation.split_off((*kept).min(conversation.len()));
                let kept = conversation.len();
                conversation.extend_from_slice(messages);
                self.asking = Some((*call, *purpose));
                let (answer, model_failure) = (self.answer.take(), self.model_failure.take());
                self.before_asking = BeforeAsking { kept, dropped, answer, model_failure, rejections: self.rejections };
                // An answer that is followed by another request without having been rejected was of use.
                if self.before_asking.answer.is_some() {
                    self.rejections = 0;
                }
                self.model_calls += 1;
            }
            Event::ModelAnswered { call, response } => {
                let purpose = self.asking.take().map_or(Purpose::Answer, |(_, purpose)| purpose);
                self.usage += response.usage;
                self.before_asking = BeforeAsking::default();
                // The ids that a model gives its calls are told apart within one answer only.
                self.by_model_call.clear();
                let said = Message { role: Role::Assistant, parts: response.parts.clone() };
                Arc::make_mut(&mut self.conversation).push(said);
                self.answer = Some((*call, purpose, response.clone()));
            }
            Event::ModelFailed { message, .. } => {
                self.asking = None;
                self.before_asking = BeforeAsking::default();
                self.model_failure = Some(message.clone());
            }
            Event::PlanMade { plan } => {
                self.frontier = Frontier::of(plan);
                self.plan = Some(Arc::new(plan.clone()));
                self.plans += 1;
                self.answer = None;
                self.rejections = 0;
                self.by_step.clear();
            }
            Event::AnswerRejected { reason, .. } => {
                self.rejected = self.answer.take().map(|(_, purpose, _)| purpose);
                self.rejections += 1;
                self.rejection = Some(reason.clone());
            }
            Event::ApprovalAsked { planned, key, item, expires } => {
                self.progress(planned, CallProgress::Asked);
                if let Some(call) = self.call_mut(planned.call) {
                    call.key.clone_from(key);
                    call.decided = None;
                    let before = call.asked.take().unwrap_or_default();
                    call.asked = Some(Asked { item: item.clone(), expires: *expires, ..before });
                }
            }
            Event::ApprovalGiven { call, key, decision, by } => {
                if let Some(call) = self.call_mut(*call).filter(|call| call.is_under(key.as_ref())) {
                    call.decided = Some(Decided { decision: decision.clone(), by: by.clone() });
                    call.progress = decided(decision);
                }
            }
            Event::DecisionRejected { call, reason } => {
                if let Some(call) = self.call_mut(*call) {
                    call.reject(reason);
                }
            }
            Event::ToolIntended { planned, effect, key } => {
                self.progress(planned, CallProgress::Intended);
                if let Some(call) = self.call_mut(planned.call) {
                    call.key = Some(key.clone());
                    call.effect = Some(*effect);
                }
                self.note_action(planned);
            }
            Event::ToolRetried { call } => self.set(*call, CallProgress::Intended),
            Event::OutcomeUnknown { call, reason } => self.set(*call, CallProgress::Unknown(reason.clone())),
            Event::CallResolved { call, resolution, by } => {
                if let Some(call) = self.call_mut(*call) {
                    if matches!(call.undo, Some(Undo::Unknown(_))) {
                        call.resolve_undo(resolution);
                    } else {
                        call.progress = CallProgress::Resolved(resolution.clone());
                    }
                    call.resolved = Some(Resolved { resolution: resolution.clone(), by: by.clone() });
                }
            }
            Event::ToolReused { planned, of } => {
                let earlier = self.call(*of).and_then(Call::result).cloned().unwrap_or(ToolResult::Abandoned);
                self.progress(planned, CallProgress::Returned(earlier));
                if let Some(call) = self.call_mut(planned.call) {
                    call.reused = Some(*of);
                }
                self.tell_plan(planned.call);
            }
            Event::ToolReturned { call, result, milliseconds } => {
                self.open.remove(&index(*call));
                let mut wrote = false;
                let answered = self.call(*call).filter(|call| call.is_answered()).map(|call| call.planned.clone());
                if let Some(call) = self.call_mut(*call) {
                    call.progress = CallProgress::Returned(result.clone());
                    call.milliseconds = *milliseconds;
                    wrote = call.effect.is_some_and(|effect| effect != Effect::Read);
                }
                if wrote {
                    self.settled = u32::try_from(self.calls.len()).unwrap_or(u32::MAX);
                }
                // What a person did in the tool's place is done, too.
                answered.iter().for_each(|planned| self.note_action(planned));
                self.tell_plan(*call);
            }
            Event::RollbackBegun { reason, end } => self.begin_rollback(reason, end.as_ref()),
            Event::UndoIntended { call } => self.set_undo(*call, Undo::Intended),
            Event::UndoUnknown { call, reason } => self.set_undo(*call, Undo::Unknown(reason.clone())),
            Event::UndoReturned { call, result, .. } => self.set_undo(*call, Undo::Returned(result.clone())),
            Event::RolledBack { .. } => {
                if let Some(rollback) = &mut self.rollback {
                    rollback.closed = true;
                }
            }
            Event::Finished(end) => {
                self.end = Some(end.clone());
                self.asking = None;
            }
        }
    }

    /// Whether the last event was taken over from the run that this one was forked from.
    fn is_inherited(&self) -> bool {
        let forked = self.started.as_ref().and_then(|started| started.forked_from);
        forked.is_some_and(|forked| self.length <= forked.at)
    }

    fn progress(&mut self, planned: &PlannedCall, progress: CallProgress) {
        let inherited = self.is_inherited();
        let at = index(planned.call);
        if matches!(progress, CallProgress::Returned(_)) {
            self.open.remove(&at)
        } else {
            self.open.insert(at)
        };
        if let Some(step) = planned.step {
            self.by_step.insert(step, at);
            if let Some(plan) = &self.plan {
                self.frontier.begins(step, plan);
            }
        }
        if let Some(id) = &planned.model_call {
            self.by_model_call.insert(id.clone(), at);
        }
        match self.calls.get_mut(at) {
            Some(call) => {
                call.planned = planned.clone();
                call.progress = progress;
                call.inherited = inherited;
            }
            None => self.calls.push(Call { inherited, ..Call::new(planned.clone(), progress) }),
        }
    }

    fn set_undo(&mut self, call: CallId, undo: Undo) {
        if let Some(call) = self.call_mut(call) {
            call.undo = Some(undo);
        }
    }

    fn set(&mut self, call: CallId, progress: CallProgress) {
        if let Some(call) = self.call_mut(call) {
            call.progress = progress;
        }
    }

    fn note_action(&mut self, planned: &PlannedCall) {
        self.by_action.entry(Action::of(&planned.tool, &planned.args)).or_default().push(index(planned.call));
    }

    fn call_mut(&mut self, call: CallId) -> Option<&mut Call> {
        self.calls.get_mut((call.0 as usize).checked_sub(1)?)
    }
}

/// Where the call of this number stands among all calls.
fn index(call: CallId) -> usize {
    (call.0 as usize).saturating_sub(1)
}

fn decided(decision: &Decision) -> CallProgress {
    match decision {
        Decision::Approve => CallProgress::Approved,
        Decision::Deny { reason } => CallProgress::Refused(reason.clone()),
        Decision::Edit { args } => CallProgress::Edited(args.clone()),
        Decision::Answer { output } => CallProgress::Answered(output.clone()),
        Decision::Expire => CallProgress::Refused("nobody decided in time".to_owned()),
    }
}
