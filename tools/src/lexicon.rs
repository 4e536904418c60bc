//! A reader of the words by which a domain's users say what they want. See [`Lexicon`].

use std::ops::Range;

use cicerone_core::reading::{Mention, MentionKind, Reader};

/// Finds which choice a request asks for ("the cheapest", "am frühesten"), and what it says nothing of.
///
/// A small model knows that "as cheap as it gets" means the lowest price, most of the time. Code knows it always: with
/// [`ordering`](Self::ordering) a choice that the request does not speak of is not offered to the model, and one that
/// it does speak of is missed if no call makes it. A request with none of an agent's words leaves all choices open,
/// since no list of words is complete.
///
/// With [`meaning`](Self::meaning) a tool or an argument is offered only to requests that say one of its words.
///
/// Words are compared whole, in lower case; `cheap*` stands for all words that begin so, and a phrase for its words one
/// after another. Scripts without spaces, such as Chinese, are searched for the word anywhere. What stands in
/// quotation marks is somebody's words, such as a title: it asks for nothing.
///
/// ```
/// use cicerone_core::reading::{MentionKind, Reader};
/// use cicerone_tools::Lexicon;
///
/// let lexicon = Lexicon::new()
///     .ordering("cheapest", &["cheap*", "lowest price", "günstig*", "便宜"])
///     .ordering("best_rated", &["best", "highest rated"])
///     .meaning("search_books.language", &["german", "english", "deutsch*", "englisch*"]);
///
/// let found = lexicon.read("Den günstigsten, bitte!");
/// assert_eq!((found[0].kind, found[0].value.as_str()), (MentionKind::Ordering, Some("cheapest")));
/// assert_eq!((found[1].kind, found[1].value.as_str()), (MentionKind::Excludes, Some("search_books.language")));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    orderings: Vec<Entry>,
    meanings: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    of: &'static str,
    words: Vec<&'static str>,
}

impl Lexicon {
    /// One without words.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds words that ask for the choice which the tools' schemas call `word`.
    #[must_use]
    pub fn ordering(mut self, word: &'static str, words: &'static [&'static str]) -> Self {
        add(&mut self.orderings, word, words);
        self
    }

    /// Adds words without any of which a request can't mean `what`: a tool, an optional argument as
    /// `tool.argument`, or a limit.
    #[must_use]
    pub fn meaning(mut self, what: &'static str, words: &'static [&'static str]) -> Self {
        add(&mut self.meanings, what, words);
        self
    }
}

/// Adds words to an entry, which may be there with others.
fn add(entries: &mut Vec<Entry>, of: &'static str, words: &[&'static str]) {
    match entries.iter_mut().find(|entry| entry.of == of) {
        Some(entry) => entry.words.extend(words),
        None => entries.push(Entry { of, words: words.to_vec() }),
    }
}

impl Reader for Lexicon {
    fn read(&self, text: &str) -> Vec<Mention> {
        let unquoted = unquoted(text);
        let text = unquoted.as_str();
        let words = words(text);
        let places = |entry: &Entry| -> Vec<Range<usize>> {
            let mut places: Vec<_> = entry.words.iter().flat_map(|wanted| places(text, &words, wanted)).collect();
            places.sort_by_key(|place| (place.start, place.end));
            places.dedup();
            places
        };
        let mut found: Vec<Mention> = Vec::new();
        for entry in &self.orderings {
            found.extend(places(entry).into_iter().map(|span| Mention::new(span, MentionKind::Ordering, entry.of)));
        }
        found.sort_by_key(|mention| mention.span.start);
        let unsaid = self.meanings.iter().filter(|entry| places(entry).is_empty());
        found.extend(unsaid.map(|entry| Mention::new(0..0, MentionKind::Excludes, entry.of)));
        found
    }

    fn kinds(&self) -> &[MentionKind] {
        if self.orderings.is_empty() { &[] } else { &[MentionKind::Ordering] }
    }
}

/// The text with spaces in place of all that stands in quotation marks, byte by byte.
fn unquoted(text: &str) -> String {
    const PAIRS: [(char, &[char]); 4] = [('"', &['"']), ('“', &['”']), ('„', &['“', '”']), ('«', &['»'])];
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let closing = PAIRS.iter().find(|(opening, _)| *opening == c).and_then(|(_, closing)| {
            let (at, mark) = after.char_indices().find(|(_, c)| closing.contains(c))?;
            Some(c.len_utf8() + at + mark.len_utf8())
        });
        match closing {
            Some(length) => plain.extend(std::iter::repeat_n(' ', length)),
            None => plain.push(c),
        }
        rest = rest.get(closing.unwrap_or(c.len_utf8())..).unwrap_or_default();
    }
    plain
}

/// Where a text says these words; see [`Lexicon`] for how they are compared.
fn places(text: &str, words: &[(Range<usize>, String)], wanted: &str) -> Vec<Range<usize>> {
    if wanted.chars().any(is_written_without_spaces) {
        return text.match_indices(wanted).map(|(start, found)| start..start + found.len()).collect();
    }
    let wanted: Vec<&str> = wanted.split(' ').collect();
    let fits = |(wanted, (_, word)): (&&str, &(Range<usize>, String))| match wanted.strip_suffix('*') {
        Some(stem) => word.starts_with(stem),
        None => word == wanted,
    };
    words
        .windows(wanted.len())
        .filter(|window| wanted.iter().zip(*window).all(fits))
        .filter_map(|window| Some(window.first()?.0.start..window.last()?.0.end))
        .collect()
}

/// The words of a text in lower case, and where they stand.
fn words(text: &str) -> Vec<(Range<usize>, String)> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            (start..start + word.len(), word.to_lowercase())
        })
        .collect()
}

fn is_written_without_spaces(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon() -> Lexicon {
        Lexicon::new()
            .ordering("earliest", &["earl*", "first"])
            .ordering("latest", &["latest", "last", "as late as"])
            .ordering("cheapest", &["cheap*", "便宜"])
            .meaning("renew", &["renew*", "extend*", "verlänger*"])
    }

    fn orderings(text: &str) -> Vec<(String, String)> {
        let mentions = lexicon().read(text);
        let found = mentions.iter().filter(|mention| mention.kind == MentionKind::Ordering);
        found.map(|m| (text[m.span.clone()].to_owned(), m.value.as_str().unwrap_or_default().to_owned())).collect()
    }

    #[test]
    fn whole_words_stems_and_phrases_are_told_apart() {
        let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let expected: Vec<_> = pairs(&[("Earliest", "earliest"), ("last", "latest")]);
        assert_eq!(orderings("Earliest out, last back"), expected);
        assert_eq!(
            orderings("as late as possible, cheaper"),
            pairs(&[("as late as", "latest"), ("cheaper", "cheapest")])
        );
        assert_eq!(orderings("最便宜的酒店"), pairs(&[("便宜", "cheapest")]));
        for nothing in ["", "blast off", "a lasting pearl", "later on"] {
            assert_eq!(orderings(nothing), Vec::new(), "{nothing}");
        }
    }

    #[test]
    fn what_has_words_and_is_not_said_can_not_be_meant() {
        let excluded =
            |text: &str| lexicon().read(text).into_iter().any(|mention| mention.kind == MentionKind::Excludes);
        assert!(excluded("lend me a book"));
        assert!(!excluded("Bitte verlängern!"));
        assert!(!excluded("EXTEND it"));
        for title in ["Borrow \"Extend Your Life\", please", "„Verlängern“ leihen", "«extend»"] {
            assert!(excluded(title), "{title}");
        }
        assert!(!excluded("\"never closed, extend"));
    }
}
