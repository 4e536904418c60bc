//! Cancelling: frees what was booked, and never anything else for the same key.

use rusqlite::{Connection, TransactionBehavior, params};

use super::World;
use super::book::{check_key, key_reused};
use super::bookings::{Booking, by_id, by_key, by_reference, cancelled_id, select};
use super::error::{WorldError, WorldErrorKind};

/// How many bookings an error lists.
const LISTED: usize = 10;

impl World {
    /// Cancels the booking with this reference and frees its seats or rooms. Cancelling it again, with the same key or
    /// another, changes nothing and returns the same.
    ///
    /// # Errors
    /// [`WorldErrorKind::UnknownReference`], with the references that can be cancelled;
    /// [`WorldErrorKind::KeyReused`] if the key has served for another order.
    pub fn cancel(&self, key: &str, reference: &str) -> Result<Booking, WorldError> {
        check_key(key)?;
        let reference = reference.trim().to_ascii_uppercase();
        let mut connection = self.lock();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Some(booking) = by_reference(&tx, &reference)? else {
            return Err(unknown_reference(&tx, &reference)?);
        };
        match cancelled_id(&tx, key)? {
            Some(id) if id == booking.id => return Ok(booking),
            Some(_) => return Err(key_reused(key)),
            None if by_key(&tx, key)?.is_some() => return Err(key_reused(key)),
            None => {}
        }
        tx.execute("UPDATE bookings SET status = 'cancelled' WHERE id = ?1", [booking.id])?;
        tx.execute(
            "INSERT INTO cancellations (idempotency_key, booking_id) VALUES (?1, ?2)",
            params![key, booking.id],
        )?;
        let cancelled = by_id(&tx, booking.id)?;
        tx.commit()?;
        cancelled.ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into())
    }
}

fn unknown_reference(connection: &Connection, reference: &str) -> Result<WorldError, WorldError> {
    let confirmed = select(connection, "status = 'confirmed'", [])?;
    let known: Vec<String> = confirmed
        .iter()
        .rev()
        .take(LISTED)
        .map(|booking| format!("{} ({}, for {})", booking.reference, booking.description, booking.traveller))
        .collect();
    let shown: String = reference.chars().take(20).collect();
    let hint = match known.as_slice() {
        [] => "There is nothing to cancel.".to_owned(),
        known => format!("What can be cancelled, newest first: {}.", known.join("; ")),
    };
    Ok(WorldError::new(
        WorldErrorKind::UnknownReference,
        format!("No booking has the reference \u{201c}{shown}\u{201d}. {hint}"),
    ))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::{BookingStatus, FlightSearch, OWNER};
    use super::*;

    fn booked() -> (World, Booking) {
        let world = World::in_memory(date(2026, 11, 23)).unwrap();
        let search = FlightSearch::new("Berlin", "Lisbon", date(2026, 12, 3));
        let id = world.search_flights(&search).unwrap().remove(0).flight_id;
        let booking = world.book_flight("b", &id, OWNER, 1).unwrap();
        (world, booking)
    }

    #[test]
    fn cancelling_frees_the_seats_once() {
        let (world, booking) = booked();
        world.sell_out(&booking.item).unwrap();
        let cancelled = world.cancel("c", &booking.reference.to_lowercase()).unwrap();
        assert_eq!(cancelled, Booking { status: BookingStatus::Cancelled, ..booking.clone() });
        assert_eq!(world.flight(&booking.item).unwrap().seats_left, 1);
        assert_eq!(world.cancel("c", &booking.reference).unwrap(), cancelled);
        assert_eq!(world.cancel("d", &booking.reference).unwrap(), cancelled);
        assert_eq!(world.flight(&booking.item).unwrap().seats_left, 1);
        assert_eq!(world.cancellation_by_key("c").unwrap(), Some(cancelled.clone()));
        assert_eq!(world.cancellation_by_key("b").unwrap(), None);
        assert_eq!(world.book_flight("b", &booking.item, OWNER, 1).unwrap(), cancelled);
    }

    #[test]
    fn an_unknown_reference_brings_the_known_ones() {
        let (world, booking) = booked();
        let error = world.cancel("c", "NOSUCH").unwrap_err();
        assert_eq!(error.kind(), WorldErrorKind::UnknownReference);
        assert!(error.to_string().contains(&format!("{} (Flight from Berlin", booking.reference)), "{error}");
        world.cancel("c", &booking.reference).unwrap();
        assert!(world.cancel("d", "NOSUCH").unwrap_err().to_string().contains("nothing to cancel"));
    }

    #[test]
    fn a_key_serves_one_order() {
        let (world, first) = booked();
        assert_eq!(world.cancel("b", &first.reference).unwrap_err().kind(), WorldErrorKind::KeyReused);
        let second = world.book_flight("b2", "F-BERFCO-20261203-1", OWNER, 1).unwrap();
        world.cancel("c", &first.reference).unwrap();
        assert_eq!(world.cancel("c", &second.reference).unwrap_err().kind(), WorldErrorKind::KeyReused);
        let error = world.book_flight("c", "F-BERFCO-20261203-1", OWNER, 1).unwrap_err();
        assert_eq!(error.kind(), WorldErrorKind::KeyReused);
        assert_eq!(world.cancel(" ", &first.reference).unwrap_err().kind(), WorldErrorKind::Argument);
    }
}
