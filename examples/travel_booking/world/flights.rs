//! Flights: what a search takes and gives, and how a day's timetable comes about.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use rusqlite::Connection;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::World;
use super::calendar::{check_date, departures, season, times, untied};
use super::cities::City;
use super::error::WorldError;
use super::item::{Item, Trip};
use super::noise::Noise;
use super::{search, stock};

/// Up to this distance in km, at least one flight a day goes without a stop.
const DIRECT_UP_TO_KM: u32 = 9_500;

/// Invented, like everything here: name and code.
const AIRLINES: [&str; 11] = [
    "Meridian Air (MJ)",
    "Aurora Wings (AQ)",
    "Blue Heron (BH)",
    "Cirrus Lines (CJ)",
    "Swift Atlantic (SW)",
    "Halcyon (HX)",
    "Northern Star (NX)",
    "Kestrel Airways (KW)",
    "Solano Air (SO)",
    "Compass Jet (CQ)",
    "Lark Express (LX)",
];

/// A flight of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Flight {
    /// Id to book it with.
    pub flight_id: String,
    /// The airline's name and code.
    pub airline: String,
    /// City of departure.
    pub origin: String,
    /// City of arrival.
    pub destination: String,
    /// Date of departure.
    pub date: Date,
    /// Departure, in the origin's local time.
    #[schemars(extend("x-lowest" = "earliest", "x-highest" = "latest"))]
    pub departs: Time,
    /// Arrival, in the destination's local time.
    pub arrives: Time,
    /// Date of arrival, in the destination's local time.
    pub arrival_date: Date,
    /// Minutes from departure to arrival.
    #[schemars(extend("x-lowest" = "fastest"))]
    pub duration_minutes: u32,
    /// Stops on the way; 0 is a direct flight.
    pub stops: u32,
    /// EUR for one traveller.
    #[schemars(extend("x-lowest" = "cheapest", "x-highest" = "dearest"))]
    pub price: u32,
    /// Seats that can still be booked.
    pub seats_left: u32,
}

/// What to search flights by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FlightSearch {
    /// City of departure: its name in any language, or an airport's code.
    pub origin: String,
    /// City of arrival.
    pub destination: String,
    /// Date of departure.
    pub date: Date,
    /// How many travel; flights with fewer seats left are not listed.
    #[serde(default = "search::one")]
    pub travellers: u32,
    /// Highest price in EUR for one traveller.
    #[serde(default)]
    pub max_price: Option<u32>,
    /// Depart at this time or later.
    #[serde(default)]
    pub depart_after: Option<Time>,
    /// Depart at this time or earlier.
    #[serde(default)]
    pub depart_before: Option<Time>,
    /// Only flights without a stop.
    #[serde(default)]
    pub direct_only: bool,
}

impl FlightSearch {
    /// All flights of a day for one traveller. Narrow it by setting the other fields.
    #[must_use]
    pub fn new(origin: impl Into<String>, destination: impl Into<String>, date: Date) -> Self {
        Self {
            origin: origin.into(),
            destination: destination.into(),
            date,
            travellers: 1,
            max_price: None,
            depart_after: None,
            depart_before: None,
            direct_only: false,
        }
    }

    fn admits(&self, flight: &Flight) -> bool {
        flight.seats_left >= self.travellers
            && self.max_price.is_none_or(|most| flight.price <= most)
            && self.depart_after.is_none_or(|time| flight.departs >= time)
            && self.depart_before.is_none_or(|time| flight.departs <= time)
            && (!self.direct_only || flight.stops == 0)
    }
}

impl World {
    /// The flights that fit, cheapest first; none if nobody flies between the two cities.
    ///
    /// # Errors
    /// For an unknown city, twice the same city, a date without offers, or 0 travellers.
    pub fn search_flights(&self, search: &FlightSearch) -> Result<Vec<Flight>, WorldError> {
        search::at_least_one("travellers", search.travellers)?;
        let (origin, destination) = search::pair(&search.origin, &search.destination)?;
        check_date(self.today(), "departure", search.date)?;
        let connection = self.lock();
        let mut flights = timetable(self.seed, origin, destination, search.date);
        for flight in &mut flights {
            flight.seats_left = flight.seats_left.saturating_sub(stock::taken_seats(&connection, &flight.flight_id)?);
        }
        flights.retain(|flight| search.admits(flight));
        flights.sort_by_key(|flight| flight.price);
        Ok(flights)
    }

    /// The flight of a parsed id with the seats that are left; `None` if the day has no such flight.
    pub(super) fn find_flight(&self, connection: &Connection, trip: &Trip) -> Result<Option<Flight>, WorldError> {
        let id = Item::Flight(*trip).to_string();
        let mut flights = timetable(self.seed, trip.origin, trip.destination, trip.date).into_iter();
        let Some(mut flight) = flights.find(|flight| flight.flight_id == id) else {
            return Ok(None);
        };
        flight.seats_left = flight.seats_left.saturating_sub(stock::taken_seats(connection, &id)?);
        Ok(Some(flight))
    }
}

/// All flights of a day in order of departure, every seat free.
fn timetable(seed: u64, origin: &'static City, destination: &'static City, date: Date) -> Vec<Flight> {
    if !origin.is_linked_by_air(destination) {
        return Vec::new();
    }
    let mut noise = Noise::new(seed, &["flights", &origin.code, &destination.code, &date.to_string()]);
    let km = origin.distance_km(destination);
    let count = noise.between(3, 6);
    let direct = noise.between(0, count - 1);
    let first_airline = noise.between(0, 10) as usize;
    // 11 is prime, so steps of 4 meet every airline before one comes again.
    let airlines = AIRLINES.iter().cycle().skip(first_airline).step_by(4);
    let (mut prices, mut durations) = (BTreeSet::new(), BTreeSet::new());
    let offers = (0..).zip(departures(&mut noise, count)).zip(airlines);
    offers
        .filter_map(|((n, departs), airline)| {
            let stops = if n == direct && km <= DIRECT_UP_TO_KM { 0 } else { stops(&mut noise, km) };
            let duration = untied(&mut durations, minutes(&mut noise, km, stops), 5);
            let fare = (32.0 + 0.068 * f64::from(km)) * season(date) * noise.percent(70, 140);
            let price = untied(&mut prices, (fare * 0.88_f64.powi(stops as i32)).round() as u32, 1);
            let ahead = destination.utc_offset_minutes - origin.utc_offset_minutes;
            let (departs, arrival) = times(date, departs, duration, ahead)?;
            Some(Flight {
                flight_id: Item::Flight(Trip { origin, destination, date, number: n + 1 }).to_string(),
                airline: (*airline).to_owned(),
                origin: origin.name.clone(),
                destination: destination.name.clone(),
                date,
                departs,
                arrives: arrival.time(),
                arrival_date: arrival.date(),
                duration_minutes: duration,
                stops,
                price,
                seats_left: noise.between(1, 9),
            })
        })
        .collect()
}

/// The farther, the likelier a stop.
fn stops(noise: &mut Noise, km: u32) -> u32 {
    let likely = match km {
        0..=1_500 => 15,
        1_501..=4_000 => 40,
        _ => 65,
    };
    match noise.between(1, 100) {
        draw if draw > likely => 0,
        draw if km > 7_000 && draw <= 20 => 2,
        _ => 1,
    }
}

/// Flying at 820 km/h, half an hour for taxiing and climbing, and the waits between flights; in steps of five.
fn minutes(noise: &mut Noise, km: u32, stops: u32) -> u32 {
    let flying = 35 + km * 60 / 820 + noise.between(0, 20);
    let waiting: u32 = (0..stops).map(|_| 35 + noise.between(50, 150)).sum();
    (flying + waiting).div_ceil(5) * 5
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::{date, time};

    use super::super::{WorldErrorKind, cities};
    use super::*;

    fn world() -> World {
        World::in_memory(date(2026, 11, 23)).unwrap()
    }

    fn day() -> Date {
        date(2026, 12, 3)
    }

    fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> usize {
        values.collect::<BTreeSet<T>>().len()
    }

    #[test]
    fn the_same_search_gives_the_same_flights_in_any_world() {
        let search = FlightSearch::new("Berlin", "Lissabon", day());
        let flights = world().search_flights(&search).unwrap();
        assert_eq!(flights, world().search_flights(&search).unwrap());
        assert!((3..=6).contains(&flights.len()));
        assert!(flights.is_sorted_by_key(|flight| flight.price));
        for flight in &flights {
            assert!(flight.flight_id.starts_with("F-BERLIS-20261203-"));
            assert!((100..500).contains(&flight.price), "{flight:?}");
            assert!((190..650).contains(&flight.duration_minutes), "{flight:?}");
            assert!((1..=9).contains(&flight.seats_left));
        }
    }

    #[test]
    fn nothing_ties_in_a_thousand_searches() {
        let mut noise = Noise::new(7, &["test"]);
        let last = cities().len() as u32 - 1;
        for _ in 0..1_000 {
            let mut city = || &cities()[noise.between(0, last) as usize];
            let (origin, destination) = (city(), city());
            let date = date(2026, 11, 23).checked_add(i64::from(noise.between(0, 365)).days()).unwrap();
            let flights = timetable(1, origin, destination, date);
            assert_eq!(flights.is_empty(), !origin.is_linked_by_air(destination));
            assert_eq!(distinct(flights.iter().map(|flight| flight.price)), flights.len());
            assert_eq!(distinct(flights.iter().map(|flight| flight.departs)), flights.len());
            assert_eq!(distinct(flights.iter().map(|flight| flight.duration_minutes)), flights.len());
            assert_eq!(distinct(flights.iter().map(|flight| &flight.airline)), flights.len());
            assert!(flights.is_empty() || (3..=6).contains(&flights.len()));
        }
    }

    #[test]
    fn the_filters_only_take_away() {
        let world = world();
        let all = FlightSearch::new("Madrid", "New York", day());
        let narrow = FlightSearch {
            travellers: 2,
            max_price: Some(600),
            depart_after: Some(time(8, 0, 0, 0)),
            depart_before: Some(time(20, 0, 0, 0)),
            direct_only: true,
            ..all.clone()
        };
        let expected: Vec<Flight> =
            world.search_flights(&all).unwrap().into_iter().filter(|flight| narrow.admits(flight)).collect();
        assert_eq!(world.search_flights(&narrow).unwrap(), expected);
        let direct = FlightSearch { direct_only: true, ..all };
        assert!(!world.search_flights(&direct).unwrap().is_empty());
    }

    #[test]
    fn impossible_searches_say_why() {
        let world = world();
        let kind = |search: FlightSearch| world.search_flights(&search).unwrap_err().kind();
        assert_eq!(kind(FlightSearch::new("Wien", "Vienna", day())), WorldErrorKind::SameCity);
        assert_eq!(kind(FlightSearch::new("Atlantis", "Vienna", day())), WorldErrorKind::UnknownCity);
        assert_eq!(kind(FlightSearch::new("Graz", "Vienna", date(2026, 11, 22))), WorldErrorKind::Date);
        let nobody = FlightSearch { travellers: 0, ..FlightSearch::new("Graz", "Vienna", day()) };
        assert_eq!(kind(nobody), WorldErrorKind::Argument);
        assert!(world.search_flights(&FlightSearch::new("Vienna", "Bratislava", day())).unwrap().is_empty());
    }

    #[test]
    fn the_schema_carries_the_words_for_extremes() {
        let schema = serde_json::to_value(schemars::schema_for!(Flight)).unwrap();
        assert_eq!(schema.pointer("/properties/price/x-lowest").unwrap(), "cheapest");
        assert_eq!(schema.pointer("/properties/departs/x-highest").unwrap(), "latest");
        assert_eq!(schema.pointer("/properties/duration_minutes/x-lowest").unwrap(), "fastest");
        let read: FlightSearch =
            serde_json::from_str(r#"{"origin":"Graz","destination":"Wien","date":"2026-12-03"}"#).unwrap();
        assert_eq!(read, FlightSearch::new("Graz", "Wien", day()));
    }
}
