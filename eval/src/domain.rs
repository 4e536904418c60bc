//! What the cases are about.

use std::error::Error as StdError;

use cicerone_core::{Agent, Error, agent::Run};
use serde::de::DeserializeOwned;

use crate::case::Case;

/// Why a case could not be set up. Any error or sentence becomes one with `?` or `into`.
pub type SetupError = Box<dyn StdError + Send + Sync>;

/// What cases are about: sets up a world for each, and grades what came of it.
///
/// A setup or grader that fails, panics or takes too long is the failure of that one case.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no domain of evaluations",
    note = "implement `cicerone_eval::Domain`: `set_up` makes a fresh world with an agent in it, `grade` says what is wrong"
)]
pub trait Domain: Send + Sync {
    /// What must come of a case, as it stands under `[case.expect]`. It should deny unknown fields.
    type Expect: DeserializeOwned + Send + Sync;
    /// What the agent acts in, as the grader sees it.
    type World: Send + Sync;

    /// A fresh world for this case, and an agent that acts in it.
    ///
    /// # Errors
    /// If there is none: the case is not run, and has failed.
    fn set_up(
        &self,
        case: &Case<Self::Expect>,
    ) -> impl Future<Output = Result<(Self::World, Agent), SetupError>> + Send;

    /// What is wrong with what came of a case.
    fn grade(&self, case: &Case<Self::Expect>, world: &Self::World, ended: &Result<Run, Error>) -> Grade;
}

/// What a grader says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Grade {
    /// Why the case has not passed; none if it has.
    pub why: Vec<String>,
    /// What must never happen, whatever was asked for: `invented id: F-1`. What stands before the colon is counted
    /// over all cases. Whether a case passes is not decided here.
    pub violations: Vec<String>,
}

impl Grade {
    /// The case has passed.
    #[must_use]
    pub fn passed() -> Self {
        Self::default()
    }

    /// The case has not passed, for one reason.
    #[must_use]
    pub fn failed(why: impl Into<String>) -> Self {
        Self::new(vec![why.into()])
    }

    /// The case has passed if there is no reason why not.
    #[must_use]
    pub fn new(why: Vec<String>) -> Self {
        Self { why, violations: Vec::new() }
    }

    /// Adds what must never happen and did.
    #[must_use]
    pub fn violations(mut self, violations: Vec<String>) -> Self {
        self.violations = violations;
        self
    }
}
