//! Booking: checked and written in one transaction, and never twice for one key.

use rusqlite::{Connection, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use super::World;
use super::bookings::{Booking, by_id, by_key, by_reference, cancelled_id};
use super::error::{WorldError, WorldErrorKind};
use super::item::{BookingKind, Item};
use super::quote::{Quote, quote};
use super::search::at_least_one;

/// Letters and digits that nobody confuses: no 0 and O, 1, I and L, 2 and Z, 5 and S, 8 and B.
const REFERENCE_SIGNS: &[u8] = b"34679ACDEFGHJKMNPQRTUVWXY";

/// What a caller wants to book.
struct Order<'a> {
    key: &'a str,
    kind: BookingKind,
    item: &'a str,
    traveller: &'a str,
    quantity: u32,
}

impl World {
    /// Books seats on a flight. The same key returns the same booking, however often it comes.
    ///
    /// # Errors
    /// [`WorldErrorKind::SoldOut`], [`WorldErrorKind::UnknownItem`], [`WorldErrorKind::KeyReused`] if the key has
    /// served for another order, and errors for a past date, an empty name or 0 travellers.
    pub fn book_flight(
        &self,
        key: &str,
        flight_id: &str,
        traveller: &str,
        travellers: u32,
    ) -> Result<Booking, WorldError> {
        let kind = BookingKind::Flight;
        self.book(&Order { key, kind, item: flight_id, traveller, quantity: travellers })
    }

    /// Books seats on a train, as [`World::book_flight`] does on a flight.
    ///
    /// # Errors
    /// As for [`World::book_flight`].
    pub fn book_train(
        &self,
        key: &str,
        train_id: &str,
        traveller: &str,
        travellers: u32,
    ) -> Result<Booking, WorldError> {
        let kind = BookingKind::Train;
        self.book(&Order { key, kind, item: train_id, traveller, quantity: travellers })
    }

    /// Books rooms of a hotel for the dates in the offer's id. The same key returns the same booking.
    ///
    /// # Errors
    /// As for [`World::book_flight`].
    pub fn book_hotel(&self, key: &str, offer_id: &str, traveller: &str, rooms: u32) -> Result<Booking, WorldError> {
        let kind = BookingKind::Hotel;
        self.book(&Order { key, kind, item: offer_id, traveller, quantity: rooms })
    }

    fn book(&self, order: &Order<'_>) -> Result<Booking, WorldError> {
        check_key(order.key)?;
        let what = if order.kind == BookingKind::Hotel { "rooms" } else { "travellers" };
        at_least_one(what, order.quantity)?;
        let traveller = order.traveller.trim();
        if traveller.is_empty() {
            return Err(WorldError::new(WorldErrorKind::Argument, "The traveller has no name. Give the full name."));
        }
        let item = Item::parse(order.item)?;
        if item.kind() != order.kind {
            let sentence = format!("{item} is a {}, not a {}. Book it as a {0}.", item.kind(), order.kind);
            return Err(WorldError::new(WorldErrorKind::UnknownItem, sentence));
        }
        let item_id = item.to_string();

        let mut connection = self.lock();
        // Immediate: whoever else wants the last seat waits here, not after having seen that it is free.
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(before) = by_key(&tx, order.key)? {
            let same = before.item == item_id
                && before.traveller.eq_ignore_ascii_case(traveller)
                && before.quantity == order.quantity;
            return if same { Ok(before) } else { Err(key_reused(order.key)) };
        }
        if cancelled_id(&tx, order.key)?.is_some() {
            return Err(key_reused(order.key));
        }
        let quote = quote(self, &tx, &item_id)?;
        if quote.left < order.quantity {
            return Err(sold_out(&quote, order));
        }
        tx.execute(
            "INSERT INTO bookings (reference, kind, item_id, stock_id, description, traveller, quantity, from_date,
                                   to_date, price, status, idempotency_key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'confirmed', ?11)",
            params![
                free_reference(&tx, order.key)?,
                order.kind.as_str(),
                item_id,
                quote.stock_id,
                quote.description,
                traveller,
                order.quantity,
                quote.from.to_string(),
                quote.to.to_string(),
                quote.price.saturating_mul(order.quantity),
                order.key,
            ],
        )?;
        let booked = by_id(&tx, tx.last_insert_rowid())?;
        tx.commit()?;
        booked.ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into())
    }
}

/// Refuses an empty key: two orders that forgot theirs would be taken for one.
pub(super) fn check_key(key: &str) -> Result<(), WorldError> {
    if key.trim().is_empty() {
        let sentence = "The idempotency key is empty. Give every order a key of its own.";
        return Err(WorldError::new(WorldErrorKind::Argument, sentence));
    }
    Ok(())
}

pub(super) fn key_reused(key: &str) -> WorldError {
    WorldError::new(
        WorldErrorKind::KeyReused,
        format!("The idempotency key \u{201c}{key}\u{201d} has served for another order. Use a new key."),
    )
}

fn sold_out(quote: &Quote, order: &Order<'_>) -> WorldError {
    let unit = if order.kind == BookingKind::Hotel { "room" } else { "seat" };
    let Quote { description, left, .. } = quote;
    let finding = match left {
        0 => format!("Sold out: {description}."),
        1 => format!("Only 1 {unit} is left, and {} were asked for: {description}.", order.quantity),
        _ => format!("Only {left} {unit}s are left, and {} were asked for: {description}.", order.quantity),
    };
    WorldError::new(WorldErrorKind::SoldOut, format!("{finding} Search again and choose another {}.", order.kind))
}

/// A reference that follows from the key, so that a crash between two attempts cannot change it.
fn free_reference(connection: &Connection, key: &str) -> Result<String, WorldError> {
    let mut attempt = 0;
    loop {
        let reference = reference(key, attempt);
        if by_reference(connection, &reference)?.is_none() {
            return Ok(reference);
        }
        attempt += 1;
    }
}

fn reference(key: &str, attempt: u32) -> String {
    let hash = Sha256::new().chain_update(attempt.to_be_bytes()).chain_update(key).finalize();
    let sign = |byte: &u8| REFERENCE_SIGNS.iter().cycle().nth(usize::from(*byte)).copied().map(char::from);
    hash.iter().take(6).filter_map(sign).collect()
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
