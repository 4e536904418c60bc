//! What comes of a run.

use super::Waiting;
use crate::{
    error::{Error, ErrorKind},
    event::PlannedCall,
    model::Usage,
    run::RunId,
    trace::Trace,
};

/// A run that has ended or waits.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run<T = String> {
    /// Its name, under which it can be read and resumed.
    pub id: RunId,
    /// What came of it.
    pub outcome: Outcome<T>,
    /// Every step.
    pub trace: Trace,
    /// What the model cost.
    pub usage: Usage,
    /// How often the model was asked.
    pub model_calls: u32,
}

/// What came of a run that did not fail.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Outcome<T = String> {
    /// The answer, or the typed output.
    Completed(T),
    /// The run has ended with questions to the user.
    NeedsInput(Vec<String>),
    /// The run has not ended: it waits for a person and can be resumed.
    Waiting(Vec<Waiting>),
    /// What the run had done was undone, on request.
    RolledBack(RolledBack),
}

/// What came of a rollback.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RolledBack {
    /// The calls of which nothing is left, in the order in which they were made.
    pub undone: Vec<PlannedCall>,
    /// Those that could not be undone, each with the reason.
    pub left: Vec<(PlannedCall, String)>,
}

impl<T> Run<T> {
    /// The answer, or the typed output.
    ///
    /// # Errors
    /// If the run ended with a question or waits: [`ErrorKind::Request`], with what is asked.
    pub fn output(&self) -> Result<&T, Error> {
        let message = match &self.outcome {
            Outcome::Completed(output) => return Ok(output),
            Outcome::NeedsInput(questions) => format!("the run ended with a question: {}", questions.join(" ")),
            Outcome::RolledBack(rollback) => {
                format!("the run {} was rolled back, {} of its calls", self.id, rollback.undone.len())
            }
            Outcome::Waiting(calls) => {
                let tools: Vec<&str> = calls.iter().map(|waiting| waiting.call.tool.as_str()).collect();
                format!("the run {} waits for a person to decide on {}", self.id, tools.join(", "))
            }
        };
        Err(Error::new(ErrorKind::Request, message).with_trace(self.trace.clone()))
    }
}
