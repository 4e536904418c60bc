//! How much a run may cost.

use std::time::Duration;

/// The limits of a run. A limit that is reached ends the run with an error of its kind, never with text in an answer.
///
/// ```
/// use cicerone_core::Budget;
/// use std::time::Duration;
///
/// let budget = Budget::default().tokens(50_000).wall_time(Duration::from_secs(120));
/// assert_eq!(budget.model_calls, 32);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Budget {
    /// The most tool calls.
    pub steps: u32,
    /// The most requests to the model.
    pub model_calls: u32,
    /// The most tokens of prompts and outputs together.
    pub tokens: Option<u64>,
    /// The longest time from the start to the end.
    pub wall_time: Option<Duration>,
}

impl Default for Budget {
    /// 64 tool calls, 32 requests, no limit of tokens or time.
    fn default() -> Self {
        Self { steps: 64, model_calls: 32, tokens: None, wall_time: None }
    }
}

impl Budget {
    /// Limits the tool calls.
    #[must_use]
    pub fn steps(mut self, most: u32) -> Self {
        self.steps = most;
        self
    }

    /// Limits the requests to the model.
    #[must_use]
    pub fn model_calls(mut self, most: u32) -> Self {
        self.model_calls = most;
        self
    }

    /// Limits the tokens of prompts and outputs together.
    #[must_use]
    pub fn tokens(mut self, most: u64) -> Self {
        self.tokens = Some(most);
        self
    }

    /// Limits the time from the start to the end.
    #[must_use]
    pub fn wall_time(mut self, longest: Duration) -> Self {
        self.wall_time = Some(longest);
        self
    }
}
