//! The runs that are killed: what is asked for, what the model says, who approves.

use cicerone::{
    message::{Part, ToolCall},
    model::Response,
};
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    watch::Ending,
    world::{FlightSearch, HotelSearch, World},
};

/// The day on which all requests are made: a Monday.
pub(crate) const TODAY: Date = date(2026, 11, 23);

/// A run of a certain shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Journey {
    /// A plan with three bookings, after an answer that was none.
    Trip,
    /// The same, and a booking must not be repeated: its tool is asked what came of it.
    TripOnce,
    /// A model that decides call by call, with two bookings.
    Decisions,
    /// A plan with two bookings, and a person who looks in for one at a time.
    Waiting,
    /// A plan whose hotel can't be had: the flights are given back.
    Fails,
    /// A plan with two bookings, which somebody wants undone when they are made, and must not be undone twice.
    Undone,
}

/// Who approves bookings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Person {
    /// Somebody who is there all the time.
    Always,
    /// Somebody who approves of one and leaves.
    Once,
    /// Nobody.
    Away,
}

impl Journey {
    /// All of them.
    pub(crate) const ALL: [Self; 6] =
        [Self::Trip, Self::TripOnce, Self::Decisions, Self::Waiting, Self::Fails, Self::Undone];

    /// What it is, in words.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Trip => "a plan: return trip with hotel",
            Self::TripOnce => "the same, bookings not to be repeated",
            Self::Decisions => "call by call, two bookings",
            Self::Waiting => "approved from other processes",
            Self::Fails => "a trip without a hotel, given back",
            Self::Undone => "bookings undone on request",
        }
    }

    pub(crate) fn request(self) -> &'static str {
        match self {
            Self::Trip | Self::TripOnce | Self::Fails => {
                "Berlin to Lisbon on 3 December, back on the 7th, and a hotel for the nights, the cheapest of everything"
            }
            Self::Decisions | Self::Waiting | Self::Undone => {
                "Book the cheapest flight from Paris to Madrid on 5 January and the cheapest hotel there till 8 January."
            }
        }
    }

    /// What the model says, in order.
    pub(crate) fn replies(self, world: &World) -> Vec<Response> {
        match self {
            Self::Trip | Self::TripOnce | Self::Fails => vec![
                Response::text("With pleasure!"),
                Response::text(
                    "# Berlin to Lisbon on 3 December\n\
                     book_flight(cheapest(search_flights(\"Berlin\",\"Lisbon\",d1)))\n\
                     # back on the 7th\n\
                     book_flight(cheapest(search_flights(\"Lisbon\",\"Berlin\",d2)))\n\
                     # a hotel for the nights\n\
                     book_hotel(cheapest(search_hotels(\"Lisbon\",d1,d2)))\n\
                     end",
                ),
            ],
            Self::Waiting | Self::Undone => vec![Response::text(
                "# the cheapest flight from Paris to Madrid on 5 January\n\
                 book_flight(cheapest(search_flights(\"Paris\",\"Madrid\",d1)))\n\
                 # the cheapest hotel there till 8 January\n\
                 book_hotel(cheapest(search_hotels(\"Madrid\",d1,d2)))\n\
                 end",
            )],
            Self::Decisions => decisions(world),
        }
    }

    /// Whether the model decides call by call.
    pub(crate) fn decides(self) -> bool {
        self == Self::Decisions
    }

    /// Whether a booking counts as something that must not be repeated.
    pub(crate) fn books_once(self) -> bool {
        matches!(self, Self::TripOnce | Self::Undone)
    }

    /// Whether this tool can do nothing.
    pub(crate) fn fails_at(self, tool: &str) -> bool {
        self == Self::Fails && tool == "book_hotel"
    }

    /// Whether the visit is one of somebody who wants everything undone.
    pub(crate) fn regrets(self, sitting: usize) -> bool {
        self == Self::Undone && sitting == 1
    }

    /// Whether somebody comes again after a visit that ended so.
    pub(crate) fn goes_on_after(self, sitting: usize, ending: &Ending) -> bool {
        matches!(ending, Ending::Waiting(_)) || self.regrets(sitting + 1)
    }

    /// Who is there after so many visits.
    pub(crate) fn person(self, sitting: usize) -> Person {
        match self {
            Self::Waiting if sitting == 0 => Person::Away,
            Self::Waiting => Person::Once,
            _ => Person::Always,
        }
    }

    /// How many bookings there are in the end, and how many of them hold.
    pub(crate) fn bookings(self) -> (usize, usize) {
        match self {
            Self::Trip | Self::TripOnce => (3, 3),
            Self::Decisions | Self::Waiting => (2, 2),
            Self::Fails | Self::Undone => (2, 0),
        }
    }
}

fn decisions(world: &World) -> Vec<Response> {
    let (there, back) = (date(2027, 1, 5), date(2027, 1, 8));
    let flights = world.search_flights(&FlightSearch::new("Paris", "Madrid", there)).unwrap();
    let hotels = world.search_hotels(&HotelSearch::new("Madrid", there, back)).unwrap();
    let flight = flights.into_iter().min_by_key(|flight| flight.price).unwrap().flight_id;
    let hotel = hotels.into_iter().min_by_key(|hotel| hotel.price).unwrap().offer_id;
    let both = |one: (&str, Value), other: (&str, Value)| {
        let parts = [("1", one), ("2", other)]
            .map(|(id, (tool, args))| Part::ToolCall(ToolCall { id: id.to_owned(), tool: tool.to_owned(), args }));
        Response::new(parts.into())
    };
    vec![
        both(
            ("search_flights", json!({"origin": "Paris", "destination": "Madrid", "date": there})),
            ("search_hotels", json!({"city": "Madrid", "check_in": there, "check_out": back})),
        ),
        both(
            ("book_flight", json!({"flight": flight, "travellers": 1})),
            ("book_hotel", json!({"hotel": hotel, "rooms": 1})),
        ),
        Response::text("The flight and the hotel are booked."),
    ]
}
