//! When the library is open.

use jiff::civil::{Date, Time, Weekday, time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A day's opening hours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct OpeningHours {
    date: Date,
    weekday: String,
    /// When it opens; nothing on a day on which it stays closed.
    opens: Option<Time>,
    closes: Option<Time>,
}

/// The opening hours of a day: closed on Sundays, from 24 to 26 December and at New Year, late on Wednesdays.
pub(super) fn of(date: Date) -> OpeningHours {
    let (weekday, hours) = match date.weekday() {
        Weekday::Monday => ("Monday", Some((10, 18))),
        Weekday::Tuesday => ("Tuesday", Some((10, 18))),
        Weekday::Wednesday => ("Wednesday", Some((12, 20))),
        Weekday::Thursday => ("Thursday", Some((10, 18))),
        Weekday::Friday => ("Friday", Some((10, 17))),
        Weekday::Saturday => ("Saturday", Some((9, 14))),
        Weekday::Sunday => ("Sunday", None),
    };
    let holiday = matches!((date.month(), date.day()), (12, 24..=26) | (1, 1));
    let hours = hours.filter(|_| !holiday);
    let clock = |hour| time(hour, 0, 0, 0);
    OpeningHours {
        date,
        weekday: weekday.to_owned(),
        opens: hours.map(|(opens, _)| clock(opens)),
        closes: hours.map(|(_, closes)| clock(closes)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn sundays_and_holidays_are_closed_and_wednesdays_are_late() {
        assert_eq!(of(date(2026, 11, 29)).opens, None);
        assert_eq!(of(date(2026, 12, 24)).opens, None);
        assert_eq!(of(date(2027, 1, 1)).closes, None);
        assert_eq!(of(date(2026, 12, 2)).closes, Some(time(20, 0, 0, 0)));
        assert_eq!(of(date(2026, 12, 5)).opens, Some(time(9, 0, 0, 0)));
    }
}
