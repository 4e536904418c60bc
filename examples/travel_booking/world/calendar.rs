//! Dates that can be booked, seasons, and the daily timetable.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::{SignedDuration, ToSpan};

use super::error::{WorldError, WorldErrorKind};
use super::noise::Noise;

/// How far ahead offers exist.
const DAYS_AHEAD: i64 = 365;

/// The last date that can be booked.
pub(super) fn last_day(today: Date) -> Date {
    today.saturating_add(DAYS_AHEAD.days())
}

/// Refuses dates without offers.
pub(super) fn check_date(today: Date, what: &str, date: Date) -> Result<(), WorldError> {
    let last = last_day(today);
    if (today..=last).contains(&date) {
        return Ok(());
    }
    let side = if date < today { "lies before today" } else { "is too far ahead" };
    Err(WorldError::new(
        WorldErrorKind::Date,
        format!("The {what} date {date} {side}. Choose a date from {today} to {last}."),
    ))
}

/// How the date alone changes prices: summer, the turn of the year, weekends.
pub(super) fn season(date: Date) -> f64 {
    let season = match (date.month(), date.day()) {
        (12, 18..) | (1, ..=4) => 1.40,
        (7 | 8, _) => 1.25,
        (6 | 9, _) => 1.10,
        (11, _) | (1 | 2, _) => 0.88,
        _ => 1.0,
    };
    match date.weekday() {
        Weekday::Friday | Weekday::Sunday => season * 1.08,
        _ => season,
    }
}

/// `20261203`, as offer ids write dates.
pub(super) fn compact(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

/// Reads what [`compact`] writes.
pub(super) fn from_compact(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u32 = text.parse().ok()?;
    let part = |value: u32| i8::try_from(value).ok();
    Date::new(i16::try_from(number / 10_000).ok()?, part(number / 100 % 100)?, part(number % 100)?).ok()
}

/// `08:15`.
pub(super) fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// Departures of a day in minutes after midnight: in order, none twice, spread from morning to night.
pub(super) fn departures(noise: &mut Noise, count: u32) -> Vec<u32> {
    const FIRST: u32 = 5 * 60 + 30;
    const LAST: u32 = 22 * 60;
    // One departure a window, on a multiple of five minutes: windows don't overlap, so no time comes twice.
    let window = (LAST - FIRST) / count.max(1) / 5;
    (0..count).map(|n| FIRST + 5 * (n * window + noise.between(0, window.saturating_sub(1)))).collect()
}

/// Departure and arrival in local time, where the destination's clock is `ahead` minutes before the origin's.
pub(super) fn times(date: Date, departs: u32, duration: u32, ahead: i32) -> Option<(Time, DateTime)> {
    let departs = date.to_datetime(Time::midnight()).checked_add(SignedDuration::from_mins(departs.into())).ok()?;
    let elapsed = SignedDuration::from_mins(i64::from(duration) + i64::from(ahead));
    Some((departs.time(), departs.checked_add(elapsed).ok()?))
}

/// Takes the value, or the next free one: so that no two offers of a search tie.
pub(super) fn untied(taken: &mut BTreeSet<u32>, mut value: u32, step: u32) -> u32 {
    while !taken.insert(value) {
        value += step;
    }
    value
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn compact_dates_read_back_and_others_do_not() {
        let day = date(2026, 12, 3);
        assert_eq!(compact(day), "20261203");
        assert_eq!(from_compact("20261203"), Some(day));
        for wrong in ["", "2026123", "20261303", "20260230", "+2026123", "2026-1-1", "99999999"] {
            assert_eq!(from_compact(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_date_outside_the_year_is_refused_with_the_range() {
        let today = date(2026, 11, 23);
        assert!(check_date(today, "departure", today).is_ok());
        assert!(check_date(today, "departure", date(2027, 11, 23)).is_ok());
        for day in [date(2026, 11, 22), date(2027, 11, 24)] {
            let error = check_date(today, "departure", day).unwrap_err();
            assert_eq!(error.kind(), WorldErrorKind::Date);
            assert!(error.to_string().contains("from 2026-11-23 to 2027-11-23"), "{error}");
        }
    }

    #[test]
    fn clocks_follow_the_sun() {
        let (departs, arrives) = times(date(2026, 12, 3), 13 * 60, 12 * 60, 8 * 60).unwrap();
        assert_eq!(clock(departs), "13:00");
        assert_eq!(arrives, date(2026, 12, 4).at(9, 0, 0, 0));
        let (_, arrives) = times(date(2026, 12, 3), 11 * 60, 9 * 60, -9 * 60).unwrap();
        assert_eq!(arrives, date(2026, 12, 3).at(11, 0, 0, 0));
    }
}
