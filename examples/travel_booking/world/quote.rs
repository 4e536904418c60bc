//! An offer as it stands now: what a booking costs, what is left, and what to call it.

use jiff::civil::Date;
use rusqlite::Connection;

use super::World;
use super::calendar::{check_date, clock};
use super::error::WorldError;
use super::flights::Flight;
use super::hotels::{HotelOffer, check_stay};
use super::item::{Item, unknown};
use super::trains::Train;

/// An offer, whatever its kind.
#[derive(Debug)]
pub(super) struct Quote {
    /// What runs out: the flight, the train, or the hotel without the dates.
    pub(super) stock_id: String,
    pub(super) description: String,
    /// EUR for one traveller, or one room and all nights.
    pub(super) price: u32,
    /// Seats or rooms.
    pub(super) left: u32,
    pub(super) from: Date,
    pub(super) to: Date,
}

/// Looks an id up.
pub(super) fn quote(world: &World, connection: &Connection, text: &str) -> Result<Quote, WorldError> {
    let item = Item::parse(text)?;
    let quote = match &item {
        Item::Flight(trip) => {
            check_date(world.today(), "departure", trip.date)?;
            world.find_flight(connection, trip)?.map(of_flight)
        }
        Item::Train(trip) => {
            check_date(world.today(), "departure", trip.date)?;
            world.find_train(connection, trip)?.map(of_train)
        }
        Item::Hotel(stay) => {
            check_stay(world.today(), stay.check_in, stay.check_out)?;
            world.find_hotel(connection, stay)?.map(|offer| of_hotel(stay.hotel_id(), offer))
        }
    };
    quote.ok_or_else(|| unknown(text))
}

fn of_flight(flight: Flight) -> Quote {
    let Flight { airline, origin, destination, date, .. } = &flight;
    let (departs, arrives) = (clock(flight.departs), clock(flight.arrives));
    Quote {
        description: format!("Flight from {origin} to {destination} on {date}, {departs} to {arrives}, {airline}"),
        price: flight.price,
        left: flight.seats_left,
        from: flight.date,
        to: flight.arrival_date,
        stock_id: flight.flight_id,
    }
}

fn of_train(train: Train) -> Quote {
    let Train { class, origin, destination, date, .. } = &train;
    let (departs, arrives) = (clock(train.departs), clock(train.arrives));
    Quote {
        description: format!("Train from {origin} to {destination} on {date}, {departs} to {arrives}, {class} class"),
        price: train.price,
        left: train.seats_left,
        from: train.date,
        to: train.arrival_date,
        stock_id: train.train_id,
    }
}

fn of_hotel(hotel_id: String, offer: HotelOffer) -> Quote {
    let HotelOffer { hotel, check_in, check_out, nights, .. } = &offer;
    let nights = if *nights == 1 { "1 night".to_owned() } else { format!("{nights} nights") };
    Quote {
        description: format!("{hotel}, {check_in} to {check_out} ({nights})"),
        price: offer.price,
        left: offer.rooms_left,
        from: offer.check_in,
        to: offer.check_out,
        stock_id: hotel_id,
    }
}

impl World {
    /// Looks a flight up by its id, sold out or not.
    ///
    /// # Errors
    /// For an id that names no flight, or a date without offers.
    pub fn flight(&self, flight_id: &str) -> Result<Flight, WorldError> {
        let Item::Flight(trip) = Item::parse(flight_id)? else { return Err(unknown(flight_id)) };
        check_date(self.today(), "departure", trip.date)?;
        self.find_flight(&self.lock(), &trip)?.ok_or_else(|| unknown(flight_id))
    }

    /// Looks a train up by its id, sold out or not.
    ///
    /// # Errors
    /// For an id that names no train, or a date without offers.
    pub fn train(&self, train_id: &str) -> Result<Train, WorldError> {
        let Item::Train(trip) = Item::parse(train_id)? else { return Err(unknown(train_id)) };
        check_date(self.today(), "departure", trip.date)?;
        self.find_train(&self.lock(), &trip)?.ok_or_else(|| unknown(train_id))
    }

    /// Looks a hotel's offer up by its id, sold out or not.
    ///
    /// # Errors
    /// For an id that names no offer, or dates without offers.
    pub fn hotel_offer(&self, offer_id: &str) -> Result<HotelOffer, WorldError> {
        let Item::Hotel(stay) = Item::parse(offer_id)? else { return Err(unknown(offer_id)) };
        check_stay(self.today(), stay.check_in, stay.check_out)?;
        self.find_hotel(&self.lock(), &stay)?.ok_or_else(|| unknown(offer_id))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::{FlightSearch, HotelSearch, TrainSearch, WorldErrorKind};
    use super::*;

    #[test]
    fn an_id_leads_back_to_its_offer() {
        let world = World::in_memory(date(2026, 11, 23)).unwrap();
        let day = date(2026, 12, 3);
        for flight in world.search_flights(&FlightSearch::new("Tokyo", "Lima", day)).unwrap() {
            assert_eq!(world.flight(&flight.flight_id).unwrap(), flight);
        }
        for train in world.search_trains(&TrainSearch::new("Tokyo", "Osaka", day)).unwrap() {
            assert_eq!(world.train(&train.train_id).unwrap(), train);
        }
        for offer in world.search_hotels(&HotelSearch::new("Lima", day, date(2026, 12, 4))).unwrap() {
            assert_eq!(world.hotel_offer(&offer.offer_id).unwrap(), offer);
        }
    }

    #[test]
    fn ids_of_other_kinds_and_offers_that_never_were_are_unknown() {
        let world = World::in_memory(date(2026, 11, 23)).unwrap();
        for id in ["T-BERHAM-20261203-1", "F-BERBER-20261203-1", "F-BERHAM-20261203-7", "F-BERHAM-20261203-0"] {
            assert_eq!(world.flight(id).unwrap_err().kind(), WorldErrorKind::UnknownItem, "{id}");
        }
        assert_eq!(world.train("T-BERJFK-20261203-1").unwrap_err().kind(), WorldErrorKind::UnknownItem);
        assert_eq!(world.hotel_offer("H-GRZ-9-20261203-20261204").unwrap_err().kind(), WorldErrorKind::UnknownItem);
        assert_eq!(world.hotel_offer("H-GRZ-1-20261203-20261203").unwrap_err().kind(), WorldErrorKind::Date);
        assert_eq!(world.flight("F-BERHAM-20251203-1").unwrap_err().kind(), WorldErrorKind::Date);
    }
}
