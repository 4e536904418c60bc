//! Trains: what a search takes and gives, and how a day's timetable comes about.

use std::collections::BTreeSet;
use std::fmt;

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

/// Up to this distance in km, at least one train a day goes without a change.
const DIRECT_UP_TO_KM: u32 = 700;

/// The class of a train's seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TrainClass {
    /// Wide seats.
    First,
    /// Ordinary seats.
    Second,
}

impl fmt::Display for TrainClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first",
            Self::Second => "second",
        })
    }
}

/// Seats of one class on a train of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Train {
    /// Id to book it with.
    pub train_id: String,
    /// First or second class.
    pub class: TrainClass,
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
    /// Changes on the way; 0 is a direct train.
    pub changes: u32,
    /// EUR for one traveller.
    #[schemars(extend("x-lowest" = "cheapest", "x-highest" = "dearest"))]
    pub price: u32,
    /// Seats that can still be booked.
    pub seats_left: u32,
}

/// What to search trains by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrainSearch {
    /// City of departure: its name in any language, or its airport's code.
    pub origin: String,
    /// City of arrival.
    pub destination: String,
    /// Date of departure.
    pub date: Date,
    /// How many travel; trains with fewer seats left are not listed.
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
    /// Only trains without a change.
    #[serde(default)]
    pub direct_only: bool,
    /// Only this class.
    #[serde(default)]
    pub class: Option<TrainClass>,
}

impl TrainSearch {
    /// All trains of a day for one traveller. Narrow it by setting the other fields.
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
            class: None,
        }
    }

    fn admits(&self, train: &Train) -> bool {
        train.seats_left >= self.travellers
            && self.max_price.is_none_or(|most| train.price <= most)
            && self.depart_after.is_none_or(|time| train.departs >= time)
            && self.depart_before.is_none_or(|time| train.departs <= time)
            && (!self.direct_only || train.changes == 0)
            && self.class.is_none_or(|class| train.class == class)
    }
}

impl World {
    /// The trains that fit, cheapest first; none if no rails link the two cities.
    ///
    /// # Errors
    /// For an unknown city, twice the same city, a date without offers, or 0 travellers.
    pub fn search_trains(&self, search: &TrainSearch) -> Result<Vec<Train>, WorldError> {
        search::at_least_one("travellers", search.travellers)?;
        let (origin, destination) = search::pair(&search.origin, &search.destination)?;
        check_date(self.today(), "departure", search.date)?;
        let connection = self.lock();
        let mut trains = timetable(self.seed, origin, destination, search.date);
        for train in &mut trains {
            train.seats_left = train.seats_left.saturating_sub(stock::taken_seats(&connection, &train.train_id)?);
        }
        trains.retain(|train| search.admits(train));
        trains.sort_by_key(|train| train.price);
        Ok(trains)
    }

    /// The train of a parsed id with the seats that are left; `None` if the day has no such train.
    pub(super) fn find_train(&self, connection: &Connection, trip: &Trip) -> Result<Option<Train>, WorldError> {
        let id = Item::Train(*trip).to_string();
        let mut trains = timetable(self.seed, trip.origin, trip.destination, trip.date).into_iter();
        let Some(mut train) = trains.find(|train| train.train_id == id) else {
            return Ok(None);
        };
        train.seats_left = train.seats_left.saturating_sub(stock::taken_seats(connection, &id)?);
        Ok(Some(train))
    }
}

/// All trains of a day in order of departure, every seat free.
fn timetable(seed: u64, origin: &'static City, destination: &'static City, date: Date) -> Vec<Train> {
    if !origin.is_linked_by_rail(destination) {
        return Vec::new();
    }
    let mut noise = Noise::new(seed, &["trains", &origin.code, &destination.code, &date.to_string()]);
    let km = origin.distance_km(destination);
    let count = noise.between(4, 7);
    let direct = noise.between(0, count - 1);
    let (mut prices, mut durations) = (BTreeSet::new(), BTreeSet::new());
    (0..)
        .zip(departures(&mut noise, count))
        .filter_map(|(n, departs)| {
            let most_changes = 1 + km / 400;
            let changes = if n == direct && km <= DIRECT_UP_TO_KM { 0 } else { noise.between(0, most_changes) };
            // Rails are a quarter longer than the straight line; a change costs half an hour.
            let riding = km * 75 / noise.between(105, 175);
            let waiting = changes * noise.between(20, 45);
            let duration = untied(&mut durations, (riding + waiting + 10).div_ceil(5) * 5, 5);
            let (class, comfort) = match noise.between(1, 100) {
                ..=30 => (TrainClass::First, 1.6),
                _ => (TrainClass::Second, 1.0),
            };
            let fare = (11.0 + 0.105 * f64::from(km)) * season(date) * noise.percent(70, 135) * comfort;
            let price = untied(&mut prices, fare.round() as u32, 1);
            let ahead = destination.utc_offset_minutes - origin.utc_offset_minutes;
            let (departs, arrival) = times(date, departs, duration, ahead)?;
            Some(Train {
                train_id: Item::Train(Trip { origin, destination, date, number: n + 1 }).to_string(),
                class,
                origin: origin.name.clone(),
                destination: destination.name.clone(),
                date,
                departs,
                arrives: arrival.time(),
                arrival_date: arrival.date(),
                duration_minutes: duration,
                changes,
                price,
                seats_left: noise.between(1, 9),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;

    use super::super::cities;
    use super::*;

    fn day() -> Date {
        date(2026, 12, 3)
    }

    fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> usize {
        values.collect::<BTreeSet<T>>().len()
    }

    #[test]
    fn nothing_ties_on_any_line() {
        let mut noise = Noise::new(7, &["test"]);
        let mut lines = 0;
        for origin in cities() {
            for destination in cities().iter().filter(|city| origin.is_linked_by_rail(city)) {
                lines += 1;
                let date = day().checked_add(i64::from(noise.between(0, 300)).days()).unwrap();
                let trains = timetable(1, origin, destination, date);
                assert!((4..=7).contains(&trains.len()));
                assert_eq!(distinct(trains.iter().map(|train| train.price)), trains.len());
                assert_eq!(distinct(trains.iter().map(|train| train.departs)), trains.len());
                assert_eq!(distinct(trains.iter().map(|train| train.duration_minutes)), trains.len());
            }
        }
        assert!(lines >= 500, "{lines}");
    }

    #[test]
    fn trains_are_found_on_land_only() {
        let world = World::in_memory(date(2026, 11, 23)).unwrap();
        let trains = world.search_trains(&TrainSearch::new("Graz", "Wien", day())).unwrap();
        assert!(trains.is_sorted_by_key(|train| train.price));
        assert!(trains.iter().any(|train| train.changes == 0));
        assert!(trains.iter().all(|train| train.train_id.starts_with("T-GRZVIE-20261203-")));
        assert!(trains.iter().all(|train| (50..200).contains(&train.duration_minutes)), "{trains:#?}");
        let sea = TrainSearch::new("Berlin", "New York", day());
        assert!(world.search_trains(&sea).unwrap().is_empty());
    }

    #[test]
    fn the_class_can_be_chosen() {
        let world = World::in_memory(date(2026, 11, 23)).unwrap();
        let all = TrainSearch::new("Paris", "Lyon", day());
        let count = |class| {
            let search = TrainSearch { class: Some(class), ..all.clone() };
            let trains = world.search_trains(&search).unwrap();
            assert!(trains.iter().all(|train| train.class == class));
            trains.len()
        };
        let all = world.search_trains(&all).unwrap().len();
        assert_eq!(count(TrainClass::First) + count(TrainClass::Second), all);
    }
}
