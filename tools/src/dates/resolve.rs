//! Gives phrases their values: what "the 7th" and "3 nights" come to, given today and the dates around them.

use std::ops::Range;

use cicerone_core::reading::{Mention, MentionKind};
use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};
use serde_json::Value;

use super::scan::{Day, Expr, Item, scan};
use super::token::Tokens;
use super::words::{Link, Unit};

/// What a text comes to.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub(super) mentions: Vec<Mention>,
    pub(super) impossible: Vec<Range<usize>>,
}

/// Reads `text` on the day `today`.
pub(super) fn resolve(text: &str, today: Date) -> Resolved {
    let tokens = Tokens::of(text);
    let items = scan(&tokens);
    // Dates first: a stay may count from one that comes later in the text.
    let dates = dates(&items, today);
    let ends = stays(&items, &dates);
    let mut resolved = Resolved::default();
    let mut done = 0;
    for ((item, date), stay_end) in items.iter().zip(&dates).zip(&ends) {
        let (kind, value, end) = match (&item.expr, date.or(*stay_end)) {
            (Expr::Nothing, _) => continue,
            (Expr::Clock(time), _) => (MentionKind::Time, format!("{time:.0}").into(), item.end),
            (Expr::Count(number), _) => (MentionKind::Number, Value::Number(number.clone()), item.end),
            (_, Some(date)) => (MentionKind::Date, date.to_string().into(), item.end),
            (Expr::Stay { count, count_end, .. }, None) => (MentionKind::Number, (*count).into(), *count_end),
            (_, None) => {
                resolved.impossible.extend(tokens.span(item.first, item.end));
                continue;
            }
        };
        // Matchers keep apart by themselves; the promise is too important to rest on that.
        if let Some(span) = tokens.span(item.first, end).filter(|span| span.start >= done) {
            done = span.end;
            resolved.mentions.push(Mention::new(span, kind, value));
        }
    }
    resolved
}

/// The dates before the one at hand, as far as they bear on it.
#[derive(Default)]
struct Context {
    last: Option<Date>,
    /// The last date given with its year, which later ones share.
    with_year: Option<Date>,
    /// The date from which the last weekday was counted, for the next of a list: "back on Friday or Saturday".
    base: Option<Date>,
}

fn dates(items: &[Item], today: Date) -> Vec<Option<Date>> {
    let mut context = Context::default();
    let mut dates = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        if !item.is_date() {
            dates.push(None);
            continue;
        }
        let base = match item.link {
            Some(Link::List) if !item.back => context.base,
            Some(Link::Range) => context.last,
            _ => context.last.filter(|_| item.back),
        };
        let date = match &item.expr {
            Expr::Day(day) => {
                let date = match items.get(at + 1) {
                    Some(Item { expr: Expr::Day(next), link: Some(_), .. }) if day.year.is_none() => up_to(day, next),
                    _ => None,
                };
                date.or_else(|| on_day(day, item.link, &context, today))
            }
            // "In two weeks, on the Monday" is one day.
            Expr::Weekday(weekday) if is_weeks_away(at.checked_sub(1).and_then(|before| items.get(before))) => {
                context.last.and_then(|last| in_week_of(last, *weekday))
            }
            Expr::Weekday(weekday) => base.unwrap_or(today).nth_weekday(1, *weekday).ok(),
            Expr::WeekdayNextWeek(weekday) => {
                let monday = today.nth_weekday(1, Weekday::Monday).ok();
                monday.and_then(|monday| monday.checked_add(i32::from(weekday.to_monday_zero_offset()).days()).ok())
            }
            Expr::Away(count, unit) => after(today, *count, *unit),
            Expr::Weekend { next } => weekend(today, *next),
            _ => None,
        };
        context.base = base;
        if date.is_some() {
            context.last = date;
        }
        if let (Expr::Day(Day { year: Some(_), .. }), Some(_)) = (&item.expr, date) {
            context.with_year = date;
        }
        dates.push(date);
    }
    dates
}

fn is_weeks_away(item: Option<&Item>) -> bool {
    matches!(item, Some(Item { expr: Expr::Away(_, Unit::Week | Unit::Fortnight), .. }))
}

fn in_week_of(date: Date, weekday: Weekday) -> Option<Date> {
    let days = i32::from(weekday.to_monday_zero_offset()) - i32::from(date.weekday().to_monday_zero_offset());
    date.checked_add(days.days()).ok()
}

/// "3 December" of "3 December to 7 December 2027": the last before the second one.
fn up_to(day: &Day, next: &Day) -> Option<Date> {
    let second = Date::new(next.year?, next.month?, next.day).ok()?;
    let in_year = |year: i16| Date::new(year, day.month?, day.day).ok().filter(|date| *date <= second);
    let date = in_year(second.year()).or_else(|| in_year(second.year() - 1))?;
    agreed(date, day.weekday)
}

fn on_day(day: &Day, link: Option<Link>, context: &Context, today: Date) -> Option<Date> {
    let date = match (day.year, day.month) {
        (Some(year), Some(month)) => Date::new(year, month, day.day).ok(),
        (_, Some(month)) => {
            let shared = context.with_year.filter(|date| *date >= today);
            let range = context.last.filter(|_| link == Some(Link::Range));
            yearly(month, day.day, range.or(shared).unwrap_or(today).max(today))
        }
        (_, None) => monthly(day.day, context.last, today),
    };
    agreed(date?, day.weekday)
}

/// A date that contradicts its weekday is no date.
fn agreed(date: Date, weekday: Option<Weekday>) -> Option<Date> {
    weekday.is_none_or(|weekday| date.weekday() == weekday).then_some(date)
}

/// The next such day from `from` on; 29 February may take eight years, 30 February takes for ever.
fn yearly(month: i8, day: i8, from: Date) -> Option<Date> {
    (0..=8).find_map(|years| Date::new(from.year().checked_add(years)?, month, day).ok().filter(|date| *date >= from))
}

/// The next such day of a month from the last date on, or from today.
///
/// After a date the month is plain, and one too short makes the day impossible; else it is the next long enough.
fn monthly(day: i8, last: Option<Date>, today: Date) -> Option<Date> {
    let from = last.unwrap_or(today);
    let months = (0_i32..3).filter_map(|months| from.first_of_month().checked_add(months.months()).ok());
    let mut months = months.skip(usize::from(day < from.day()));
    let in_month = |month: Date| Date::new(month.year(), month.month(), day).ok();
    match last {
        Some(_) => in_month(months.next()?),
        None => months.find_map(in_month),
    }
}

fn weekend(today: Date, next: bool) -> Option<Date> {
    let weeks = i32::from(next);
    match today.weekday() {
        Weekday::Sunday if next => today.checked_add(6.days()).ok(),
        Weekday::Sunday => Some(today),
        Weekday::Saturday => today.checked_add(weeks.weeks()).ok(),
        _ => today.nth_weekday(1 + weeks, Weekday::Saturday).ok(),
    }
}

fn after(date: Date, count: i32, unit: Unit) -> Option<Date> {
    let span = match unit {
        Unit::Night | Unit::Day => Span::new().try_days(count),
        Unit::Week => Span::new().try_weeks(count),
        Unit::Fortnight => Span::new().try_days(i64::from(count) * 14),
        Unit::Month => Span::new().try_months(count),
    };
    date.checked_add(span.ok()?).ok()
}

/// The dates on which stays end.
fn stays(items: &[Item], dates: &[Option<Date>]) -> Vec<Option<Date>> {
    let first = dates.iter().copied().flatten().next();
    // The closest date before, and the one before that.
    let (mut start, mut before): (Option<Date>, Option<Date>) = (None, None);
    let mut ends = Vec::with_capacity(items.len());
    let mut last: Option<Stay> = None;
    for (item, date) in items.iter().zip(dates) {
        let Expr::Stay { count, unit, count_end } = item.expr else {
            if date.is_some() {
                (start, before, last) = (*date, start, None);
            }
            ends.push(None);
            continue;
        };
        let from = match &last {
            // "3-4 nights" are two answers to one question.
            Some(stay) if stay.open && stay.item_end + 1 == item.first => Some(stay.from),
            // Two nights and two nights are four; "3 nights, a 2-day pass" are three.
            Some(stay) if stay.unit == unit && unit != Unit::Day => Some(stay.end),
            _ => start.or(first),
        };
        let restated = before.and_then(|before| after(before, count, unit)).filter(|end| Some(*end) == start);
        let end = restated.or_else(|| after(from?, count, unit));
        if let (Some(from), Some(end), None) = (from, end, restated) {
            last = Some(Stay { from, end, unit, open: item.end == count_end, item_end: item.end });
        }
        ends.push(end);
    }
    ends
}

/// A stay whose end was worked out.
struct Stay {
    from: Date,
    end: Date,
    unit: Unit,
    /// Its unit is that of the stay behind it.
    open: bool,
    item_end: usize,
}
