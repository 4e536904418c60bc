//! The world that the travel agent acts in: flights, trains and hotels, bookings and profiles, in one SQLite file.
//!
//! No offer is real, and hardly any is stored. A timetable follows from the file's seed, the two cities and the date,
//! so every date of the coming year has one, the same on every machine; an offer's id is enough to make it again.
//! Only what somebody changes is written down:
//!
//! | Table | A row is | Written by |
//! |-------|----------|------------|
//! | `settings` | the seed (one row) | [`World::open`] |
//! | `profiles` | a person the agent books for | [`World::open`] ([`OWNER`]), [`World::set_profile`] |
//! | `hotels` | a hotel: name, stars, rating, rooms | [`World::open`], [`World::set_hotel_name`] |
//! | `bookings` | seats or rooms, confirmed or cancelled | [`World::book_flight`] and its siblings, [`World::cancel`] |
//! | `cancellations` | the key of a cancellation | [`World::cancel`] |
//! | `withdrawn` | seats or rooms off sale | [`World::sell_out`] |
//!
//! Invariants:
//! - No two offers of one search tie: not in price, departure, duration or rating. "The cheapest" is always one.
//! - An idempotency key books, or cancels, at most once, whatever crashes in between.
//! - A booking is checked and written in one transaction, so the last seat is sold once.
//! - Nothing here knows of agents or models, asks the clock, or is asynchronous: calls are short.

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "the example and several tests include this module by its path, and each uses a part of it"
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may fail"))]

mod book;
mod bookings;
mod calendar;
mod cancel;
mod cities;
mod error;
mod find;
mod flights;
mod hotels;
mod item;
mod noise;
mod profile;
mod quote;
mod schema;
mod search;
mod stock;
mod trains;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use rusqlite::{Connection, OpenFlags};

pub use bookings::{Booking, BookingStatus};
pub use cities::{City, cities};
pub use error::{WorldError, WorldErrorKind};
pub use find::find_city;
pub use flights::{Flight, FlightSearch};
pub use hotels::{HotelOffer, HotelSearch};
pub use item::BookingKind;
pub use profile::{OWNER, Profile, Seat};
pub use trains::{Train, TrainClass, TrainSearch};

/// The inventory, open for searching and booking as of one day. Threads may share it.
#[derive(Debug)]
pub struct World {
    connection: Mutex<Connection>,
    seed: u64,
    today: Date,
}

impl World {
    /// Opens the inventory in this file, and creates it if there is none.
    ///
    /// # Errors
    /// [`WorldErrorKind::ForeignFile`] if the file is something else, or an inventory of another version: it is not
    /// changed then. [`WorldErrorKind::Storage`] if the file cannot be opened.
    pub fn open(path: impl AsRef<Path>, today: Date) -> Result<Self, WorldError> {
        let path = path.as_ref();
        schema::check_file(path)?;
        // Without the URI flag of the default: a file may be called "file:a?b".
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| {
            let sentence =
                format!("{} cannot be opened. Check that its folder exists and is writable.", path.display());
            WorldError::new(WorldErrorKind::Storage, sentence).because(error)
        })?;
        Self::on(connection, &path.display().to_string(), today)
    }

    /// An inventory that is gone when the value is dropped.
    ///
    /// # Errors
    /// [`WorldErrorKind::Storage`] if there is no memory for it.
    pub fn in_memory(today: Date) -> Result<Self, WorldError> {
        Self::on(Connection::open_in_memory()?, "The inventory in memory", today)
    }

    fn on(mut connection: Connection, name: &str, today: Date) -> Result<Self, WorldError> {
        let seed = schema::prepare(&mut connection, name)?;
        Ok(Self { connection: Mutex::new(connection), seed, today })
    }

    /// The day that this value takes for today.
    #[must_use]
    pub fn today(&self) -> Date {
        self.today
    }

    /// The last day that can be booked.
    #[must_use]
    pub fn last_day(&self) -> Date {
        calendar::last_day(self.today)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A thread that panicked has rolled its transaction back on the way: the connection is good.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_world_may_be_shared() {
        fn shared<T: Send + Sync>(_: &T) {}
        let world = World::in_memory(date(2026, 11, 23)).unwrap();
        shared(&world);
        assert_eq!(world.today(), date(2026, 11, 23));
        assert_eq!(world.last_day(), date(2027, 11, 23));
    }
}
