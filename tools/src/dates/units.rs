//! What numbers count: "4 stars", "€300", "rated 8 or better".

use cicerone_core::reading::{Mention, MentionKind};

/// How many words may stand between a number and a word before it that says what it counts: "rated at least 8".
const BEFORE: usize = 3;
/// How many after it: "three cheap flights".
const AFTER: usize = 1;

/// A unit and the words by which it is known, in lower case.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    name: String,
    words: Vec<String>,
}

impl Unit {
    pub(super) fn new(name: &str, words: &[&str]) -> Self {
        Self { name: name.to_owned(), words: words.iter().map(|word| word.to_lowercase()).collect() }
    }
}

/// Adds to each number what it counts, if one of the units says so.
pub(super) fn annotate(text: &str, mentions: &mut [Mention], units: &[Unit]) {
    for mention in mentions.iter_mut().filter(|mention| mention.kind == MentionKind::Number) {
        let before = text.get(..mention.span.start).unwrap_or_default().to_lowercase();
        let after = text.get(mention.span.end..).unwrap_or_default().to_lowercase();
        // What stands closest counts: "300 EUR for 2 people".
        let close = (0..=AFTER).find_map(|between| named(units, |word| follows(&after, word, between)));
        let unit =
            close.or_else(|| (0..=BEFORE).find_map(|between| named(units, |word| precedes(&before, word, between))));
        mention.unit = unit.map(str::to_owned).or_else(|| mention.unit.take());
    }
}

fn named(units: &[Unit], stands: impl Fn(&str) -> bool) -> Option<&str> {
    units.iter().find(|unit| unit.words.iter().any(|word| stands(word))).map(|unit| unit.name.as_str())
}

/// Whether `word` stands at the beginning of `text`, after so many other words of the same clause.
fn follows(text: &str, word: &str, between: usize) -> bool {
    let mut rest = text.trim_start_matches([' ', '-', '\u{a0}']);
    for _ in 0..between {
        let Some((skipped, more)) = rest.split_once(' ') else { return false };
        if skipped.is_empty() || !skipped.chars().all(char::is_alphabetic) {
            return false;
        }
        rest = more;
    }
    let ends = |after: &str| !word.ends_with(char::is_alphanumeric) || !after.starts_with(is_letter);
    rest.strip_prefix(word).is_some_and(ends)
}

/// Whether `word` stands at the end of `text`, before so many other words of the same clause.
fn precedes(text: &str, word: &str, between: usize) -> bool {
    let mut rest = text.trim_end();
    for _ in 0..between {
        let Some((more, skipped)) = rest.rsplit_once(' ') else { return false };
        if skipped.ends_with(['.', ',', ';', ':', '!', '?']) || skipped.chars().any(|c| c.is_ascii_digit()) {
            return false;
        }
        rest = more.trim_end();
    }
    let begins = |before: &str| !word.starts_with(char::is_alphanumeric) || !before.ends_with(is_letter);
    rest.strip_suffix(word).is_some_and(begins)
}

/// A letter of a script with spaces between words: a Chinese unit may be followed by anything.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}
