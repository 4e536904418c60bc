//! Asking a person, and taking what persons have said elsewhere.

use std::time::Duration;

use futures::future::{self, Either};

use super::{Arrival, Driver};
use crate::{
    agent::{
        Verdict,
        decide::{Said, Spoken, named, now, refused},
        waiting::Waiting,
    },
    error::Error,
    event::{CallId, Decision, Event},
};

/// How often a person in the same process is told that what they said can't be used. After that the run waits, so that
/// a program that always says the same is not asked for ever.
const MOST_REJECTED: u32 = 3;

impl Driver {
    /// Writes down what persons have said since the run stopped: all of it, or nothing if any can't be taken.
    pub(super) async fn take(&mut self, Spoken { said, by }: Spoken) -> Result<(), Error> {
        let mut machine = self.machine.clone();
        let mut events = Vec::with_capacity(said.len());
        for (id, said) in said {
            let event = said.event(machine.state(), self.run, id, by.clone(), now())?;
            if let Some(call) = machine.state().call(id) {
                let fits = match &said {
                    Said::Decision(decision) => machine.check_decision(call, decision),
                    Said::Resolution(resolution) => machine.check_resolution(call, resolution),
                };
                fits.map_err(|wrong| refused(format!("{} can't be decided on like that: {wrong}", named(call))))?;
            }
            machine.apply(&event);
            events.push(event);
        }
        if events.is_empty() { Ok(()) } else { self.append(events).await }
    }

    pub(super) fn ask_person(&mut self, id: CallId) {
        let Some(call) = self.machine.state().call(id) else { return };
        let Some(waiting) = Waiting::of(call) else { return };
        let asked = call.asked.clone().unwrap_or_default();
        if asked.rejections >= MOST_REJECTED {
            return;
        }
        let (key, agent) = (call.key.clone(), self.agent.clone());
        let given = move |decision| Arrival::Event(Event::ApprovalGiven { call: id, key, decision, by: None });
        self.tools.push(Box::pin(async move {
            let left = asked.expires.map(|expires| Duration::from_millis(expires.saturating_sub(now())));
            let late =
                left.map_or_else(|| Either::Left(future::pending()), |left| Either::Right(tokio::time::sleep(left)));
            let verdict = tokio::select! {
                biased;
                () = late => return given(Decision::Expire),
                verdict = agent.0.approver.decide(waiting) => verdict,
            };
            match verdict {
                Verdict::Approve => given(Decision::Approve),
                Verdict::Deny(reason) => given(Decision::Deny { reason }),
                Verdict::Edit(args) => given(Decision::Edit { args }),
                Verdict::Answer(output) => given(Decision::Answer { output }),
                Verdict::Later => Arrival::Nothing,
            }
        }));
    }
}
