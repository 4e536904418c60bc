//! Bookings as they are stored and read.

use jiff::civil::Date;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Params, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::World;
use super::error::WorldError;
use super::item::BookingKind;

/// Whether a booking holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BookingStatus {
    /// It holds.
    Confirmed,
    /// It was cancelled, and its seats or rooms are free again.
    Cancelled,
}

/// A booking of seats or rooms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Booking {
    /// Flight, train or hotel.
    pub kind: BookingKind,
    /// Number in the order of booking.
    pub id: i64,
    /// What the traveller shows and cancels it by: six letters and digits.
    pub reference: String,
    /// Id of the offer that was booked.
    pub item: String,
    /// What was booked, in words.
    pub description: String,
    /// Who it is for.
    pub traveller: String,
    /// How many travel, or how many rooms.
    pub quantity: u32,
    /// Date of departure or check-in.
    pub from: Date,
    /// Date of arrival or check-out.
    pub to: Date,
    /// EUR for all travellers, or for all rooms and nights.
    #[schemars(extend("x-lowest" = "cheapest", "x-highest" = "dearest"))]
    pub price: u32,
    /// Confirmed or cancelled.
    pub status: BookingStatus,
}

impl Booking {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let date =
            |column: &str| -> rusqlite::Result<Date> { row.get::<_, String>(column)?.parse().map_err(unreadable) };
        let kind: String = row.get("kind")?;
        let status: String = row.get("status")?;
        Ok(Self {
            kind: BookingKind::from_word(&kind).ok_or_else(|| unreadable(kind))?,
            id: row.get("id")?,
            reference: row.get("reference")?,
            item: row.get("item_id")?,
            description: row.get("description")?,
            traveller: row.get("traveller")?,
            quantity: row.get("quantity")?,
            from: date("from_date")?,
            to: date("to_date")?,
            price: row.get("price")?,
            status: if status == "confirmed" { BookingStatus::Confirmed } else { BookingStatus::Cancelled },
        })
    }
}

fn unreadable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, cause.into())
}

/// The bookings that a condition on the table selects, in the order of booking.
pub(super) fn select(
    connection: &Connection,
    condition: &'static str,
    params: impl Params,
) -> Result<Vec<Booking>, WorldError> {
    let mut rows = connection.prepare_cached(&format!("SELECT * FROM bookings WHERE {condition} ORDER BY id"))?;
    let bookings = rows.query_map(params, Booking::from_row)?;
    Ok(bookings.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn by_key(connection: &Connection, key: &str) -> Result<Option<Booking>, WorldError> {
    Ok(select(connection, "idempotency_key = ?1", [key])?.pop())
}

pub(super) fn by_id(connection: &Connection, id: i64) -> Result<Option<Booking>, WorldError> {
    Ok(select(connection, "id = ?1", [id])?.pop())
}

pub(super) fn by_reference(connection: &Connection, reference: &str) -> Result<Option<Booking>, WorldError> {
    Ok(select(connection, "reference = ?1", [reference])?.pop())
}

/// The id of the booking that the cancellation with this key was for.
pub(super) fn cancelled_id(connection: &Connection, key: &str) -> Result<Option<i64>, WorldError> {
    let sql = "SELECT booking_id FROM cancellations WHERE idempotency_key = ?1";
    Ok(connection.query_row(sql, [key], |row| row.get(0)).optional()?)
}

impl World {
    /// The booking that was made with this key, if any: after a crash, it tells whether a booking went through.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn booking_by_key(&self, key: &str) -> Result<Option<Booking>, WorldError> {
        by_key(&self.lock(), key)
    }

    /// The booking that was cancelled with this key, if any.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn cancellation_by_key(&self, key: &str) -> Result<Option<Booking>, WorldError> {
        let connection = self.lock();
        match cancelled_id(&connection, key)? {
            Some(id) => by_id(&connection, id),
            None => Ok(None),
        }
    }

    /// The booking with this reference, in any case, if any.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn booking(&self, reference: &str) -> Result<Option<Booking>, WorldError> {
        by_reference(&self.lock(), &reference.trim().to_ascii_uppercase())
    }

    /// All bookings, cancelled ones too, or one traveller's, in the order of booking.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn bookings(&self, traveller: Option<&str>) -> Result<Vec<Booking>, WorldError> {
        select(&self.lock(), "?1 IS NULL OR traveller = ?1", [traveller.map(str::trim)])
    }
}
