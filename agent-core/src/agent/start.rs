//! A run before it begins.

use std::{future::IntoFuture, marker::PhantomData};

use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::{
    agent::{
        Agent, Outcome, Run, RunStream,
        decide::{Said, Spoken},
        driver,
        opening::Before,
    },
    error::{Error, ErrorKind},
    event::{CallId, Decision, Resolution},
    message::Message,
    run::RunId,
    thread::ThreadId,
    tool::schema_of,
};

/// A run before it begins: await it, or [`stream`](Self::stream) it.
#[must_use = "a run begins when it is awaited or streamed"]
pub struct Start<T = String> {
    pub(super) agent: Agent,
    pub(super) what: What,
    spoken: Spoken,
    before: Before,
    pub(super) output_schema: Option<Value>,
    pub(super) cancel: CancellationToken,
    read: fn(driver::Ended) -> Result<Outcome<T>, Error>,
    output: PhantomData<fn() -> T>,
}

pub(super) enum What {
    Task(String),
    Resume(RunId),
    Rollback(RunId, String),
}

impl Start {
    pub(super) fn new(agent: Agent, what: What) -> Self {
        Self {
            agent,
            what,
            spoken: Spoken::default(),
            before: Before::default(),
            output_schema: None,
            cancel: CancellationToken::new(),
            read: |ended| Ok(ended.outcome),
            output: PhantomData,
        }
    }
}

impl<T> Start<T> {
    /// Asks for an output of type `U` instead of an answer in words: the model fills in its schema from what was done.
    pub fn typed<U: DeserializeOwned + JsonSchema + Send + 'static>(self) -> Start<U> {
        Start {
            agent: self.agent,
            what: self.what,
            spoken: self.spoken,
            before: self.before,
            output_schema: Some(schema_of::<U>()),
            cancel: self.cancel,
            read: typed::<U>,
            output: PhantomData,
        }
    }

    /// Makes the run the next one of a conversation: it is told what was said in the runs before it, as the agent's
    /// [`history`](super::AgentBuilder::history) says. A run that is resumed stays in the thread that it began in.
    pub fn thread(mut self, thread: &ThreadId) -> Self {
        self.before.thread = Some(thread.clone());
        self
    }

    /// What was said before in this conversation; behind what its [thread](Self::thread) holds, if it has one.
    pub fn history(mut self, messages: Vec<Message>) -> Self {
        self.before.said = messages;
        self
    }

    /// Agrees to a call that waits for approval.
    ///
    /// What is said to calls holds for a run that is [resumed](Agent::resume), and is taken all together: if any of it
    /// does not fit, the run does not go on, nothing is written, and the error is of [`ErrorKind::Decision`].
    pub fn approve(self, call: CallId) -> Self {
        self.decide(call, Decision::Approve)
    }

    /// Refuses a call that waits for approval; `reason` is for the trace and the model.
    pub fn deny(self, call: CallId, reason: impl Into<String>) -> Self {
        self.decide(call, Decision::Deny { reason: reason.into() })
    }

    /// Agrees to a call with other arguments: all of them, those that stay too. The call is made with these.
    pub fn edit(self, call: CallId, args: Value) -> Self {
        self.decide(call, Decision::Edit { args })
    }

    /// Gives the output of a call that waits for approval: a person has done it, and the tool is not called.
    pub fn answer(self, call: CallId, output: Value) -> Self {
        self.decide(call, Decision::Answer { output })
    }

    /// Decides on a call that waits for approval.
    pub fn decide(mut self, call: CallId, decision: Decision) -> Self {
        self.spoken.said.push((call, Said::Decision(decision)));
        self
    }

    /// Says what became of a call whose outcome nobody knew.
    pub fn resolve(mut self, call: CallId, resolution: Resolution) -> Self {
        self.spoken.said.push((call, Said::Resolution(resolution)));
        self
    }

    /// Who decides and resolves, for the journal.
    pub fn by(mut self, who: impl Into<String>) -> Self {
        self.spoken.by = Some(who.into());
        self
    }

    /// Ends the run when `token` is cancelled: decoding stops at once, tool calls get a moment to finish.
    pub fn cancel_on(mut self, token: CancellationToken) -> Self {
        self.cancel = token;
        self
    }

    /// Runs, and gives each event as it is written, and the model's tokens as they come.
    #[must_use]
    pub fn stream(self) -> RunStream<T>
    where
        T: Send + 'static,
    {
        RunStream::new(|updates| self.drive(Some(updates)))
    }

    async fn drive(self, updates: Option<driver::Updates>) -> Result<Run<T>, Error> {
        let read = self.read;
        let ended =
            driver::drive(self.agent, self.what, self.spoken, self.before, self.output_schema, self.cancel, updates)
                .await?;
        let (id, trace, usage, model_calls) = (ended.run, ended.trace.clone(), ended.usage, ended.model_calls);
        let outcome = read(ended).map_err(|error| error.with_trace(trace.clone()))?;
        Ok(Run { id, outcome, trace, usage, model_calls })
    }
}

impl<T: Send + 'static> IntoFuture for Start<T> {
    type Output = Result<Run<T>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.drive(None))
    }
}

impl<T> std::fmt::Debug for Start<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Start").field("agent", &self.agent).finish_non_exhaustive()
    }
}

fn typed<U: DeserializeOwned>(ended: driver::Ended) -> Result<Outcome<U>, Error> {
    Ok(match ended.outcome {
        Outcome::Completed(_) => {
            let value = ended.output.unwrap_or_default();
            Outcome::Completed(serde_json::from_value(value).map_err(|error| {
                Error::new(ErrorKind::Output, format!("the output does not fit the type: {error}")).with_source(error)
            })?)
        }
        Outcome::NeedsInput(questions) => Outcome::NeedsInput(questions),
        Outcome::Waiting(calls) => Outcome::Waiting(calls),
        Outcome::RolledBack(rollback) => Outcome::RolledBack(rollback),
    })
}
