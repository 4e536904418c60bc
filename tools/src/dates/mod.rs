//! A reader of dates, times, durations and numbers. See [`Dates`].

use std::ops::Range;

use cicerone_core::reading::{Mention, Reader};
use jiff::civil::Date;

mod amount;
mod calendar;
mod clock;
mod han;
mod numeric;
mod relative;
mod resolve;
mod scan;
#[cfg(test)]
mod tests;
mod token;
mod units;
mod words;

/// Finds dates, times, durations and numbers in a request and works out their values relative to a given day.
///
/// It reads English, German and Spanish, and the basics of French and Chinese, mixed as they come. Accents and capitals
/// don't matter. It is pure and quick: one pass over the words, the calendar's sums by jiff, no model, no clock.
///
/// ```
/// use cicerone_core::reading::{MentionKind, Reader};
/// use cicerone_tools::Dates;
/// use jiff::civil::date;
///
/// let request = "Two of us, Graz, 3 December for 4 nights, under 90 EUR, arriving before noon";
/// let mentions = Dates::new(date(2026, 11, 23)).read(request);
///
/// let found: Vec<_> = mentions.iter().map(|m| format!("{} = {}", &request[m.span.clone()], m.value)).collect();
/// assert_eq!(
///     found,
///     ["Two = 2", r#"3 December = "2026-12-03""#, r#"4 nights = "2026-12-07""#, "90 = 90", r#"noon = "12:00:00""#],
/// );
/// assert_eq!(mentions[1].kind, MentionKind::Date);
/// ```
///
/// # What phrases come to
///
/// | Phrase | Value |
/// |---|---|
/// | a date without a year | the next such date, today included |
/// | a bare day ("the 7th", "3 to 7 December") | the next such day from the date before it, or else from today |
/// | `3/12/2026` | day first, unless the second number can only be a day |
/// | a weekday, also with "this" and "next" | the next such day after today |
/// | a weekday after an earlier date and "to", "until", "back" or "return" | the first such day after that date |
/// | "this weekend" | its Saturday; on a Sunday, today |
/// | "next weekend" | the Saturday after this weekend's |
/// | a duration ("3 nights") | the date on which it ends, counted from the closest date before it, or else from the first date of the request |
/// | a duration in a request without dates | its count, as a number, over the count's words |
/// | a time without "am", "pm" or the like | as on a 24-hour clock |
///
/// A duration after a range that it fits ("3 to 7 December, 4 nights") ends with that range. Durations of one unit in
/// a row add up, unless they are days: "3 December, 2 nights in Graz and 2 nights in Vienna" ends on the 7th.
///
/// Words that only may be numbers or dates stay words: "one way", "a second", "in March", "this morning", "next week".
/// Dates that don't exist are not bent into ones that do; [`impossible`](Dates::impossible) gives their places.
#[derive(Clone, Debug)]
pub struct Dates {
    today: Date,
    units: Vec<units::Unit>,
}

impl Dates {
    /// A reader for which today is `today`.
    ///
    /// ```
    /// use cicerone_core::reading::Reader;
    /// use cicerone_tools::Dates;
    /// use jiff::civil::date;
    ///
    /// let mentions = Dates::new(date(2026, 12, 31)).read("a train tomorrow");
    /// assert_eq!(mentions[0].value, "2027-01-01");
    /// ```
    #[must_use]
    pub const fn new(today: Date) -> Self {
        Self { today, units: Vec::new() }
    }

    /// Says by which words numbers are known to count something: words and signs that stand before or after a number.
    ///
    /// A tool's argument that declares the unit with the schema extension `x-unit` then takes no other numbers but
    /// those without a unit. A unit that no argument declares keeps its numbers from all that declare one.
    ///
    /// ```
    /// use cicerone_core::reading::Reader;
    /// use cicerone_tools::Dates;
    /// use jiff::civil::date;
    ///
    /// let reader = Dates::new(date(2026, 11, 23)).unit("star", &["star", "stars"]).unit("money", &["EUR", "€"]);
    /// let mentions = reader.read("a hotel with 4 stars under €90 for 2");
    /// let units: Vec<_> = mentions.iter().map(|mention| mention.unit.as_deref()).collect();
    /// assert_eq!(units, [Some("star"), Some("money"), None]);
    /// ```
    #[must_use]
    pub fn unit(mut self, name: &str, words: &[&str]) -> Self {
        self.units.push(units::Unit::new(name, words));
        self
    }

    /// Where `text` names days that don't exist, in bytes: "31 February", or a weekday that contradicts its date.
    ///
    /// [`read`](Reader::read) leaves them out, so that nobody travels on a day that was guessed; a caller can point
    /// them out to the user.
    ///
    /// ```
    /// use cicerone_core::reading::Reader;
    /// use cicerone_tools::Dates;
    /// use jiff::civil::date;
    ///
    /// let dates = Dates::new(date(2026, 11, 23));
    /// assert_eq!(dates.impossible("on 31 February"), [3..14]);
    /// assert!(dates.read("on 31 February").is_empty());
    /// assert!(dates.impossible("on 28 February").is_empty());
    /// ```
    #[must_use]
    pub fn impossible(&self, text: &str) -> Vec<Range<usize>> {
        resolve::resolve(text, self.today).impossible
    }
}

impl Reader for Dates {
    fn read(&self, text: &str) -> Vec<Mention> {
        let mut mentions = resolve::resolve(text, self.today).mentions;
        units::annotate(text, &mut mentions, &self.units);
        mentions
    }
}
