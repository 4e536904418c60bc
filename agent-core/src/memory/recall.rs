//! Finding what earlier runs said and saw.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{
    event::{End, Event, ToolResult},
    run::RunId,
    thread::ThreadId,
};

/// The most bytes of one entry that can be found: who looks for something in a megabyte of output finds its run.
const LONGEST: usize = 32 * 1024;
/// The most words of one question; more of them find the same.
const MOST_WORDS: usize = 64;
/// The length of an excerpt, in characters.
const EXCERPT: usize = 240;
/// How many of them stand before the first word that was looked for.
const BEFORE: usize = 60;

/// What to look for in a memory: entries in which any of the words occur, the best first.
///
/// The text is data: there are no operators in it, and no text is an error. A word is letters and digits, and is found
/// whole, whatever its case.
///
/// ```
/// use cicerone_core::memory::Recall;
///
/// let recall = Recall::new("The hotel in \"Graz\" OR graz?").limit(3);
/// assert_eq!(recall.words(), ["the", "hotel", "in", "graz", "or"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recall {
    /// The words.
    pub text: String,
    /// Where to look.
    pub scope: Scope,
    /// A run whose entries are passed over: the one that asks.
    pub except: Option<RunId>,
    /// At most so many entries.
    pub limit: u32,
}

/// The runs that a [`Recall`] looks into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    #[default]
    Everywhere,
    /// Those of one thread.
    Thread(ThreadId),
    /// Those that belong to no thread.
    Unthreaded,
}

impl Scope {
    /// Where a run may look: in its own thread, or in no thread's runs if it has none. What is said in a thread stays
    /// in it, so that forgetting the thread leaves no copy.
    #[must_use]
    pub fn of(thread: Option<&ThreadId>) -> Self {
        thread.map_or(Self::Unthreaded, |thread| Self::Thread(thread.clone()))
    }

    /// Whether a run of this thread is looked into.
    #[must_use]
    pub fn includes(&self, thread: Option<&ThreadId>) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Thread(wanted) => thread == Some(wanted),
            Self::Unthreaded => thread.is_none(),
        }
    }
}

impl Recall {
    /// Looks for these words everywhere; finds at most ten entries.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), scope: Scope::Everywhere, except: None, limit: 10 }
    }

    /// Looks only here.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Looks only into this thread.
    #[must_use]
    pub fn thread(self, thread: ThreadId) -> Self {
        self.scope(Scope::Thread(thread))
    }

    /// Passes over the entries of this run.
    #[must_use]
    pub fn except(mut self, run: RunId) -> Self {
        self.except = Some(run);
        self
    }

    /// Finds at most so many entries.
    #[must_use]
    pub fn limit(mut self, entries: u32) -> Self {
        self.limit = entries;
        self
    }

    /// The words to look for, in lower case, each once; at most 64.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for (_, word) in words_of(&self.text) {
            let word = word.to_lowercase();
            if words.len() < MOST_WORDS && !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }

    /// The part of `text` around the first word that is looked for: one line of about 240 characters.
    #[must_use]
    pub fn excerpt(&self, text: &str) -> String {
        let words = self.words();
        let found = words_of(text).find(|(_, word)| words.contains(&word.to_lowercase())).map_or(0, |(at, _)| at);
        let before = text.get(..found).unwrap_or_default().char_indices().rev();
        let start = before.take(BEFORE).last().map_or(found, |(at, _)| at);
        let rest = text.get(start..).unwrap_or_default();
        let end = rest.char_indices().nth(EXCERPT).map_or(rest.len(), |(at, _)| at);
        let part = rest.get(..end).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        let (left, right) = (if start > 0 { "…" } else { "" }, if end < rest.len() { "…" } else { "" });
        format!("{left}{part}{right}")
    }
}

/// An entry that a [`Recall`] found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Found {
    /// The run.
    pub run: RunId,
    /// The position in its journal.
    pub at: u64,
    /// The text around the first word that was looked for.
    pub excerpt: String,
    /// How well it fits: comparable within one answer of one memory, and higher is better.
    pub score: f64,
}

impl Found {
    /// An entry that was found, as a memory says it.
    #[must_use]
    pub fn new(run: RunId, at: u64, excerpt: impl Into<String>, score: f64) -> Self {
        Self { run, at, excerpt: excerpt.into(), score }
    }
}

/// What can be found of an event: a task, an answer, a question to the user or a tool's output; at most 32 KiB of it,
/// on one line.
///
/// Every memory looks into this, so that each finds the same.
#[must_use]
pub fn findable(event: &Event) -> Option<String> {
    let mut text = String::new();
    match event {
        Event::RunStarted(started) => text.push_str(&started.task),
        Event::Finished(End::Completed { answer, .. }) => text.push_str(answer),
        Event::Finished(End::NeedsInput { questions }) => text.push_str(&questions.join(" ")),
        Event::ToolReturned { result: ToolResult::Output { output }, .. } => flatten(output, &mut text),
        _ => return None,
    }
    text.truncate(text.floor_char_boundary(LONGEST));
    // Stores differ in what they take for the end of a text, and none of these can be looked for.
    let text = text.replace(char::is_control, " ");
    (!text.trim().is_empty()).then_some(text)
}

/// A value in words: `name: Alfama, nights: 4`.
fn flatten(value: &Value, text: &mut String) {
    if text.len() > LONGEST {
        return;
    }
    match value {
        Value::Null => {}
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => {
            // Writing to a text can't fail.
            let _ = write!(text, "{number}");
        }
        Value::String(value) => text.push_str(value),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index > 0 { "; " } else { "" });
                flatten(item, text);
            }
        }
        Value::Object(fields) => {
            for (index, (name, value)) in fields.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                text.push_str(name);
                text.push_str(": ");
                flatten(value, text);
            }
        }
    }
}

/// The words of a text, and where they begin: every memory takes the same for words.
pub fn words_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    // Accents may stand behind their letter as characters of their own.
    let inside = |letter: char| letter.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&letter);
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|letter| !inside(letter));
        let (word, behind) = rest.split_at(rest.find(|letter| !inside(letter)).unwrap_or(rest.len()));
        let at = text.len() - rest.len();
        rest = behind;
        (!word.is_empty()).then_some((at, word))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::event::CallId;
    use serde_json::json;

    #[test]
    fn an_excerpt_is_around_the_first_word_that_was_looked_for() {
        let text = format!("{} the Hotel  Alfama\nin Lisbon {}", "über ".repeat(100), "später ".repeat(100));
        let excerpt = Recall::new("ALFAMA").excerpt(&text);
        assert!(excerpt.starts_with('…') && excerpt.ends_with('…'), "{excerpt}");
        assert!(excerpt.contains("the Hotel Alfama in Lisbon"), "{excerpt}");
        assert!(excerpt.chars().count() <= EXCERPT + 2, "{excerpt}");
        assert_eq!(Recall::new("nowhere").excerpt("short"), "short");
        assert_eq!(Recall::new("").excerpt(""), "");
    }

    #[test]
    fn an_output_is_found_by_its_words() {
        let output = json!({ "hotel": "Alfama", "nights": 4, "near": ["Sé", null, true], "note": "a\u{0}b" });
        let result = ToolResult::Output { output };
        let event = Event::ToolReturned { call: CallId(1), result, milliseconds: 1 };
        assert_eq!(findable(&event).unwrap(), "hotel: Alfama, nights: 4, near: Sé; ; true, note: a b");
        let result = ToolResult::Output { output: json!("é".repeat(LONGEST)) };
        let event = Event::ToolReturned { call: CallId(1), result, milliseconds: 1 };
        assert_eq!(findable(&event).unwrap().len(), LONGEST);
        let event = Event::ToolReturned { call: CallId(1), result: ToolResult::Abandoned, milliseconds: 1 };
        assert_eq!(findable(&event), None);
    }
}
