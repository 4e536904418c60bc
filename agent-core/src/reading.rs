//! What code can read in a request before any model sees it: dates, times and numbers.
//!
//! A small model is poor at calendars. A [`Reader`] finds what it understands in the request's text and gives each
//! find a value; the planner shows the model a short name behind the user's words (`on 3 December [d1]`) and lets it
//! pass that name on, so that no date is ever computed, or made up, by a model.

use std::{ops::Range, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Finds [`Mention`]s in a request.
///
/// Any `Fn(&str) -> Vec<Mention>` is one. A reader is pure: the same text gives the same mentions. What depends on
/// the day, such as "tomorrow", takes the day when the reader is made.
pub trait Reader: Send + Sync + 'static {
    /// The mentions in `text`, in the order in which they stand there; of values that overlap, the caller drops the later.
    fn read(&self, text: &str) -> Vec<Mention>;

    /// The kinds of mentions that it looks for: dates, times and numbers unless said otherwise.
    ///
    /// What a reader looks for and does not find, the request does not say: no model may make it up.
    fn kinds(&self) -> &[MentionKind] {
        &[MentionKind::Date, MentionKind::Time, MentionKind::Number]
    }
}

impl<F: Fn(&str) -> Vec<Mention> + Send + Sync + 'static> Reader for F {
    fn read(&self, text: &str) -> Vec<Mention> {
        self(text)
    }
}

/// The kinds of mentions that the readers of an agent look for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// The kinds that these readers look for.
    #[must_use]
    pub fn of(readers: &[Arc<dyn Reader>]) -> Self {
        readers.iter().flat_map(|reader| reader.kinds()).copied().collect()
    }

    /// Whether one of them looks for this kind: if so, what it does not find was not said.
    #[must_use]
    pub fn contains(&self, kind: MentionKind) -> bool {
        self.0 & bit(kind) != 0
    }
}

impl FromIterator<MentionKind> for Kinds {
    fn from_iter<I: IntoIterator<Item = MentionKind>>(kinds: I) -> Self {
        Self(kinds.into_iter().fold(0, |all, kind| all | bit(kind)))
    }
}

fn bit(kind: MentionKind) -> u8 {
    1 << (kind as u8)
}

/// One thing that a request says and code understands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// Where it stands, in bytes of the request.
    pub span: Range<usize>,
    /// What kind of value it is, and so which arguments may take it.
    pub kind: MentionKind,
    /// The value, as a tool's argument takes it: `"2026-12-03"`, `"17:00:00"`, `90`.
    pub value: Value,
    /// What a number counts, if that was understood: `star` in "4 stars". An argument that declares its unit with the
    /// schema extension `x-unit` takes numbers of that unit, and those without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

impl Mention {
    /// A mention without a unit.
    #[must_use]
    pub fn new(span: Range<usize>, kind: MentionKind, value: impl Into<Value>) -> Self {
        Self { span, kind, value: value.into(), unit: None }
    }

    /// States what a number counts.
    #[must_use]
    pub fn with_unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }
}

/// The kind of a [`Mention`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MentionKind {
    /// A calendar date, for arguments of the JSON Schema format `date`: `"2026-12-03"`.
    Date,
    /// A time of day, for arguments of the format `partial-time` or `time`: `"17:00:00"`.
    Time,
    /// A number, for numeric arguments.
    Number,
    /// The request says to change nothing: "do not book". No tool that writes can then be called.
    NoWrites,
    /// The request can't mean the tool of the name that is the value, or the optional argument, as `tool.argument`, or the
    /// limit of that word: a request that speaks of trains alone means no flights. It is then not offered. Such a mention has an empty span.
    Excludes,
    /// The request leaves something open: "on the 7th or the 8th". Only then can a plan contain alternatives.
    Alternative,
    /// The request asks for the choice of the word that is the value: "as cheap as it gets" for `cheapest`. If it asks
    /// for any, others are not offered, and a plan that does not make it is doubted.
    Ordering,
}
