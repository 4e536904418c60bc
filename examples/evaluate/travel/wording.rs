//! Wishes, offers and bookings in plain words, for the reasons that a grade gives.

use std::fmt;

use crate::world::{Booking, BookingKind};

use super::expect::{Pick, Status, Wish};
use super::offers::Offer;

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pick, self.kind)?;
        let text = |name: &Option<String>| name.clone().unwrap_or_else(|| "nowhere".to_owned());
        let day = |date: &Option<jiff::civil::Date>| date.map_or_else(|| "no day".to_owned(), |date| date.to_string());
        match self.kind {
            BookingKind::Hotel => {
                write!(f, " in {} from {} to {}", text(&self.city), day(&self.check_in), day(&self.check_out))?;
            }
            BookingKind::Flight | BookingKind::Train => {
                write!(f, " from {} to {} on {}", text(&self.origin), text(&self.destination), day(&self.date))?;
            }
        }
        if let Some(time) = self.depart_after {
            write!(f, ", after {}", time.strftime("%H:%M"))?;
        }
        if let Some(time) = self.depart_before {
            write!(f, ", before {}", time.strftime("%H:%M"))?;
        }
        if let Some(most) = self.max_price {
            write!(f, ", up to {most} EUR")?;
        }
        if let Some(most) = self.max_price_per_night {
            write!(f, ", up to {most} EUR a night")?;
        }
        if let Some(least) = self.min_rating {
            write!(f, ", rated {least} or better")?;
        }
        if let Some(least) = self.min_stars {
            write!(f, ", {least} stars or more")?;
        }
        if self.quantity() != 1 {
            let unit = if self.kind == BookingKind::Hotel { "rooms" } else { "seats" };
            write!(f, ", {} {unit}", self.quantity())?;
        }
        if let Some(traveller) = &self.traveller {
            write!(f, ", for {traveller}")?;
        }
        self.or.iter().try_for_each(|other| write!(f, ", or if it is cheaper {other}"))
    }
}

impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "a",
            Self::Cheapest => "the cheapest",
            Self::Dearest => "the dearest",
            Self::Earliest => "the earliest",
            Self::Latest => "the latest",
            Self::Fastest => "the fastest",
            Self::BestRated => "the best rated",
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Completed => "an answer",
            Self::NeedsInput => "a question",
            Self::Failed => "an error",
        })
    }
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {} EUR", self.id, self.price)
    }
}

/// The wish and the offers that fulfil it: `the cheapest flight from … (F-… for 120 EUR)`.
pub(super) fn wanted(wish: &Wish, right: &[Offer]) -> String {
    match right {
        [only] => format!("{wish} ({only})"),
        several => format!("{wish} (any of {})", several.len()),
    }
}

/// `2 × Flight from … for Ada Winter, 240 EUR (F-…)`.
pub(super) fn booked(booking: &Booking) -> String {
    let Booking { quantity, description, traveller, price, item, .. } = booking;
    format!("{quantity} × {description}, for {traveller}, {price} EUR ({item})")
}

/// `a, b or c`.
pub(super) fn any_of<T: fmt::Display>(several: &[T]) -> String {
    let words: Vec<String> = several.iter().map(T::to_string).collect();
    match words.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}
