//! Dates in figures: `2026-12-03`, `3.12.2026`, `03/12`.

use super::scan::{Day, Expr, Found};
use super::token::Tokens;

/// Takes a date in figures.
pub(super) fn date(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    if !tokens.is_free(at) {
        return None;
    }
    if always_on(tokens, at) {
        return found.add(tokens, at, at + 3, Expr::Nothing);
    }
    let linked = found.link(tokens, at).is_some();
    let (day, end) = parse(tokens, at, linked)?;
    found.add(tokens, at, end, Expr::Day(day))
}

/// A date in figures at `at`, and its end; `linked` when something else makes a date likely there.
///
/// Numbers that no calendar has are kept if four digits of a year make plain that a date is meant.
pub(super) fn parse(tokens: &Tokens, at: usize, linked: bool) -> Option<(Day, usize)> {
    year_first(tokens, at).or_else(|| day_first(tokens, at)).or_else(|| without_year(tokens, at, linked))
}

fn year_first(tokens: &Tokens, at: usize) -> Option<(Day, usize)> {
    let year = year(tokens.digits(at, 4..=4)?)?;
    let mark = separator(tokens, at + 1)?;
    let month = glued_digits(tokens, at + 2)?;
    let day = tokens.glued_mark(at + 3, mark).then(|| glued_digits(tokens, at + 4))??;
    let end = at + 5;
    let named = tokens.is_glued(end) && tokens.is_word(end) && tokens.word(end) != "t";
    (!named && !goes_on(tokens, end)).then_some((made(Some(year), month, day)?, end))
}

fn day_first(tokens: &Tokens, at: usize) -> Option<(Day, usize)> {
    let first = tokens.digits(at, 1..=2)?;
    let mark = separator(tokens, at + 1)?;
    // "3. 12. 2026" is good German; around slashes and hyphens a space means something else.
    let spaced = mark == '.';
    let second = tokens.digits(at + 2, 1..=2).filter(|_| spaced || tokens.is_glued(at + 2))?;
    if !tokens.glued_mark(at + 3, mark) {
        return None;
    }
    let (month, day) = in_order(first, second);
    let end = at + 5;
    if goes_on(tokens, end) {
        return None;
    }
    if let Some(year) = tokens.digits(at + 4, 4..=4).and_then(year).filter(|_| spaced || tokens.is_glued(at + 4)) {
        return Some((made(Some(year), month, day)?, end));
    }
    let short = tokens.digits(at + 4, 2..=2).filter(|_| mark != '-' && tokens.is_glued(at + 4))?;
    let year = year(2000 + short).filter(|_| in_calendar(month, day))?;
    Some((made(Some(year), month, day)?, end))
}

fn without_year(tokens: &Tokens, at: usize, linked: bool) -> Option<(Day, usize)> {
    let first = tokens.digits(at, 1..=2)?;
    let mark = separator(tokens, at + 1).filter(|mark| *mark != '-')?;
    let second = tokens.digits(at + 2, 1..=2).filter(|_| mark == '.' || tokens.is_glued(at + 2))?;
    let (month, day) = in_order(first, second);
    let mut end = at + 3;
    if !in_calendar(month, day) || goes_on(tokens, end) || tokens.makes_amount(end) {
        return None;
    }
    if mark == '.' {
        let german = matches!(tokens.word_before(at), "am" | "vom" | "bis" | "zum" | "ab" | "seit" | "den" | "dem");
        let closed = tokens.glued_mark(end, '.');
        let after = end + usize::from(closed);
        // "A rating of 4.5." ends a sentence, "3.12." hardly does.
        let ends = tokens.get(after).is_none_or(|next| next.first.is_uppercase());
        let two_digits = tokens.digits(at + 2, 2..=2).is_some();
        let sure = german || linked || (closed && (!ends || two_digits));
        if !sure || !(closed || tokens.is_glued(at + 2)) || tokens.makes_amount(after) {
            return None;
        }
        end = after;
    }
    Some((made(None, month, day)?, end))
}

/// "24/7" is the one fraction of a calendar that never means a date.
fn always_on(tokens: &Tokens, at: usize) -> bool {
    tokens.digits(at, 2..=2) == Some(24)
        && tokens.glued_mark(at + 1, '/')
        && tokens.digits(at + 2, 1..=1) == Some(7)
        && !tokens.glued_mark(at + 3, '/')
}

/// Day first, as most of the world writes, unless only the other order makes sense.
fn in_order(first: u32, second: u32) -> (u32, u32) {
    if second > 12 && first <= 12 { (first, second) } else { (second, first) }
}

fn in_calendar(month: u32, day: u32) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// A year that someone may travel in, or was born in.
pub(super) fn year(value: u32) -> Option<i16> {
    i16::try_from(value).ok().filter(|year| (1900..2200).contains(year))
}

fn made(year: Option<i16>, month: u32, day: u32) -> Option<Day> {
    Some(Day { year, month: Some(i8::try_from(month).ok()?), day: i8::try_from(day).ok()?, weekday: None })
}

fn separator(tokens: &Tokens, at: usize) -> Option<char> {
    ['-', '/', '.'].into_iter().find(|mark| tokens.glued_mark(at, *mark))
}

fn glued_digits(tokens: &Tokens, at: usize) -> Option<u32> {
    tokens.digits(at, 1..=2).filter(|_| tokens.is_glued(at))
}

/// More figures follow without a space: an address or a serial number, not a date.
fn goes_on(tokens: &Tokens, end: usize) -> bool {
    let dotted = ['.', '/', ':'].into_iter().any(|mark| tokens.glued_mark(end, mark));
    dotted && tokens.is_glued(end + 1) && tokens.is_digits(end + 1)
}
