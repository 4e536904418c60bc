//! What was said in a conversation, in short.

use cicerone_prompts::builtin;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Exchange;
use crate::{
    error::{Error, ErrorKind},
    message::Message,
    model::{AnyModel, DeltaSink, Model, Request, Sampling, Usage},
    policy::shortened,
    run::RunId,
};

/// What the user would have asked for, had they asked for the summary: it stands before it, since some models take
/// only conversations in which user and assistant take turns.
pub(crate) const QUESTION: &str = "Sum up what was said so far.";

/// How many runs are put into one summary at a time: what a small model reads without losing its way.
const AT_ONCE: usize = 12;

/// The last runs of a conversation as they were, and what was before them as a summary that a model keeps.
///
/// The model is asked when twice as many runs have ended as are shown in full, and sums up the older half and the
/// summary before it. The summary is written into the journal of the run that has it made, with what it cost, and later
/// runs take it from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rolling {
    /// How many runs at least are shown as they were, if there are so many; at most twice as many are.
    pub runs: u32,
    /// About how many words a summary has at most.
    pub words: u32,
}

impl Default for Rolling {
    /// Four runs as they were, and 150 words.
    fn default() -> Self {
        Self { runs: 4, words: 150 }
    }
}

impl Rolling {
    /// At least so many runs as they were.
    #[must_use]
    pub fn runs(mut self, least: u32) -> Self {
        self.runs = least;
        self
    }

    /// A summary of about so many words at most.
    #[must_use]
    pub fn words(mut self, most: u32) -> Self {
        self.words = most;
        self
    }

    /// How many of so many runs, which no summary has yet, are to be put into one now.
    pub(crate) fn due(&self, open: usize) -> usize {
        let runs = self.runs as usize;
        if open > runs.saturating_mul(2) { (open - runs).min(AT_ONCE) } else { 0 }
    }

    /// Has `model` sum up these exchanges, the oldest first, and what was summed up `before` them.
    pub(crate) async fn sum_up(
        &self,
        model: &AnyModel,
        before: Option<&Summary>,
        exchanges: &[Exchange],
    ) -> Result<Option<Summary>, Error> {
        let Some(until) = exchanges.last().map(|exchange| exchange.run) else { return Ok(before.cloned()) };
        let said: Vec<_> = exchanges
            .iter()
            .map(|exchange| json!({ "asked": shortened(&exchange.asked), "answered": shortened(&exchange.answered) }))
            .collect();
        let before = before.map(|summary| &summary.text);
        let variables = json!({ "words": self.words, "before": before, "exchanges": said });
        let failed = |why: String| Error::new(ErrorKind::Model, format!("the conversation can't be summed up: {why}"));
        let prompt =
            builtin::SUMMARY.render(variables).map_err(|error| failed(error.to_string()).with_source(error))?;
        let request = Request::new(vec![Message::user(prompt.trim())])
            .sampling(Sampling::default().max_tokens(self.words.saturating_mul(3)));
        let response = model.respond(&request, &mut DeltaSink::none()).await;
        let response = response.map_err(|error| failed(error.to_string()).with_source(error))?;
        let text = response.content().trim().to_owned();
        if text.is_empty() {
            return Err(failed("the model said nothing".to_owned()));
        }
        Ok(Some(Summary { text, until, usage: response.usage }))
    }
}

/// What was said in a conversation up to one of its runs, in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Summary {
    /// What was said, as a model wrote it.
    pub text: String,
    /// The last run that it is about.
    pub until: RunId,
    /// What it cost. Nothing in a run that took it from an earlier one.
    #[serde(default)]
    pub usage: Usage,
}

impl Summary {
    /// The summary in a conversation.
    pub(crate) fn messages(&self) -> [Message; 2] {
        [Message::user(QUESTION), Message::assistant(&self.text)]
    }
}
