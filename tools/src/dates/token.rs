//! Cuts a text into words, runs of digits and marks, with what each word means.
//!
//! Chinese is written without spaces, so each of its characters is a token of its own and phrases are matched
//! character by character.

use std::ops::Range;

use super::words::{self, Meaning};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Digits,
    Han,
    Mark,
}

#[derive(Debug)]
pub(super) struct Token {
    /// In bytes of the text.
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
    /// A word, folded, or digits in ASCII; empty for the rest.
    pub(super) text: String,
    /// The first character, as written; for a mark, its plainest form.
    pub(super) first: char,
    /// No white space between the token before and this one.
    pub(super) glued: bool,
    pub(super) meaning: Meaning,
}

/// The tokens of a text. Every look at one is by index and may miss: matchers look ahead freely.
#[derive(Debug)]
pub(super) struct Tokens(Vec<Token>);

impl Tokens {
    pub(super) fn of(text: &str) -> Self {
        let mut tokens: Vec<Token> = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let start = text.len() - rest.len();
            let kind = kind(first);
            let length = match kind {
                // A link's digits are no one's dates.
                Kind::Word if rest.starts_with("http://") || rest.starts_with("https://") => {
                    rest.find(char::is_whitespace).unwrap_or(rest.len())
                }
                Kind::Word => run(rest, |c| self::kind(c) == Kind::Word || is_accent(c)),
                Kind::Digits => run(rest, |c| self::kind(c) == Kind::Digits),
                Kind::Han | Kind::Mark => first.len_utf8(),
            };
            let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            rest = after;
            if first.is_whitespace() {
                continue;
            }
            let folded = match kind {
                Kind::Word => fold(token),
                Kind::Digits => token.chars().map(plain_digit).collect(),
                Kind::Han | Kind::Mark => String::new(),
            };
            tokens.push(Token {
                glued: tokens.last().is_some_and(|before| before.span.end == start),
                span: start..start + length,
                kind,
                first: if kind == Kind::Mark { plain_mark(first) } else { first },
                meaning: if kind == Kind::Word { words::meaning(&folded) } else { Meaning::default() },
                text: folded,
            });
        }
        Self(tokens)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&Token> {
        self.0.get(at)
    }

    /// The token before `at`.
    pub(super) fn before(&self, at: usize) -> Option<&Token> {
        at.checked_sub(1).and_then(|before| self.get(before))
    }

    /// The bytes from token `first` up to, not including, token `end`.
    pub(super) fn span(&self, first: usize, end: usize) -> Option<Range<usize>> {
        Some(self.get(first)?.span.start..self.before(end)?.span.end)
    }

    /// The folded word at `at`, or `""`, which is no word.
    pub(super) fn word(&self, at: usize) -> &str {
        self.get(at).filter(|token| token.kind == Kind::Word).map_or("", |token| &token.text)
    }

    pub(super) fn word_before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |before| self.word(before))
    }

    /// The end of the words `phrase` if they stand at `at`, in a row.
    pub(super) fn words(&self, at: usize, phrase: &str) -> Option<usize> {
        phrase.split(' ').try_fold(at, |at, word| (self.word(at) == word).then_some(at + 1))
    }

    /// The end of the Chinese `phrase` if it stands at `at`.
    pub(super) fn han(&self, at: usize, phrase: &str) -> Option<usize> {
        phrase.chars().try_fold(at, |at, c| {
            self.get(at).is_some_and(|token| token.kind == Kind::Han && token.first == c).then_some(at + 1)
        })
    }

    pub(super) fn meaning(&self, at: usize) -> Meaning {
        self.get(at).map(|token| token.meaning).unwrap_or_default()
    }

    pub(super) fn is_word(&self, at: usize) -> bool {
        self.get(at).is_some_and(|token| token.kind == Kind::Word)
    }

    pub(super) fn is_mark(&self, at: usize, mark: char) -> bool {
        self.get(at).is_some_and(|token| token.kind == Kind::Mark && token.first == mark)
    }

    pub(super) fn is_glued(&self, at: usize) -> bool {
        self.get(at).is_some_and(|token| token.glued)
    }

    /// A mark that clings to what stands before it.
    pub(super) fn glued_mark(&self, at: usize, mark: char) -> bool {
        self.is_glued(at) && self.is_mark(at, mark)
    }

    pub(super) fn is_digits(&self, at: usize) -> bool {
        self.get(at).is_some_and(|token| token.kind == Kind::Digits)
    }

    fn digit_before(&self, at: usize) -> bool {
        self.before(at).is_some_and(|token| token.kind == Kind::Digits)
    }

    /// The value of the digits at `at` if there are so many of them.
    pub(super) fn digits(&self, at: usize, count: std::ops::RangeInclusive<usize>) -> Option<u32> {
        let token = self.get(at).filter(|token| token.kind == Kind::Digits)?;
        count.contains(&token.text.len()).then(|| token.text.parse().ok())?
    }

    /// `at` does not continue a name such as "LH400" or "covid-19", whose digits mean nothing.
    pub(super) fn is_free(&self, at: usize) -> bool {
        let letter = |at: usize| self.get(at).is_some_and(|t| t.kind == Kind::Word && !t.meaning.measure);
        let Some(before) = at.checked_sub(1).filter(|_| self.is_glued(at)) else { return true };
        // "2026-12-03T17:00": the T of the ISO form.
        if self.word(before) == "t" && self.is_glued(before) && self.digit_before(before) {
            return true;
        }
        // The "rd" of "3rd-7th" is no name.
        let name =
            |at: usize| letter(at) && self.meaning(at).month.is_none() && !(self.is_glued(at) && self.digit_before(at));
        let after_hyphen =
            (self.glued_mark(before, '-') || self.is_mark(before, '_')) && before.checked_sub(1).is_some_and(name);
        !(letter(before) || after_hyphen)
    }

    /// A finished date may end before `at`: nothing there makes a quantity or a longer number of it.
    pub(super) fn can_end(&self, at: usize) -> bool {
        let Some(token) = self.get(at) else { return true };
        match token.kind {
            Kind::Word => token.meaning.follows && !token.meaning.measure,
            Kind::Digits => false,
            Kind::Han => true,
            Kind::Mark if token.glued && matches!(token.first, ':' | '.' | ',' | '/' | '\'') => {
                !(self.is_glued(at + 1) && self.is_digits(at + 1))
            }
            Kind::Mark => !matches!(token.first, '%' | '€' | '$' | '£' | '¥' | '°' | '+' | '*'),
        }
    }

    /// What stands at `at` makes an amount of the number before it: "people", "EUR", "nights".
    pub(super) fn makes_amount(&self, at: usize) -> bool {
        let meaning = self.meaning(at);
        let symbol =
            self.get(at).is_some_and(|t| t.kind == Kind::Mark && matches!(t.first, '%' | '€' | '$' | '£' | '¥'));
        let clock = self.glued_mark(at, ':') && self.is_digits(at + 1);
        meaning.counted != 0 || meaning.measure || meaning.unit.is_some() || symbol || clock
    }
}

fn kind(c: char) -> Kind {
    match c {
        '0'..='9' | '０'..='９' => Kind::Digits,
        '\u{3400}'..='\u{9fff}' | '〇' => Kind::Han,
        _ if c.is_alphabetic() => Kind::Word,
        _ => Kind::Mark,
    }
}

fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn plain_digit(c: char) -> char {
    match u32::from(c).checked_sub(u32::from('０')) {
        Some(value) => char::from_digit(value, 10).unwrap_or(c),
        None => c,
    }
}

fn plain_mark(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '−' | '~' | '～' | '〜' => '-',
        '’' | '‘' | 'ʼ' => '\'',
        '，' | '、' => ',',
        '。' | '．' => '.',
        '：' => ':',
        '／' => '/',
        '￥' => '¥',
        c => c,
    }
}

/// Lower case without the accents of the languages read here, composed or not: people leave them out as they please.
fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.chars().flat_map(char::to_lowercase).filter(|c| !is_accent(*c)) {
        match c {
            'à' | 'á' | 'â' | 'ä' | 'ã' => folded.push('a'),
            'è' | 'é' | 'ê' | 'ë' => folded.push('e'),
            'ì' | 'í' | 'î' | 'ï' => folded.push('i'),
            'ò' | 'ó' | 'ô' | 'ö' | 'õ' => folded.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => folded.push('u'),
            'ñ' => folded.push('n'),
            'ç' => folded.push('c'),
            'ß' => folded.push_str("ss"),
            c => folded.push(c),
        }
    }
    folded
}
