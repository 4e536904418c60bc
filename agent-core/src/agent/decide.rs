//! Decisions that come from another process than the run.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::waiting::Waiting;
use crate::{
    error::{Error, ErrorKind},
    event::{CallId, Decision, Entry, Event, Resolution},
    memory::{Memory, MemoryError, MemoryErrorKind},
    run::RunId,
    state::{Call, CallProgress, State, Undo},
    trace::call_text,
};

/// How often a decision is tried again when somebody else writes to the journal at the same moment.
const TRIES: usize = 8;

/// Writes down what a person says to a call that waits for approval, without going on with the run.
///
/// It takes the journal alone, so a program that does not know the run's tools can do it. Other arguments and outputs
/// given in the tool's place are checked when the run is [resumed](super::Agent::resume); if they don't fit, the
/// journal says so and the call is asked about again.
///
/// A worker that still waits for the same decision notices at its next step that the journal has gone on, and stops
/// with [`ErrorKind::Conflict`].
///
/// # Errors
/// [`ErrorKind::Decision`] if there is no such call, it does not wait for this, it was decided on before, the message
/// saying by whom, or time is up. [`ErrorKind::Request`] if there is no such run, and others if the store fails.
pub async fn decide(memory: &impl Memory, run: RunId, call: CallId, decision: Decision, by: &str) -> Result<(), Error> {
    write(memory, run, call, &Said::Decision(decision), by).await
}

/// Writes down what a person found out about a call whose outcome is unknown, without going on with the run.
///
/// # Errors
/// As [`decide`].
pub async fn resolve(
    memory: &impl Memory,
    run: RunId,
    call: CallId,
    resolution: Resolution,
    by: &str,
) -> Result<(), Error> {
    write(memory, run, call, &Said::Resolution(resolution), by).await
}

/// What a person says to a call.
#[derive(Clone, Debug)]
pub(super) enum Said {
    Decision(Decision),
    Resolution(Resolution),
}

/// What a person has said to the calls of a run, and who they are.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    pub(super) said: Vec<(CallId, Said)>,
    pub(super) by: Option<String>,
}

async fn write(memory: &impl Memory, run: RunId, call: CallId, said: &Said, by: &str) -> Result<(), Error> {
    let mut tries = TRIES;
    loop {
        let entries = memory.read(&run, 0).await.map_err(|error| failed(run, error))?;
        if entries.is_empty() {
            return Err(no_run(run));
        }
        let mut state = State::default();
        entries.iter().for_each(|entry| state.apply(&entry.event));
        let time = now();
        let event = said.event(&state, run, call, Some(by.to_owned()), time)?;
        tries -= 1;
        match memory.append(&run, entries.len() as u64, &[Entry { time, event }]).await {
            // Whoever came before may have decided on this call or have done something else.
            Err(error) if error.kind() == MemoryErrorKind::Conflict && tries > 0 => {}
            written => return written.map_err(|error| failed(run, error)),
        }
    }
}

impl Said {
    /// The event that it is.
    ///
    /// # Errors
    /// If the call does not wait for it.
    pub(super) fn event(
        &self,
        state: &State,
        run: RunId,
        id: CallId,
        by: Option<String>,
        now: u64,
    ) -> Result<Event, Error> {
        let Some(call) = state.call(id) else {
            return Err(refused(format!("run {run} has no call {}", id.0)).with_hint(whats_waiting(state)));
        };
        match (self, &call.progress) {
            (Self::Decision(Decision::Expire), _) => {
                Err(refused("only time lets an approval expire".to_owned()).with_hint("deny the call instead"))
            }
            (Self::Decision(decision), CallProgress::Asked) => {
                if let Some(late) = call.asked.as_ref().and_then(|asked| now.checked_sub(asked.expires?)) {
                    let ago = Duration::from_millis(late).as_secs_f64();
                    let error = refused(format!("the time to decide on {} was up {ago:.1} s ago", named(call)));
                    return Err(error.with_hint("resume the run; the call counts as refused"));
                }
                Ok(Event::ApprovalGiven { call: id, key: call.key.clone(), decision: decision.clone(), by })
            }
            (Self::Resolution(resolution), _) if matches!(call.undo, Some(Undo::Unknown(_))) => {
                Ok(Event::CallResolved { call: id, resolution: resolution.clone(), by })
            }
            (Self::Resolution(resolution), CallProgress::Unknown(_)) => {
                Ok(Event::CallResolved { call: id, resolution: resolution.clone(), by })
            }
            (Self::Decision(_), CallProgress::Unknown(why)) => Err(refused(format!(
                "{} was approved and made, but what became of it is not known: {why}",
                named(call)
            ))
            .with_hint("find out and resolve it")),
            (Self::Resolution(_), CallProgress::Asked | CallProgress::ToAsk) => {
                Err(refused(format!("{} was not made yet, so there is nothing to find out about it", named(call)))
                    .with_hint("approve or deny it"))
            }
            _ => Err(self.too_late(call, state)),
        }
    }

    fn too_late(&self, call: &Call, state: &State) -> Error {
        let by = |by: &Option<String>| by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        let already = match self {
            Self::Decision(_) => call.decided.as_ref().map(|decided| match &decided.decision {
                Decision::Expire => "was not decided on in time".to_owned(),
                decision => format!("was {} already{}", participle(decision), by(&decided.by)),
            }),
            Self::Resolution(_) => call.resolved.as_ref().map(|resolved| {
                let what = if resolved.resolution == Resolution::NotDone { "not done" } else { "done" };
                format!("was resolved already{}: it was {what}", by(&resolved.by))
            }),
        };
        match already {
            Some(already) => refused(format!("{} {already}", named(call))),
            None => refused(format!("{} waits for nobody", named(call))).with_hint(whats_waiting(state)),
        }
    }
}

fn participle(decision: &Decision) -> &'static str {
    match decision {
        Decision::Approve => "approved",
        Decision::Deny { .. } => "denied",
        Decision::Edit { .. } => "approved with other arguments",
        Decision::Answer { .. } => "answered",
        Decision::Expire => "left to expire",
    }
}

fn whats_waiting(state: &State) -> String {
    let waiting: Vec<String> =
        Waiting::all(state).iter().map(|it| format!("call {}, {}", it.call.call.0, call_text(&it.call))).collect();
    if waiting.is_empty() { "nothing in it waits".to_owned() } else { format!("what waits is {}", waiting.join("; ")) }
}

/// The call in a sentence.
pub(super) fn named(call: &Call) -> String {
    format!("call {}, {},", call.planned.call.0, call_text(&call.planned))
}

pub(super) fn refused(message: String) -> Error {
    Error::new(ErrorKind::Decision, message)
}

pub(super) fn no_run(run: RunId) -> Error {
    Error::new(ErrorKind::Request, format!("there is no run {run} in this memory"))
        .with_hint("`cicerone runs` lists them")
}

fn failed(run: RunId, error: MemoryError) -> Error {
    let kind = if error.kind() == MemoryErrorKind::Conflict { ErrorKind::Conflict } else { ErrorKind::Memory };
    Error::new(kind, format!("the journal of run {run} could not be kept: {error}")).with_source(error)
}

/// Milliseconds since 1970-01-01 UTC.
pub(super) fn now() -> u64 {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    u64::try_from(time).unwrap_or(u64::MAX)
}
