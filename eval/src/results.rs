//! What came of a suite.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::figures::Figures;

/// What came of a suite: each case, and what they were run with. Displays as a table for terminals.
///
/// A table hides the control characters of what models and users wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Results {
    /// The suite's name.
    pub suite: String,
    /// The model's name.
    pub model: String,
    /// Who runs the model.
    pub provider: String,
    /// The policy that planned.
    pub policy: String,
    /// When the first case began.
    pub started: Timestamp,
    /// What was computed once, before the cases.
    pub warm_up: Option<WarmUp>,
    /// Seconds that all cases took together, on the clock.
    pub seconds: f64,
    /// The cases, in order.
    pub cases: Vec<CaseResult>,
}

/// What it took to compute the prompt that all cases share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WarmUp {
    /// Seconds.
    pub seconds: f64,
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// How many of them were computed.
    pub computed_tokens: u64,
}

/// What came of one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CaseResult {
    /// Its name; of a case that is held out, its alias.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Whether it is among the hard ones.
    pub hard: bool,
    /// Whether it is held out: there is no request, reason or trace here then.
    pub held_out: bool,
    /// What was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Whether it has passed.
    pub passed: bool,
    /// Why it has not.
    pub why: Vec<String>,
    /// What must never happen and did.
    pub violations: Vec<String>,
    /// How the run ended.
    pub status: Status,
    /// How often the model was asked.
    pub model_calls: u32,
    /// How many of its answers were not usable.
    pub rejected: u32,
    /// Tokens of all prompts.
    pub prompt_tokens: u64,
    /// How many of them were computed; the others came from a cache.
    pub computed_tokens: u64,
    /// Tokens of output.
    pub output_tokens: u64,
    /// Seconds from the request to the end.
    pub seconds: f64,
    /// Every step of a run that has not passed, as people read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// How the run of a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// With an answer.
    Completed,
    /// With a question to the user.
    NeedsInput,
    /// It has not: it waits for a person.
    Waiting,
    /// It failed.
    Failed,
    /// It never began: the case could not be set up.
    NotRun,
}

impl Status {
    /// The status as one word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::NeedsInput => "needs_input",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::NotRun => "not_run",
        }
    }
}

impl Results {
    /// What all cases come to.
    #[must_use]
    pub fn figures(&self) -> Figures {
        Figures::of(&self.cases)
    }

    /// How often each kind of violation happened, by what stands before its colon.
    #[must_use]
    pub fn violations(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for violation in self.cases.iter().flat_map(|case| &case.violations) {
            *counts.entry(violation_name(violation)).or_default() += 1;
        }
        counts
    }

    /// As JSON, to be kept and [compared](crate::compare()).
    ///
    /// # Errors
    /// If a figure has no form in JSON, which no suite makes.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// What [`to_json`](Self::to_json) made.
    ///
    /// # Errors
    /// If it is something else, with the line.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

/// What a violation is counted as.
pub(crate) fn violation_name(violation: &str) -> &str {
    violation.split_once(':').map_or(violation, |(name, _)| name).trim()
}
