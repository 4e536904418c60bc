//! The tables, and the care taken before a file is touched.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior, params};

use super::error::{WorldError, WorldErrorKind};
use super::hotels;
use super::profile::OWNER;

/// Marks the file as ours: the letters "CiTr" as a number.
const APPLICATION_ID: u32 = 0x4369_5472;

/// Raised whenever the tables, the list of cities or the generation of offers changes.
const SCHEMA_VERSION: u32 = 1;

/// Decides all timetables, prices and ratings of a new file.
const DEFAULT_SEED: u64 = 20_260_401;

/// How long a call waits for another program's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const TABLES: &str = "
CREATE TABLE settings (
    seed INTEGER NOT NULL                 -- all timetables and prices follow from it
) STRICT;

CREATE TABLE profiles (
    name TEXT PRIMARY KEY COLLATE NOCASE, -- whom the agent books for
    home_city TEXT NOT NULL,              -- the city's English name
    seat TEXT NOT NULL,                   -- 'aisle', 'window' or 'any'
    currency TEXT NOT NULL                -- the currency to show; prices are EUR
) STRICT;

CREATE TABLE hotels (
    hotel_id TEXT PRIMARY KEY,            -- 'H-GRZ-2'
    city_code TEXT NOT NULL,              -- 'GRZ'
    name TEXT NOT NULL,
    stars INTEGER NOT NULL,               -- 2 to 5
    rating REAL NOT NULL,                 -- of guests, up to 10, one decimal, unique in the city
    base_price INTEGER NOT NULL,          -- EUR a night before season and noise
    rooms INTEGER NOT NULL                -- that this inventory may sell a night
) STRICT;
CREATE INDEX hotels_by_city ON hotels (city_code);

CREATE TABLE bookings (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order of creation
    reference TEXT NOT NULL UNIQUE,       -- six letters and digits
    kind TEXT NOT NULL CHECK (kind IN ('flight', 'train', 'hotel')),
    item_id TEXT NOT NULL,                -- the offer's id
    stock_id TEXT NOT NULL,               -- what runs out: the offer, or for a stay the hotel
    description TEXT NOT NULL,            -- the offer as it was booked
    traveller TEXT NOT NULL COLLATE NOCASE,
    quantity INTEGER NOT NULL CHECK (quantity > 0), -- travellers, or rooms
    from_date TEXT NOT NULL,              -- departure or check-in
    to_date TEXT NOT NULL,                -- arrival or check-out
    price INTEGER NOT NULL,               -- EUR for all travellers, or all rooms and nights
    status TEXT NOT NULL CHECK (status IN ('confirmed', 'cancelled')),
    idempotency_key TEXT NOT NULL UNIQUE  -- the same key never books twice
) STRICT;
CREATE INDEX bookings_by_stock ON bookings (stock_id);

CREATE TABLE cancellations (
    idempotency_key TEXT PRIMARY KEY,     -- the same key never cancels another booking
    booking_id INTEGER NOT NULL REFERENCES bookings (id)
) STRICT;

CREATE TABLE withdrawn (
    stock_id TEXT NOT NULL,               -- as in bookings
    from_date TEXT NOT NULL,
    to_date TEXT NOT NULL,
    quantity INTEGER NOT NULL             -- seats or rooms that are off sale without a booking
) STRICT;
CREATE INDEX withdrawn_by_stock ON withdrawn (stock_id);
";

/// Refuses a file that something else has written, by its first bytes and without opening it as a database: even a
/// reading connection may change a file, by rolling back a journal that its owner has left behind.
pub(super) fn check_file(path: &Path) -> Result<(), WorldError> {
    let mut header = Vec::new();
    match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unreadable(path, error)),
        Ok(file) => file.take(100).read_to_end(&mut header).map_err(|error| unreadable(path, error))?,
    };
    if header.is_empty() {
        return Ok(());
    }
    if header.len() < 100 || !header.starts_with(b"SQLite format 3\0") {
        return Err(foreign(&format!("{} is not an SQLite database", path.display())));
    }
    // https://www.sqlite.org/fileformat.html#the_database_header: two big-endian numbers.
    let number = |at: usize| -> Option<u32> { Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?)) };
    check_marks(&path.display().to_string(), number(68).unwrap_or(0), number(60).unwrap_or(0))
}

/// Makes the connection ready: creates the tables if the database is empty, and returns the seed.
pub(super) fn prepare(connection: &mut Connection, name: &str) -> Result<u64, WorldError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Immediate, so that of two programs that find an empty file only one creates the tables.
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let tables: i64 = tx.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        tx.execute_batch(TABLES)?;
        tx.execute("INSERT INTO settings (seed) VALUES (?1)", [DEFAULT_SEED.cast_signed()])?;
        tx.execute(
            "INSERT INTO profiles (name, home_city, seat, currency) VALUES (?1, 'Berlin', 'aisle', 'EUR')",
            [OWNER],
        )?;
        let mut insert = tx.prepare(
            "INSERT INTO hotels (hotel_id, city_code, name, stars, rating, base_price, rooms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for hotel in hotels::generate(DEFAULT_SEED) {
            insert.execute(params![
                hotel.hotel_id,
                hotel.city_code,
                hotel.name,
                hotel.stars,
                hotel.rating,
                hotel.base_price,
                hotel.rooms,
            ])?;
        }
        drop(insert);
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    } else {
        let mark = |pragma: &str| tx.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        let number = |value: i64| u32::try_from(value).unwrap_or(0);
        check_marks(name, number(mark("application_id")?), number(mark("user_version")?))?;
    }
    let seed: i64 = tx.query_row("SELECT seed FROM settings", [], |row| row.get(0))?;
    tx.commit()?;
    use_write_ahead_log(connection)?;
    Ok(seed.cast_unsigned())
}

/// Readers and a writer don't wait for each other with a write-ahead log. It comes after the tables, because a file's
/// marks must stand in the file itself for [`check_file`] to see them.
fn use_write_ahead_log(connection: &Connection) -> Result<(), WorldError> {
    const ATTEMPTS: u32 = 50;
    let mut attempt = 0;
    loop {
        // SQLite answers "busy" at once, without its timeout, when two connections switch at the same moment.
        match connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).map_err(WorldError::from) {
            Err(error) if error.is_retryable() && attempt < ATTEMPTS => thread::sleep(Duration::from_millis(20)),
            result => return result,
        }
        attempt += 1;
    }
}

fn check_marks(name: &str, application: u32, version: u32) -> Result<(), WorldError> {
    if application != APPLICATION_ID {
        return Err(foreign(&format!("{name} is the database of another program")));
    }
    if version != SCHEMA_VERSION {
        return Err(foreign(&format!(
            "{name} is a travel inventory of version {version}, and this program needs version {SCHEMA_VERSION}"
        )));
    }
    Ok(())
}

fn foreign(finding: &str) -> WorldError {
    WorldError::new(
        WorldErrorKind::ForeignFile,
        format!("{finding}. It was left as it is; give the path of a new file instead."),
    )
}

fn unreadable(path: &Path, error: std::io::Error) -> WorldError {
    WorldError::new(
        WorldErrorKind::Storage,
        format!("{} cannot be read. Check that it is a file and that you may read it.", path.display()),
    )
    .because(error)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use jiff::civil::date;

    use super::super::World;
    use super::*;

    fn refused(path: &Path) -> String {
        let before = fs::read(path).unwrap();
        let error = World::open(path, date(2026, 11, 23)).unwrap_err();
        assert_eq!(error.kind(), WorldErrorKind::ForeignFile);
        assert_eq!(fs::read(path).unwrap(), before, "the file has changed");
        error.to_string()
    }

    #[test]
    fn a_text_file_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("notes.txt", "x".repeat(5_000)), ("short.txt", "hello".to_owned())] {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            assert!(refused(&path).contains("is not an SQLite database"));
        }
    }

    #[test]
    fn a_database_of_another_program_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE music (title TEXT)").unwrap();
        assert!(refused(&path).contains("database of another program"));
    }

    #[test]
    fn another_version_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("travel.db");
        drop(World::open(&path, date(2026, 11, 23)).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 7).unwrap();
        assert!(refused(&path).contains("version 7"));
    }

    #[test]
    fn an_empty_file_and_a_second_opening_work() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("travel.db");
        fs::write(&path, "").unwrap();
        let first = World::open(&path, date(2026, 11, 23)).unwrap();
        let second = World::open(&path, date(2026, 11, 23)).unwrap();
        assert_eq!(first.profile(OWNER).unwrap(), second.profile(OWNER).unwrap());
        let mode: String =
            Connection::open(&path).unwrap().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
    }

    #[test]
    fn eight_openings_at_once_create_one_inventory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("travel.db");
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| World::open(&path, date(2026, 11, 23)).unwrap());
            }
        });
        let count: i64 =
            Connection::open(&path).unwrap().query_row("SELECT count(*) FROM settings", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 1);
    }

    #[test]
    fn a_folder_or_a_missing_folder_is_a_storage_error() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("missing").join("travel.db")] {
            let error = World::open(&path, date(2026, 11, 23)).unwrap_err();
            assert_eq!(error.kind(), WorldErrorKind::Storage, "{error}");
        }
    }
}
