//! A reader of what must not be done. See [`LookOnly`].

use std::ops::Range;

use cicerone_core::reading::{Mention, MentionKind, Reader};

mod phrases;

use phrases::{ASKING, ASKING_TOGETHER, CONDITIONS, FILLERS, PHRASES, WISHES, WISHES_TOGETHER, WRITTEN_TOGETHER};

/// Finds where a request says that nothing is to be changed: "don't book anything", "nur schauen", "不要预订".
///
/// An agent with this reader can't write at all in a run whose request says so, whatever its model thinks: the tools
/// that write are not offered, and a plan that calls one is refused.
///
/// A text that only asks, and wishes for nothing, says so too: "Which trains go to Graz?"
///
/// It reads English, German, Spanish, French and Chinese, and only what is said of everything: "don't book a hotel"
/// leaves flights open, "if it costs more than 300, don't book it" leaves it open whether it does. Such sentences are
/// for the planner.
///
/// ```
/// use cicerone_core::reading::Reader;
/// use cicerone_tools::LookOnly;
///
/// let says_so = |request: &str| !LookOnly.read(request).is_empty();
/// assert!(says_so("Which trains go to Graz tomorrow? Do not book."));
/// assert!(!says_so("Book a train to Graz, but don't book a hotel."));
/// assert!(!says_so("If it is over 50 EUR, don't book it."));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct LookOnly;

impl Reader for LookOnly {
    fn read(&self, text: &str) -> Vec<Mention> {
        let found = found(text);
        found.into_iter().map(|span| Mention::new(span, MentionKind::NoWrites, true)).collect()
    }

    fn kinds(&self) -> &[MentionKind] {
        &[MentionKind::NoWrites]
    }
}

/// The first place that says so: one is enough.
fn found(text: &str) -> Option<Range<usize>> {
    let sentences = sentences(text);
    forbidden(text, &sentences).or_else(|| asked(text, &sentences))
}

/// The question of a text that asks, and wishes for nothing: "Which trains go to Graz tomorrow?"
fn asked(text: &str, sentences: &[Vec<Word>]) -> Option<Range<usize>> {
    let wishes = sentences.iter().flatten().any(|word| WISHES.contains(&word.text.as_str()));
    if wishes || WISHES_TOGETHER.iter().any(|word| text.contains(word)) {
        return None;
    }
    if let Some((start, word)) = ASKING_TOGETHER.iter().find_map(|word| Some((text.find(word)?, word))) {
        return Some(start..start + word.len());
    }
    let begins = |words: &[Word], phrase: &&[&str]| {
        phrase.len() <= words.len() && phrase.iter().zip(words).all(|(wanted, word)| *wanted == word.text)
    };
    sentences.iter().find_map(|words| {
        ASKING.iter().find(|phrase| begins(words, phrase))?;
        let end = words.last()?.span.end;
        let asks = text.get(end..).is_some_and(|rest| rest.trim_start().starts_with('?'));
        asks.then_some(words.first()?.span.start..end)
    })
}

/// Where a text says that nothing is to be done.
fn forbidden(text: &str, sentences: &[Vec<Word>]) -> Option<Range<usize>> {
    if let Some((start, phrase)) = WRITTEN_TOGETHER.iter().find_map(|phrase| Some((text.find(phrase)?, phrase))) {
        let depends = CONDITIONS.iter().filter(|word| !word.is_ascii()).any(|word| text.contains(word));
        return (!depends).then_some(start..start + phrase.len());
    }
    sentences.iter().find_map(|words| {
        if words.iter().any(|word| CONDITIONS.contains(&word.text.as_str())) {
            return None;
        }
        (0..words.len()).find_map(|at| {
            let rest = words.get(at..)?;
            let length = PHRASES.iter().find_map(|phrase| phrase.length_in(rest))?;
            let last = rest.get(length.checked_sub(1)?)?;
            Some(words.get(at)?.span.start..last.span.end)
        })
    })
}

/// Words that have to follow one another, and whether something else may be meant if more words follow.
struct Phrase {
    /// Each place with the words that may stand there.
    words: &'static [&'static [&'static str]],
    /// Whether the sentence has to end there, but for fillers such as "anything" or "yet".
    ends: bool,
}

impl Phrase {
    fn length_in(&self, words: &[Word]) -> Option<usize> {
        let fits = |(wanted, word): (&&[&str], &Word)| wanted.contains(&word.text.as_str());
        if words.len() < self.words.len() || !self.words.iter().zip(words).all(fits) {
            return None;
        }
        let last = words.get(self.words.len().checked_sub(1)?)?;
        // Fillers up to a comma, which closes what is said as a full stop does.
        let rest = words.get(self.words.len()..).unwrap_or_default();
        let filler = |word: &Word| FILLERS.contains(&word.text.as_str());
        let clause = rest.iter().position(|word| word.closes).map_or(rest, |end| rest.get(..=end).unwrap_or(rest));
        (!self.ends || last.closes || clause.iter().all(filler)).then_some(self.words.len())
    }
}

struct Word {
    text: String,
    span: Range<usize>,
    /// Whether a comma, a dash or the like stands behind it.
    closes: bool,
}

/// The sentences of a text as words in lower case, apostrophes and accents as typed.
fn sentences(text: &str) -> Vec<Vec<Word>> {
    let mut all = vec![Vec::new()];
    let mut word: Option<Range<usize>> = None;
    for (at, c) in text.char_indices().chain([(text.len(), '.')]) {
        if c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}') {
            let start = word.as_ref().map_or(at, |word| word.start);
            word = Some(start..at + c.len_utf8());
            continue;
        }
        let sentence = all.last_mut();
        if let (Some(span), Some(sentence)) = (word.take(), sentence) {
            let plain = text.get(span.clone()).unwrap_or_default().to_lowercase().replace('\u{2019}', "'");
            sentence.push(Word { text: plain, span, closes: !c.is_whitespace() });
        } else if let Some(last) = all.last_mut().and_then(|sentence: &mut Vec<Word>| sentence.last_mut()) {
            last.closes |= !c.is_whitespace();
        }
        if matches!(c, '.' | '!' | '?' | ';' | '\n' | '\u{3002}' | '\u{ff01}' | '\u{ff1f}') {
            all.push(Vec::new());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_everything_is_found() {
        for request in [
            "Which flights go to Oslo on 3 May? Don't book.",
            "don't book anything, just show me trains from Graz to Linz",
            "Do not book it yet: flights from Rome to Nice on 4 May",
            "Trains to Bonn tomorrow, but please do not reserve anything",
            "just looking: hotels in Lima",
            "Show me hotels without booking.",
            "What does it cost? No booking please",
            "Dont book anything yet",
            "I don’t want to book anything yet, what trains are there?",
            "Welche Züge fahren nach Bonn? Bitte nichts buchen.",
            "Nur schauen, noch nicht buchen: Flüge nach Rom",
            "¿Qué vuelos hay a Lima? No reserves nada.",
            "Quels trains pour Lyon ? Ne réserve rien.",
            "查一下去罗马的航班，不要预订",
            "Find flights, do not book",
            "Is it cheaper to fly to Oslo on the 7th or the 8th?",
            "Which trains go to Graz tomorrow?",
            "¿Cuánto cuesta un hotel en Lima el 4 de mayo?",
            "1月8日从北京到广州有哪些航班？",
        ] {
            assert!(found(request).is_some(), "{request}");
        }
    }

    #[test]
    fn what_is_said_of_one_thing_or_under_a_condition_is_not() {
        for request in [
            "Book a flight to Oslo on 3 May.",
            "Book a flight to Oslo, but don't book a hotel.",
            "If it costs more than 300 EUR book nothing.",
            "Book the flight unless it is over 300, then don't book anything.",
            "Wenn es mehr als 100 kostet, nichts buchen.",
            "No reserves hotel, solo el vuelo a Lima",
            "a room without breakfast, booking for two",
            "Book a table, not a booth",
            "Could you book me a flight to Oslo?",
            "Which hotel is best rated? Book that one.",
            "What takes the least time? I need that train.",
            "Flight to Rome on 3 May",
            "",
            "...",
        ] {
            assert!(found(request).is_none(), "{request}");
        }
    }
}
