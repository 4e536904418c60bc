//! Offer ids: an id alone says what is offered, where and when, so nothing has to be stored before a booking.
//!
//! | Offer | Id | Reading |
//! |-------|----|---------|
//! | flight | `F-BERLIS-20261203-3` | from Berlin to Lisbon on 3 December 2026, the day's third |
//! | train | `T-GRZVIE-20261203-1` | from Graz to Vienna on that day, the day's first |
//! | hotel | `H-GRZ-2-20261203-20261207` | Graz's second hotel, from the 3rd to the 7th |

use std::fmt;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::{compact, from_compact};
use super::cities::{City, by_code};
use super::error::{WorldError, WorldErrorKind};

/// What can be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BookingKind {
    /// Seats on a flight.
    Flight,
    /// Seats on a train.
    Train,
    /// Rooms of a hotel.
    Hotel,
}

impl BookingKind {
    /// The word that the database and the sentences use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flight => "flight",
            Self::Train => "train",
            Self::Hotel => "hotel",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        [Self::Flight, Self::Train, Self::Hotel].into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for BookingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A flight or a train of one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Trip {
    pub(super) origin: &'static City,
    pub(super) destination: &'static City,
    pub(super) date: Date,
    pub(super) number: u32,
}

/// Nights in one hotel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stay {
    pub(super) city: &'static City,
    pub(super) number: u32,
    pub(super) check_in: Date,
    pub(super) check_out: Date,
}

impl Stay {
    /// The hotel's own id, without the dates: `H-GRZ-2`.
    pub(super) fn hotel_id(&self) -> String {
        format!("H-{}-{}", self.city.code, self.number)
    }
}

/// A parsed offer id. Whether the offer exists is for the timetable to say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Item {
    Flight(Trip),
    Train(Trip),
    Hotel(Stay),
}

impl Item {
    pub(super) fn kind(&self) -> BookingKind {
        match self {
            Self::Flight(_) => BookingKind::Flight,
            Self::Train(_) => BookingKind::Train,
            Self::Hotel(_) => BookingKind::Hotel,
        }
    }

    /// Reads an id in any case, with space around it.
    pub(super) fn parse(text: &str) -> Result<Self, WorldError> {
        let id = text.trim().to_ascii_uppercase();
        let parts: Vec<&str> = id.split('-').collect();
        let item = match parts.as_slice() {
            ["F", pair, date, number] => trip(pair, date, number).map(Self::Flight),
            ["T", pair, date, number] => trip(pair, date, number).map(Self::Train),
            ["H", city, hotel, check_in, check_out] => stay(city, hotel, check_in, check_out).map(Self::Hotel),
            _ => None,
        };
        item.ok_or_else(|| unknown(text))
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flight(Trip { origin, destination, date, number }) => {
                write!(f, "F-{}{}-{}-{number}", origin.code, destination.code, compact(*date))
            }
            Self::Train(Trip { origin, destination, date, number }) => {
                write!(f, "T-{}{}-{}-{number}", origin.code, destination.code, compact(*date))
            }
            Self::Hotel(stay) => {
                write!(f, "{}-{}-{}", stay.hotel_id(), compact(stay.check_in), compact(stay.check_out))
            }
        }
    }
}

/// The error for an id that names no offer.
pub(super) fn unknown(text: &str) -> WorldError {
    let shown: String = text.trim().chars().take(60).collect();
    WorldError::new(
        WorldErrorKind::UnknownItem,
        format!("No offer has the id \u{201c}{shown}\u{201d}. Search again and copy an id from the results."),
    )
}

fn trip(pair: &str, date: &str, number: &str) -> Option<Trip> {
    let (origin, destination) = pair.split_at_checked(3)?;
    Some(Trip {
        origin: by_code(origin)?,
        destination: by_code(destination)?,
        date: from_compact(date)?,
        number: number.parse().ok()?,
    })
}

fn stay(city: &str, number: &str, check_in: &str, check_out: &str) -> Option<Stay> {
    Some(Stay {
        city: by_code(city)?,
        number: number.parse().ok()?,
        check_in: from_compact(check_in)?,
        check_out: from_compact(check_out)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_in_any_case() {
        for id in ["F-BERLIS-20261203-3", "T-GRZVIE-20261203-1", "H-GRZ-2-20261203-20261207"] {
            assert_eq!(Item::parse(id).unwrap().to_string(), id);
            assert_eq!(Item::parse(&format!(" {} ", id.to_lowercase())).unwrap().to_string(), id);
        }
    }

    #[test]
    fn other_text_is_no_id() {
        for text in ["", "F", "F-BERXXX-20261203-1", "F-BERLIS-20261303-1", "H-GRZ-2", "B-ÄÖÜ-1-2", "F-BÄR-20261203-1"]
        {
            assert_eq!(Item::parse(text).unwrap_err().kind(), WorldErrorKind::UnknownItem, "{text}");
        }
    }
}
