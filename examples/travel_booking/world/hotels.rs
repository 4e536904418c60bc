//! Hotels: the fixed list of a new file, what a search takes and gives, and the price of a night.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rusqlite::{Connection, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::World;
use super::calendar::{check_date, season};
use super::cities::{City, cities};
use super::error::{WorldError, WorldErrorKind};
use super::find::find_city;
use super::item::{Item, Stay};
use super::noise::Noise;
use super::{search, stock};

/// The longest stay that can be booked at once.
const MOST_NIGHTS: u32 = 30;

/// How many guests share a room.
const GUESTS_A_ROOM: u32 = 2;

/// EUR between the base prices of two hotels of a city. A night's factor is above 0.8 and its noise at most
/// [`MOST_NOISE`], so the dearer hotel stays dearer by more than 2 EUR every night, and no two stays cost the same.
const PRICE_GAP: u32 = 9;

/// EUR that chance adds to a night.
const MOST_NOISE: u32 = 3;

const NAMES: [&str; 23] = [
    "Linden",
    "Aurora",
    "Bellevue",
    "Mercator",
    "Atlas",
    "Orchid",
    "Harbour",
    "Juniper",
    "Garden",
    "Lantern",
    "Cathedral",
    "Riverside",
    "Station",
    "Nightingale",
    "Observatory",
    "Marigold",
    "Compass",
    "Old Mill",
    "Arcade",
    "Cedar",
    "Belvedere",
    "Swan",
    "Terrace",
];

/// A hotel's rooms for all nights of a stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HotelOffer {
    /// Id to book it with; it contains the dates.
    pub offer_id: String,
    /// The hotel's name.
    pub hotel: String,
    /// The city.
    pub city: String,
    /// Stars, 2 to 5.
    pub stars: u32,
    /// Average rating of guests, up to 10.
    #[schemars(extend("x-highest" = "best_rated"))]
    pub rating: f64,
    /// First night.
    pub check_in: Date,
    /// Day of leaving.
    pub check_out: Date,
    /// Number of nights.
    pub nights: u32,
    /// EUR for one room and night: the average, rounded, since each night has its price.
    pub price_per_night: u32,
    /// EUR for one room and all nights.
    #[schemars(extend("x-lowest" = "cheapest", "x-highest" = "dearest"))]
    pub price: u32,
    /// Rooms that can still be booked for all these nights.
    pub rooms_left: u32,
}

/// What to search hotels by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HotelSearch {
    /// The city: its name in any language, or its airport's code.
    pub city: String,
    /// First night.
    pub check_in: Date,
    /// Day of leaving.
    pub check_out: Date,
    /// How many guests; two share a room.
    #[serde(default = "search::one")]
    pub guests: u32,
    /// How many rooms; as few as the guests need if it is not given.
    #[serde(default)]
    pub rooms: Option<u32>,
    /// Highest price in EUR for one room and night, on average over the stay.
    #[serde(default)]
    pub max_price_per_night: Option<u32>,
    /// Lowest rating of guests, up to 10.
    #[serde(default)]
    pub min_rating: Option<f64>,
    /// Fewest stars.
    #[serde(default)]
    pub min_stars: Option<u32>,
}

impl HotelSearch {
    /// All hotels for one guest. Narrow it by setting the other fields.
    #[must_use]
    pub fn new(city: impl Into<String>, check_in: Date, check_out: Date) -> Self {
        Self {
            city: city.into(),
            check_in,
            check_out,
            guests: 1,
            rooms: None,
            max_price_per_night: None,
            min_rating: None,
            min_stars: None,
        }
    }

    /// The rooms that the guests need.
    ///
    /// # Errors
    /// For 0 guests or rooms, or too few rooms for the guests.
    pub fn rooms(&self) -> Result<u32, WorldError> {
        search::at_least_one("guests", self.guests)?;
        let needed = self.guests.div_ceil(GUESTS_A_ROOM);
        let rooms = self.rooms.unwrap_or(needed);
        search::at_least_one("rooms", rooms)?;
        if rooms < needed {
            return Err(WorldError::new(
                WorldErrorKind::Argument,
                format!("{} guests don't fit into {rooms} rooms of two. Ask for {needed} rooms.", self.guests),
            ));
        }
        Ok(rooms)
    }

    fn admits(&self, offer: &HotelOffer) -> bool {
        self.max_price_per_night.is_none_or(|most| offer.price_per_night <= most)
            && self.min_rating.is_none_or(|least| offer.rating >= least)
            && self.min_stars.is_none_or(|least| offer.stars >= least)
    }
}

impl World {
    /// The hotels that fit and have rooms for all nights, cheapest first.
    ///
    /// # Errors
    /// For an unknown city, dates without offers or in the wrong order, 0 guests, or too few rooms for the guests.
    pub fn search_hotels(&self, search: &HotelSearch) -> Result<Vec<HotelOffer>, WorldError> {
        let rooms = search.rooms()?;
        let city = find_city(&search.city)?;
        check_stay(self.today(), search.check_in, search.check_out)?;
        let connection = self.lock();
        let mut offers = Vec::new();
        for (number, hotel) in (1..).zip(hotels_of(&connection, city)?) {
            let stay = Stay { city, number, check_in: search.check_in, check_out: search.check_out };
            let offer = self.offer(&connection, &hotel, &stay)?;
            if offer.rooms_left >= rooms && search.admits(&offer) {
                offers.push(offer);
            }
        }
        offers.sort_by_key(|offer| offer.price);
        Ok(offers)
    }

    /// The offer of a parsed id with the rooms that are left; `None` if the city has no such hotel.
    pub(super) fn find_hotel(&self, connection: &Connection, stay: &Stay) -> Result<Option<HotelOffer>, WorldError> {
        let id = stay.hotel_id();
        let hotels = hotels_of(connection, stay.city)?;
        match hotels.iter().find(|hotel| hotel.hotel_id == id) {
            Some(hotel) => self.offer(connection, hotel, stay).map(Some),
            None => Ok(None),
        }
    }

    fn offer(&self, connection: &Connection, hotel: &Hotel, stay: &Stay) -> Result<HotelOffer, WorldError> {
        let (nights, price) = days(stay.check_in, stay.check_out)
            .fold((0, 0), |(nights, sum), date| (nights + 1, sum + night_price(self.seed, hotel, date)));
        let taken = stock::taken_rooms(connection, stay)?;
        Ok(HotelOffer {
            offer_id: Item::Hotel(*stay).to_string(),
            hotel: hotel.name.clone(),
            city: stay.city.name.clone(),
            stars: hotel.stars,
            rating: hotel.rating,
            check_in: stay.check_in,
            check_out: stay.check_out,
            nights,
            price_per_night: (f64::from(price) / f64::from(nights.max(1))).round() as u32,
            price,
            rooms_left: hotel.rooms.saturating_sub(taken),
        })
    }

    /// Renames a hotel, for tests of what a hostile name may do to an agent.
    ///
    /// # Errors
    /// [`WorldErrorKind::UnknownItem`] unless the id is a hotel's, like `H-GRZ-2`.
    pub fn set_hotel_name(&self, hotel_id: &str, name: &str) -> Result<(), WorldError> {
        let id = hotel_id.trim().to_ascii_uppercase();
        match self.lock().execute("UPDATE hotels SET name = ?2 WHERE hotel_id = ?1", [id.as_str(), name])? {
            0 => Err(super::item::unknown(hotel_id)),
            _ => Ok(()),
        }
    }
}

/// Refuses a stay that has no offers.
pub(super) fn check_stay(today: Date, check_in: Date, check_out: Date) -> Result<(), WorldError> {
    check_date(today, "check-in", check_in)?;
    check_date(today, "check-out", check_out)?;
    let wrong = |sentence: String| Err(WorldError::new(WorldErrorKind::Date, sentence));
    if check_out <= check_in {
        return wrong(format!("The check-out date {check_out} must be later than the check-in date {check_in}."));
    }
    if days(check_in, check_out).nth(MOST_NIGHTS as usize).is_some() {
        return wrong(format!("A stay is at most {MOST_NIGHTS} nights. Book a longer one in parts."));
    }
    Ok(())
}

/// The nights of a stay, by the date of their evening.
pub(super) fn days(check_in: Date, check_out: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(check_in), |date| date.tomorrow().ok()).take_while(move |date| *date < check_out)
}

/// A row of the table of hotels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hotel {
    pub(super) hotel_id: String,
    pub(super) city_code: String,
    pub(super) name: String,
    pub(super) stars: u32,
    pub(super) rating: f64,
    pub(super) base_price: u32,
    pub(super) rooms: u32,
}

impl Hotel {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            hotel_id: row.get("hotel_id")?,
            city_code: row.get("city_code")?,
            name: row.get("name")?,
            stars: row.get("stars")?,
            rating: row.get("rating")?,
            base_price: row.get("base_price")?,
            rooms: row.get("rooms")?,
        })
    }
}

fn hotels_of(connection: &Connection, city: &City) -> Result<Vec<Hotel>, WorldError> {
    let mut rows = connection.prepare_cached("SELECT * FROM hotels WHERE city_code = ?1 ORDER BY hotel_id")?;
    let hotels = rows.query_map([&city.code], Hotel::from_row)?;
    Ok(hotels.collect::<rusqlite::Result<_>>()?)
}

fn night_price(seed: u64, hotel: &Hotel, date: Date) -> u32 {
    let day = date.to_string();
    // The factor is the city's: a fair or a holiday raises all its hotels alike, which keeps their order.
    let factor = season(date) * Noise::new(seed, &["nights", &hotel.city_code, &day]).percent(92, 112);
    let extra = Noise::new(seed, &["night", &hotel.hotel_id, &day]).between(0, MOST_NOISE);
    (f64::from(hotel.base_price) * factor).round() as u32 + extra
}

/// The hotels of a new file.
pub(super) fn generate(seed: u64) -> impl Iterator<Item = Hotel> {
    cities().iter().flat_map(move |city| generate_in(seed, city))
}

fn generate_in(seed: u64, city: &City) -> Vec<Hotel> {
    let mut noise = Noise::new(seed, &["hotels", &city.code]);
    let count = noise.between(5, 8);
    let first_name = noise.between(0, 22) as usize;
    // 23 is prime, so steps of 5 meet every name before one comes again.
    let names = NAMES.iter().cycle().skip(first_name).step_by(5);
    let (mut prices, mut ratings) = (BTreeSet::new(), BTreeSet::new());
    (1..=count)
        .zip(names)
        .map(|(number, name)| {
            let stars = noise.between(2, 5);
            let style = match stars {
                2 => "Pension",
                5 => "Grand Hotel",
                _ => "Hotel",
            };
            let level = f64::from((30 + 9 * stars * stars) * city.cost) / 100.0;
            let wanted = (level * noise.percent(80, 130)).round() as u32;
            let tenths = (62 + 2 * stars + noise.between(0, 22)..).find(|tenths| ratings.insert(*tenths));
            Hotel {
                hotel_id: format!("H-{}-{number}", city.code),
                city_code: city.code.clone(),
                name: format!("{style} {name} {}", city.name),
                stars,
                rating: f64::from(tenths.unwrap_or(70)) / 10.0,
                base_price: apart(&mut prices, wanted),
                rooms: noise.between(1, 4),
            }
        })
        .collect()
}

/// The lowest price from `wanted` on that is [`PRICE_GAP`] away from all others.
fn apart(prices: &mut BTreeSet<u32>, wanted: u32) -> u32 {
    let mut price = wanted;
    while let Some(near) = prices.range(price.saturating_sub(PRICE_GAP - 1)..price + PRICE_GAP).next_back() {
        price = near + PRICE_GAP;
    }
    prices.insert(price);
    price
}

#[cfg(test)]
#[path = "hotels_tests.rs"]
mod tests;
