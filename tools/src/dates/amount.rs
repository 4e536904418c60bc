//! Numbers in figures and words, and durations.

use serde_json::Number;

use super::scan::{Expr, Found};
use super::token::Tokens;
use super::words::{DE, EN, ES, FR, Langs, Unit};

/// Longer stays are not stays.
const LONGEST: i32 = 3660;

/// Takes a duration: "3 nights", "for a week", "4-night".
pub(super) fn stay(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    if !tokens.is_free(at) {
        return None;
    }
    let before = tokens.word_before(at);
    if let Some(end) = range_of_stays(tokens, at, found) {
        return Some(end);
    }
    let (count, unit, _, end) = duration(tokens, at, before == "for")?;
    let count_end = number(tokens, at).map_or(at + 1, |(_, end)| end);
    if tokens.word(end) == "from" && matches!(tokens.word(end + 1), "now" | "today") {
        return found.add(tokens, at, end + 2, Expr::Away(count, unit));
    }
    // Nobody travels back in time, and "7 days a week" is no journey.
    let past =
        matches!(tokens.word(end), "ago" | "before" | "earlier" | "prior" | "old" | "vorher" | "antes" | "avant")
            || matches!(before, "vor" | "hace" | "last" | "past" | "every" | "each" | "per" | "pro" | "por" | "par");
    let rate = tokens.words(end, "a week").or(tokens.words(end, "per week")).is_some();
    if past || rate {
        let count = u32::try_from(count).ok()?;
        return found.add(tokens, at, count_end, Expr::Count(count.into()));
    }
    found.add(tokens, at, end, Expr::Stay { count, unit, count_end })
}

/// "3-4 nights", "2 or 3 nights": two stays, of which only the second has its unit.
fn range_of_stays(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    let (first, first_end) = number(tokens, at)?;
    let tie = tokens.is_mark(first_end, '-') || tokens.meaning(first_end).link.is_some();
    let (count, unit, _, end) = duration(tokens, first_end + 1, false).filter(|_| tie)?;
    let first = whole(&first)?;
    let (_, count_end) = number(tokens, first_end + 1)?;
    found.add(tokens, at, first_end, Expr::Stay { count: first, unit, count_end: first_end });
    found.add(tokens, first_end + 1, end, Expr::Stay { count, unit, count_end })
}

/// The duration at `at`: count, unit, the unit's languages, end; "a week" counts only where `article` says so.
pub(super) fn duration(tokens: &Tokens, at: usize, article: bool) -> Option<(i32, Unit, Langs, usize)> {
    let (count, mut end) = match number(tokens, at) {
        Some((count, end)) => (whole(&count)?, end),
        None if article && matches!(tokens.word(at), "a" | "an") => (1, at + 1),
        None => return None,
    };
    end += usize::from(tokens.glued_mark(end, '-') && tokens.is_glued(end + 1));
    end += usize::from(matches!(tokens.word(end), "more" | "full" | "whole" | "extra" | "weitere" | "ganze"));
    let (unit, langs) = tokens.meaning(end).unit?;
    Some((count, unit, langs, end + 1))
}

fn whole(number: &Number) -> Option<i32> {
    number.as_i64().and_then(|count| i32::try_from(count).ok()).filter(|count| (1..=LONGEST).contains(count))
}

/// Takes a number: any in figures, and in words those that count people or things.
pub(super) fn count(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    if tokens.is_digits(at) {
        return figures(tokens, at, found);
    }
    let (value, langs) = tokens.meaning(at).number?;
    if tokens.before(at).is_some_and(|t| tokens.is_glued(at) && !matches!(t.first, '(' | '"' | '/' | '-')) {
        return None;
    }
    let (number, end) = number(tokens, at)?;
    let counts = quantifies(tokens, end, value, langs) || stands_alone(tokens, at, end, value, langs);
    counts.then(|| found.add(tokens, at, end, Expr::Count(number)))?
}

/// What follows the number word is what it counts.
fn quantifies(tokens: &Tokens, end: usize, value: u32, langs: Langs) -> bool {
    let hyphen = tokens.glued_mark(end, '-') && tokens.is_glued(end + 1);
    let next = end + usize::from(hyphen);
    let meaning = tokens.meaning(next);
    if meaning.counted & langs != 0 || meaning.measure {
        return true;
    }
    // "Two or three people".
    if meaning.link.is_some() && tokens.meaning(next + 1).number.is_some_and(|(_, other)| other & langs != 0) {
        return true;
    }
    if value == 1 || !tokens.is_word(next) || meaning.follows || meaning.month.is_some() || tokens.word(next) == "way" {
        return false;
    }
    let noun = tokens.get(next).is_some_and(|token| token.first.is_uppercase());
    // Any English noun will do; German ones show by their capital, where the number is no English word.
    langs & EN != 0 || (langs & DE != 0 && noun && !matches!(value, 8 | 11))
}

/// "For two", and no noun.
fn stands_alone(tokens: &Tokens, at: usize, end: usize, value: u32, langs: Langs) -> bool {
    let language = match tokens.word_before(at) {
        "for" | "of" => EN,
        "fur" | "fuer" | "zu" => DE,
        "para" => ES,
        "pour" => FR,
        _ => 0,
    };
    langs & language != 0 && tokens.can_end(end) && (value > 1 || !tokens.is_word(end))
}

/// Takes a number in figures; of figures that are no number, all at once: an address, a score.
fn figures(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    let free = tokens.is_free(at) && tokens.before(at).is_none_or(|token| !tokens.is_glued(at) || token.first != '第');
    let read = number(tokens, at).filter(|_| free);
    if let Some((number, end)) = read {
        let mark = at.checked_sub(1).filter(|sign| tokens.is_mark(*sign, '-') && tokens.is_glued(at));
        let sign = mark.filter(|sign| !tokens.is_glued(*sign));
        return match (sign, negative(&number)) {
            (Some(sign), Some(negative)) => found.add(tokens, sign, end, Expr::Count(negative)),
            _ => found.add(tokens, at, end, Expr::Count(number)),
        };
    }
    let mut end = at + 1;
    while (tokens.is_glued(end) && tokens.is_digits(end))
        || (['.', ',', ':', '/', '\''].iter().any(|mark| tokens.glued_mark(end, *mark))
            && tokens.is_glued(end + 1)
            && tokens.is_digits(end + 1))
    {
        end += 1;
    }
    found.add(tokens, at, end, Expr::Nothing)
}

fn negative(number: &Number) -> Option<Number> {
    let integer = number.as_i64().map(|value| Number::from(-value));
    integer.or_else(|| Number::from_f64(-number.as_f64()?))
}

/// The number at `at`, in figures or in words, whatever it counts; and its end.
pub(super) fn number(tokens: &Tokens, at: usize) -> Option<(Number, usize)> {
    let (value, end) = if tokens.is_digits(at) { in_figures(tokens, at)? } else { in_words(tokens, at)? };
    let factor = match tokens.word(end) {
        "dozen" => 12,
        "hundred" => 100,
        "thousand" | "k" => 1000,
        "million" => 1_000_000,
        _ => return Some((value, end)),
    };
    // "Two hundred and fifty": half of it would be wrong.
    let end = end + 1;
    let next = end + usize::from(tokens.word(end) == "and");
    if tokens.meaning(next).number.is_some() || tokens.is_digits(end) {
        return None;
    }
    let scaled = match value.as_u64() {
        Some(value) => Number::from(value.checked_mul(factor)?),
        None => plain(value.as_f64()? * f64::from(u32::try_from(factor).ok()?))?,
    };
    Some((scaled, end))
}

/// "Twenty", "twenty-five".
fn in_words(tokens: &Tokens, at: usize) -> Option<(Number, usize)> {
    let (value, langs) = tokens.meaning(at).number?;
    if value >= 20 && langs & EN != 0 {
        let unit = at + 1 + usize::from(tokens.is_mark(at + 1, '-'));
        if let Some((unit_value @ 1..10, _)) = tokens.meaning(unit).number.filter(|(_, unit)| unit & EN != 0) {
            return Some(((value + unit_value).into(), unit + 1));
        }
    }
    Some((value.into(), at + 1))
}

/// "90", "1,200", "1.200,50": groups of three are thousands, anything else after a point or a comma is a fraction.
fn in_figures(tokens: &Tokens, at: usize) -> Option<(Number, usize)> {
    let head = &tokens.get(at)?.text;
    // Codes and telephone numbers begin with zeros; numbers don't.
    if head.len() > 15 || (head.len() > 1 && head.starts_with('0')) {
        return None;
    }
    let mut text = head.clone();
    let mut end = at + 1;
    let mut grouping = None;
    let mut fraction = false;
    while let Some((mark, digits)) = glued_part(tokens, end).filter(|_| !fraction) {
        let groups = digits.len() == 3 && head.len() <= 3 && head != "0" && grouping.is_none_or(|used| used == mark);
        if groups {
            grouping = Some(mark);
        } else if mark == '\'' || grouping == Some(mark) {
            return None;
        } else {
            fraction = true;
            text.push('.');
        }
        text.push_str(digits);
        end += 2;
    }
    let goes_on = glued_part(tokens, end).is_some()
        || ([':', '/'].iter().any(|mark| tokens.glued_mark(end, *mark))
            && tokens.is_glued(end + 1)
            && tokens.is_digits(end + 1));
    // "747s", "4th": something else than a number, unless the letters are a measure.
    let name = tokens.is_glued(end) && tokens.is_word(end) && !tokens.makes_amount(end) && tokens.word(end) != "k";
    if goes_on || name || text.len() > 18 {
        return None;
    }
    let value = if fraction { plain(text.parse().ok()?)? } else { Number::from(text.parse::<u64>().ok()?) };
    Some((value, end))
}

fn glued_part(tokens: &Tokens, at: usize) -> Option<(char, &str)> {
    let mark = ['.', ',', '\''].into_iter().find(|mark| tokens.glued_mark(at, *mark))?;
    let digits = tokens.get(at + 1).filter(|token| token.glued && tokens.is_digits(at + 1))?;
    Some((mark, &digits.text))
}

/// Without a fraction of nothing: an argument may take integers only.
fn plain(value: f64) -> Option<Number> {
    let rounded = value.round();
    if (value - rounded).abs() < 1e-9 && rounded.abs() < 1e15 {
        return format!("{rounded:.0}").parse::<i64>().ok().map(Number::from);
    }
    Number::from_f64(value)
}
