//! What a case expects, in words of the request: places, dates and a choice, never an offer's id.

use jiff::civil::{Date, Time};
use serde::Deserialize;

use crate::world::BookingKind;

/// The one right outcome of a case. What is to be booked follows from the world: the file of cases names no ids.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    /// How the run may end.
    pub(super) status: Vec<Status>,
    /// Exactly what is to be booked; nothing if it is empty.
    #[serde(default)]
    pub(super) booked: Vec<Wish>,
    /// What is asked for in vain: the world refuses the search, or finds nothing.
    #[serde(default)]
    pub(super) impossible: Vec<Wish>,
    /// What is to be booked only if it does not cost too much.
    pub(super) budget: Option<Budget>,
    /// What was booked before the run; each has a label.
    #[serde(default)]
    pub(super) before: Vec<Wish>,
    /// The labels of the earlier bookings that are to be cancelled; the others stay.
    #[serde(default)]
    pub(super) cancelled: Vec<String>,
    /// The labels of the earlier bookings that are to be looked up.
    #[serde(default)]
    pub(super) listed: Vec<String>,
    /// Searches that are to be made, with just these places, dates and filters.
    #[serde(default)]
    pub(super) searched: Vec<Wish>,
    /// An offer that the answer has to name, by its price or its id.
    pub(super) answer_names: Option<Wish>,
    /// Another outcome that is right as well; its earlier bookings are those of this one.
    pub(super) instead: Option<Box<Expect>>,
    /// A hotel that has another name than usual during the run.
    pub(super) rename_hotel: Option<Rename>,
}

impl Expect {
    /// This outcome and those that are right as well, each on the same earlier bookings.
    pub(super) fn alternatives(&self) -> Vec<Self> {
        let mut all = vec![self.clone()];
        let mut next = &self.instead;
        while let Some(other) = next {
            let (before, rename_hotel) = (self.before.clone(), self.rename_hotel.clone());
            all.push(Self { before, rename_hotel, ..(**other).clone() });
            next = &other.instead;
        }
        all
    }
}

/// How a run may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    /// With an answer.
    Completed,
    /// With a question to the user.
    NeedsInput,
    /// With an error.
    Failed,
}

/// Offers of one search, and which of them is right.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    pub(super) kind: BookingKind,
    pub(super) origin: Option<String>,
    pub(super) destination: Option<String>,
    pub(super) date: Option<Date>,
    pub(super) city: Option<String>,
    pub(super) check_in: Option<Date>,
    pub(super) check_out: Option<Date>,
    #[serde(default)]
    pub(super) pick: Pick,
    pub(super) max_price: Option<u32>,
    pub(super) depart_after: Option<Time>,
    pub(super) depart_before: Option<Time>,
    pub(super) max_price_per_night: Option<u32>,
    pub(super) min_rating: Option<f64>,
    pub(super) min_stars: Option<u32>,
    /// How many travel, or how many guests share the rooms.
    #[serde(default = "one")]
    pub(super) travellers: u32,
    /// Rooms of a hotel; as many as the guests need if it is not given.
    pub(super) rooms: Option<u32>,
    /// For whom, if not for the profile's owner.
    pub(super) traveller: Option<String>,
    /// Other searches: what costs least of all of them is right.
    #[serde(default)]
    pub(super) or: Vec<Wish>,
    /// What `cancelled` and `listed` call an earlier booking.
    pub(super) label: Option<String>,
}

/// Which of the offers that a search finds is right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pick {
    /// Each of them.
    #[default]
    Any,
    Cheapest,
    Dearest,
    Earliest,
    Latest,
    Fastest,
    BestRated,
}

/// A limit on what several bookings cost together: over it, none of them is to be made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Budget {
    /// EUR.
    pub(super) most: u32,
    /// What would be booked.
    pub(super) of: Vec<Wish>,
    /// Whether the author of the case believes that they cost less; if the world disagrees, the case is wrong.
    pub(super) met: bool,
}

/// A hotel's other name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rename {
    /// Which hotel.
    pub(super) of: Wish,
    /// What it is called.
    pub(super) name: String,
}

fn one() -> u32 {
    1
}
