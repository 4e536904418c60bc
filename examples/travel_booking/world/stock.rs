//! What is taken: seats of a flight or train, rooms of a hotel on its fullest night.

use jiff::civil::Date;
use rusqlite::{Connection, TransactionBehavior, params};

use super::World;
use super::error::WorldError;
use super::hotels::days;
use super::item::Stay;
use super::quote::quote;

/// Seats of this flight or train that are booked or withdrawn.
pub(super) fn taken_seats(connection: &Connection, item_id: &str) -> Result<u32, WorldError> {
    let mut sum = connection.prepare_cached(
        "SELECT coalesce(sum(quantity), 0) FROM (
             SELECT quantity FROM bookings WHERE stock_id = ?1 AND status = 'confirmed'
             UNION ALL
             SELECT quantity FROM withdrawn WHERE stock_id = ?1)",
    )?;
    Ok(sum.query_row([item_id], |row| row.get(0))?)
}

/// Rooms of this hotel that are booked or withdrawn on the fullest night of the stay: the others may be free on other
/// nights, yet nobody can stay in them throughout.
pub(super) fn taken_rooms(connection: &Connection, stay: &Stay) -> Result<u32, WorldError> {
    let mut overlapping = connection.prepare_cached(
        "SELECT from_date, to_date, quantity FROM bookings
         WHERE stock_id = ?1 AND status = 'confirmed' AND from_date < ?3 AND to_date > ?2
         UNION ALL
         SELECT from_date, to_date, quantity FROM withdrawn
         WHERE stock_id = ?1 AND from_date < ?3 AND to_date > ?2",
    )?;
    let bounds = params![stay.hotel_id(), stay.check_in.to_string(), stay.check_out.to_string()];
    let rows = overlapping.query_map(bounds, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let taken = rows.collect::<rusqlite::Result<Vec<(String, String, u32)>>>()?;
    let on = |night: Date| -> u32 {
        // ISO dates sort as text.
        let night = night.to_string();
        taken.iter().filter(|(from, to, _)| *from <= night && night < *to).map(|(_, _, rooms)| rooms).sum()
    };
    Ok(days(stay.check_in, stay.check_out).map(on).max().unwrap_or(0))
}

impl World {
    /// Takes off sale what is left of an offer, for tests of what an agent does then. Cancelling a booking of it frees
    /// that booking's seats or rooms all the same.
    ///
    /// # Errors
    /// For an id that names no offer.
    pub fn sell_out(&self, item_id: &str) -> Result<(), WorldError> {
        let mut connection = self.lock();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let quote = quote(self, &tx, item_id)?;
        tx.execute(
            "INSERT INTO withdrawn (stock_id, from_date, to_date, quantity) VALUES (?1, ?2, ?3, ?4)",
            params![quote.stock_id, quote.from.to_string(), quote.to.to_string(), quote.left],
        )?;
        Ok(tx.commit()?)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::{FlightSearch, HotelSearch, WorldErrorKind};
    use super::*;

    fn world() -> World {
        World::in_memory(date(2026, 11, 23)).unwrap()
    }

    #[test]
    fn a_sold_out_flight_is_not_listed() {
        let world = world();
        let search = FlightSearch::new("Berlin", "Rome", date(2026, 12, 3));
        let before = world.search_flights(&search).unwrap();
        world.sell_out(&before[0].flight_id).unwrap();
        assert_eq!(world.search_flights(&search).unwrap(), before[1..]);
        let error = world.book_flight("k", &before[0].flight_id, "Ada Winter", 1).unwrap_err();
        assert_eq!(error.kind(), WorldErrorKind::SoldOut);
        assert_eq!(world.sell_out("F-BERFCO-20261203-9").unwrap_err().kind(), WorldErrorKind::UnknownItem);
    }

    #[test]
    fn rooms_are_taken_on_the_nights_of_a_stay_only() {
        let world = world();
        let search = |from, to| world.search_hotels(&HotelSearch::new("Graz", from, to)).unwrap();
        let (first, last) = (date(2026, 12, 3), date(2026, 12, 7));
        let offer = search(first, last)[0].clone();
        world.sell_out(&offer.offer_id).unwrap();
        let has = |from, to| search(from, to).iter().any(|found| found.hotel == offer.hotel);
        assert!(!has(first, last));
        assert!(!has(date(2026, 12, 6), date(2026, 12, 9)));
        assert!(has(last, date(2026, 12, 9)));
        assert!(has(date(2026, 12, 1), first));
    }

    #[test]
    fn the_fullest_night_counts() {
        let world = world();
        let search = |from, to| world.search_hotels(&HotelSearch::new("Vienna", from, to)).unwrap();
        let day = |n| date(2026, 12, n);
        let roomy = search(day(3), day(9)).into_iter().find(|offer| offer.rooms_left >= 3).unwrap();
        let left = |from, to| {
            search(from, to).iter().find(|offer| offer.hotel == roomy.hotel).map_or(0, |offer| offer.rooms_left)
        };
        let part = |from, to| search(from, to).into_iter().find(|offer| offer.hotel == roomy.hotel).unwrap().offer_id;
        world.book_hotel("a", &part(day(3), day(5)), "Ada Winter", 2).unwrap();
        world.book_hotel("b", &part(day(5), day(8)), "Ada Winter", 1).unwrap();
        assert_eq!(left(day(3), day(9)), roomy.rooms_left - 2);
        assert_eq!(left(day(5), day(9)), roomy.rooms_left - 1);
        assert_eq!(left(day(8), day(9)), roomy.rooms_left);
    }
}
