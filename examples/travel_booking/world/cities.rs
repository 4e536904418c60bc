//! The cities of the inventory, read from `cities.csv`, and the distances between them.
//!
//! The list lives in the program, not in the database: a booking file never disagrees with it.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Trains run between two cities of one rail network up to this distance in km.
const LONGEST_RAIL_KM: u32 = 1_200;

/// Nobody flies shorter distances than this, in km.
const SHORTEST_FLIGHT_KM: u32 = 100;

/// A city that the inventory serves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct City {
    /// Code of the main airport; also the city's code in every offer id.
    pub code: String,
    /// English name.
    pub name: String,
    /// English name of the country.
    pub country: String,
    /// Europe, Asia, North America or South America.
    pub continent: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Minutes ahead of UTC. The world knows no daylight saving time.
    pub utc_offset_minutes: i32,
    /// Hotel price level in percent of the average.
    pub cost: u32,
    /// Rail networks that stop here; two cities that share one are linked if they are close enough.
    pub rail: Vec<String>,
    /// Names in other languages, and codes of the city or of its other airports.
    pub aliases: Vec<String>,
}

impl City {
    /// Great-circle distance in whole km.
    #[must_use]
    pub fn distance_km(&self, other: &Self) -> u32 {
        const EARTH_RADIUS_KM: f64 = 6_371.0;
        let (a, b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let across = ((other.longitude - self.longitude).to_radians() / 2.0).sin();
        let along = ((b - a) / 2.0).sin();
        let half_chord = along * along + a.cos() * b.cos() * across * across;
        (2.0 * EARTH_RADIUS_KM * half_chord.sqrt().min(1.0).asin()).round() as u32
    }

    /// Whether long-distance trains stop here.
    #[must_use]
    pub fn has_rail(&self) -> bool {
        !self.rail.is_empty()
    }

    /// Whether trains run from here to there.
    #[must_use]
    pub fn is_linked_by_rail(&self, other: &Self) -> bool {
        self.code != other.code
            && self.rail.iter().any(|network| other.rail.contains(network))
            && self.distance_km(other) <= LONGEST_RAIL_KM
    }

    /// Whether anybody flies from here to there.
    #[must_use]
    pub fn is_linked_by_air(&self, other: &Self) -> bool {
        self.distance_km(other) >= SHORTEST_FLIGHT_KM
    }

    /// One line of the file; `None` if it has other columns, which a test rules out.
    fn from_line(line: &str) -> Option<Self> {
        let columns: Vec<&str> = line.split(',').collect();
        let [code, name, country, continent, latitude, longitude, utc_hours, cost, rail, aliases] = columns.as_slice()
        else {
            return None;
        };
        let list = |text: &str, separator: char| -> Vec<String> {
            text.split(separator).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        Some(Self {
            code: (*code).to_owned(),
            name: (*name).to_owned(),
            country: (*country).to_owned(),
            continent: (*continent).to_owned(),
            latitude: latitude.parse().ok()?,
            longitude: longitude.parse().ok()?,
            utc_offset_minutes: (utc_hours.parse::<f64>().ok()? * 60.0) as i32,
            cost: cost.parse().ok()?,
            rail: list(rail, '+'),
            aliases: list(aliases, '|'),
        })
    }
}

/// All cities, in the file's order.
#[must_use]
pub fn cities() -> &'static [City] {
    static CITIES: LazyLock<Vec<City>> =
        LazyLock::new(|| include_str!("cities.csv").lines().skip(1).filter_map(City::from_line).collect());
    &CITIES
}

/// The city with exactly this code, as offer ids spell it.
pub(super) fn by_code(code: &str) -> Option<&'static City> {
    cities().iter().find(|city| city.code == code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn city(code: &str) -> &'static City {
        by_code(code).unwrap()
    }

    #[test]
    fn every_line_is_a_city_with_a_code_of_its_own() {
        assert_eq!(cities().len(), include_str!("cities.csv").lines().count() - 1);
        assert!(cities().len() >= 70);
        let codes: BTreeSet<&str> = cities().iter().map(|city| city.code.as_str()).collect();
        assert_eq!(codes.len(), cities().len());
        assert!(codes.iter().all(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())));
    }

    #[test]
    fn every_city_has_a_chinese_name() {
        for city in cities() {
            let han = |name: &String| name.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert!(city.aliases.iter().any(han), "{}", city.name);
        }
    }

    #[test]
    fn distances_match_the_map() {
        assert!((2_280..2_340).contains(&city("BER").distance_km(city("LIS"))));
        assert!((8_850..8_970).contains(&city("BER").distance_km(city("HND"))));
        assert_eq!(city("GRZ").distance_km(city("GRZ")), 0);
    }

    #[test]
    fn trains_stay_on_land() {
        let linked = |a: &str, b: &str| city(a).is_linked_by_rail(city(b)) && city(b).is_linked_by_rail(city(a));
        assert!(linked("BER", "HAM") && linked("LHR", "CDG") && linked("HND", "KIX") && linked("PEK", "PVG"));
        assert!(linked("BER", "FCO") && linked("GRZ", "VIE") && linked("LIS", "MAD") && linked("CDG", "BCN"));
        assert!(!linked("BER", "LIS") && !linked("ATH", "FCO") && !linked("LHR", "DUB"));
        assert!(!linked("HND", "ICN") && !linked("JFK", "BOS") && !linked("LHR", "OSL"));
    }

    #[test]
    fn nobody_flies_next_door() {
        assert!(!city("VIE").is_linked_by_air(city("BTS")));
        assert!(city("VIE").is_linked_by_air(city("GRZ")));
    }
}
