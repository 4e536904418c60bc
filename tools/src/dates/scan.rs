//! Finds the phrases of a text and says what each means, without any calendar: that is [`resolve`]'s business.
//!
//! [`resolve`]: super::resolve

use jiff::civil::{Time, Weekday};
use serde_json::Number;

use super::token::Tokens;
use super::words::{Link, Unit};
use super::{amount, calendar, clock, han, numeric, relative};

/// What a phrase means, today aside.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    /// A day of the calendar, as far as it was given.
    Day(Day),
    /// "Friday".
    Weekday(Weekday),
    /// "Friday next week": in the week that begins next Monday.
    WeekdayNextWeek(Weekday),
    /// "tomorrow", "in two weeks".
    Away(i32, Unit),
    /// "this weekend", or the one after it.
    Weekend { next: bool },
    /// "3 nights"; the value is for a text without dates, and stands over the tokens up to `count_end`.
    Stay { count: i32, unit: Unit, count_end: usize },
    /// "17:00".
    Clock(Time),
    /// "two", "1,200".
    Count(Number),
    /// Understood, and no value: the "2026" of "in December 2026" is no number of anything.
    Nothing,
}

/// A day of the calendar, as far as it was given.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Day {
    pub(super) year: Option<i16>,
    pub(super) month: Option<i8>,
    pub(super) day: i8,
    /// "Friday" of "Friday, 27 November": it must agree.
    pub(super) weekday: Option<Weekday>,
}

/// A phrase: the tokens `first..end` and what they mean.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) first: usize,
    pub(super) end: usize,
    pub(super) expr: Expr,
    /// How it is tied to the date before it, when nothing else stands between the two.
    pub(super) link: Option<Link>,
    /// "back", "return" or the like stands between the date before and this one.
    pub(super) back: bool,
}

impl Item {
    pub(super) fn is_date(&self) -> bool {
        !matches!(self.expr, Expr::Stay { .. } | Expr::Clock(_) | Expr::Count(_) | Expr::Nothing)
    }
}

/// The phrases found so far; matchers add to them.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) items: Vec<Item>,
    /// Where the last date's item stands in `items`.
    last_date: Option<usize>,
    back: bool,
}

impl Found {
    /// Adds a phrase and gives its end, so that a matcher can finish with it.
    pub(super) fn add(&mut self, tokens: &Tokens, first: usize, end: usize, expr: Expr) -> Option<usize> {
        let mut item = Item { first, end, expr, link: None, back: self.back };
        if item.is_date() {
            item.link = self.link(tokens, first);
            self.last_date = Some(self.items.len());
            self.back = false;
        }
        self.items.push(item);
        Some(end)
    }

    pub(super) fn last_date(&self) -> Option<&Item> {
        self.last_date.and_then(|at| self.items.get(at))
    }

    /// How a date at `first` would be tied to the last one.
    pub(super) fn link(&self, tokens: &Tokens, first: usize) -> Option<Link> {
        let (link, end) = link(tokens, self.last_date()?.end)?;
        (end == first).then_some(link)
    }
}

/// Reads the word that ties two dates together at `at`, with the articles behind it: "to the", "bis zum", "-".
pub(super) fn link(tokens: &Tokens, at: usize) -> Option<(Link, usize)> {
    let at = if tokens.is_mark(at, ',') && !tokens.is_digits(at + 1) { at + 1 } else { at };
    let found = match tokens.get(at)? {
        token if token.meaning.link.is_some() => token.meaning.link?,
        _ if tokens.is_mark(at, '-') || tokens.han(at, "到").or(tokens.han(at, "至")).is_some() => Link::Range,
        _ if ['/', '&'].iter().any(|mark| tokens.is_mark(at, *mark)) => Link::List,
        _ if tokens.han(at, "和").or(tokens.han(at, "或")).is_some() => Link::List,
        _ => return None,
    };
    let mut end = at + 1;
    // Few languages need more than "bis zum" or "jusqu'au".
    for _ in 0..3 {
        let filler =
            matches!(tokens.word(end), "the" | "on" | "am" | "zum" | "den" | "dem" | "el" | "le" | "al" | "au");
        if !filler && !tokens.is_mark(end, '\'') {
            break;
        }
        end += 1;
    }
    Some((found, end))
}

/// A matcher looks at one token and what follows; it gives the end of what it took.
type Matcher = fn(&Tokens, usize, &mut Found) -> Option<usize>;

/// The first that takes a token has it: the specific stand before the general, a bare number last.
const MATCHERS: &[Matcher] = &[
    han::phrase,
    clock::time,
    numeric::date,
    calendar::days_then_month,
    calendar::month_then_day,
    calendar::weekday,
    calendar::lone_day,
    relative::phrase,
    amount::stay,
    amount::count,
];

/// The phrases of a text, in order and apart from each other.
pub(super) fn scan(tokens: &Tokens) -> Vec<Item> {
    let mut found = Found::default();
    let mut at = 0;
    while at < tokens.len() {
        let taken = MATCHERS.iter().find_map(|matcher| matcher(tokens, at, &mut found));
        found.back |= taken.is_none() && tokens.meaning(at).back;
        // Whatever a matcher says, the scan moves on: it can't loop.
        at = taken.map_or(at + 1, |end| end.max(at + 1));
    }
    found.items
}
