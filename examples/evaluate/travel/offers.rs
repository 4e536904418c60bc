//! What the world offers for a wish, and which of the offers is right.

use jiff::civil::{Date, Time};

use crate::world::{BookingKind, Flight, FlightSearch, HotelOffer, HotelSearch, OWNER, Train, TrainSearch, World};

use super::expect::{Pick, Wish};

/// An offer of any kind, with what choices are made by.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Offer {
    pub(super) id: String,
    /// EUR for one traveller, or one room and all nights.
    pub(super) price: u32,
    /// EUR for all travellers or rooms of the wish.
    pub(super) total: u32,
    /// EUR for one room and night, if it is a hotel.
    pub(super) price_per_night: Option<u32>,
    pub(super) departs: Option<Time>,
    minutes: Option<u32>,
    rating: Option<f64>,
}

impl From<Flight> for Offer {
    fn from(flight: Flight) -> Self {
        Self {
            id: flight.flight_id,
            price: flight.price,
            total: flight.price,
            price_per_night: None,
            departs: Some(flight.departs),
            minutes: Some(flight.duration_minutes),
            rating: None,
        }
    }
}

impl From<Train> for Offer {
    fn from(train: Train) -> Self {
        Self {
            id: train.train_id,
            price: train.price,
            total: train.price,
            price_per_night: None,
            departs: Some(train.departs),
            minutes: Some(train.duration_minutes),
            rating: None,
        }
    }
}

impl From<HotelOffer> for Offer {
    fn from(hotel: HotelOffer) -> Self {
        Self {
            id: hotel.offer_id,
            price: hotel.price,
            total: hotel.price,
            price_per_night: Some(hotel.price_per_night),
            departs: None,
            minutes: None,
            rating: Some(hotel.rating),
        }
    }
}

impl Wish {
    /// How many seats or rooms a booking of it is for.
    pub(super) fn quantity(&self) -> u32 {
        match self.kind {
            BookingKind::Hotel => self.rooms.unwrap_or(self.travellers.div_ceil(2)),
            BookingKind::Flight | BookingKind::Train => self.travellers,
        }
    }

    /// Whose name stands on a booking of it.
    pub(super) fn traveller(&self) -> &str {
        self.traveller.as_deref().unwrap_or(OWNER)
    }

    /// The offers that the search itself finds, alternatives aside.
    ///
    /// # Errors
    /// If the wish lacks a place or a date, or the world refuses the search.
    pub(super) fn offers(&self, world: &World) -> Result<Vec<Offer>, String> {
        let mut offers: Vec<Offer> = match self.kind {
            BookingKind::Flight => {
                let search = FlightSearch {
                    travellers: self.travellers,
                    max_price: self.max_price,
                    depart_after: self.depart_after,
                    depart_before: self.depart_before,
                    ..FlightSearch::new(self.origin()?, self.destination()?, self.date()?)
                };
                world.search_flights(&search).map(|all| all.into_iter().map(Offer::from).collect())
            }
            BookingKind::Train => {
                let search = TrainSearch {
                    travellers: self.travellers,
                    max_price: self.max_price,
                    depart_after: self.depart_after,
                    depart_before: self.depart_before,
                    ..TrainSearch::new(self.origin()?, self.destination()?, self.date()?)
                };
                world.search_trains(&search).map(|all| all.into_iter().map(Offer::from).collect())
            }
            BookingKind::Hotel => {
                let search = HotelSearch {
                    guests: self.travellers,
                    rooms: self.rooms,
                    max_price_per_night: self.max_price_per_night,
                    min_rating: self.min_rating,
                    min_stars: self.min_stars,
                    ..HotelSearch::new(self.city()?, self.check_in()?, self.check_out()?)
                };
                world.search_hotels(&search).map(|all| all.into_iter().map(Offer::from).collect())
            }
        }
        .map_err(|error| format!("{self}: {error}"))?;
        for offer in &mut offers {
            offer.total = offer.price.saturating_mul(self.quantity());
        }
        Ok(offers)
    }

    /// The offers that are right: of equal ones each, and of alternatives what costs least.
    ///
    /// # Errors
    /// As for [`Wish::offers`].
    pub(super) fn right(&self, world: &World) -> Result<Vec<Offer>, String> {
        let mut right = self.pick.among(self.offers(world)?);
        if self.or.is_empty() {
            return Ok(right);
        }
        for other in &self.or {
            right.extend(other.right(world)?);
        }
        let least = right.iter().map(|offer| offer.total).min();
        right.retain(|offer| Some(offer.total) == least);
        Ok(right)
    }

    pub(super) fn origin(&self) -> Result<&str, String> {
        self.origin.as_deref().ok_or_else(|| self.lacks("origin"))
    }

    pub(super) fn destination(&self) -> Result<&str, String> {
        self.destination.as_deref().ok_or_else(|| self.lacks("destination"))
    }

    pub(super) fn date(&self) -> Result<Date, String> {
        self.date.ok_or_else(|| self.lacks("date"))
    }

    pub(super) fn city(&self) -> Result<&str, String> {
        self.city.as_deref().ok_or_else(|| self.lacks("city"))
    }

    pub(super) fn check_in(&self) -> Result<Date, String> {
        self.check_in.ok_or_else(|| self.lacks("check_in"))
    }

    pub(super) fn check_out(&self) -> Result<Date, String> {
        self.check_out.ok_or_else(|| self.lacks("check_out"))
    }

    fn lacks(&self, field: &str) -> String {
        format!("a {} in the file of cases has no `{field}`; add it", self.kind)
    }
}

impl Pick {
    /// The offers among which the choice is free.
    pub(super) fn among(self, offers: Vec<Offer>) -> Vec<Offer> {
        match self {
            Self::Any => offers,
            Self::Cheapest => lowest(offers, |offer| f64::from(offer.price)),
            Self::Dearest => lowest(offers, |offer| -f64::from(offer.price)),
            Self::Earliest => lowest(offers, minute),
            Self::Latest => lowest(offers, |offer| -minute(offer)),
            Self::Fastest => lowest(offers, |offer| f64::from(offer.minutes.unwrap_or(u32::MAX))),
            Self::BestRated => lowest(offers, |offer| -offer.rating.unwrap_or(0.0)),
        }
    }
}

/// Minutes from midnight to departure.
fn minute(offer: &Offer) -> f64 {
    offer.departs.map_or(0.0, |time| f64::from(time.hour()) * 60.0 + f64::from(time.minute()))
}

fn lowest(mut offers: Vec<Offer>, measure: impl Fn(&Offer) -> f64) -> Vec<Offer> {
    let least = offers.iter().map(&measure).fold(f64::INFINITY, f64::min);
    offers.retain(|offer| measure(offer) <= least);
    offers
}
