//! Opening a file, telling whose it is, and making it a store.

use std::{fs, path::Path, thread, time::Duration};

use cicerone_core::memory::{MemoryError, MemoryErrorKind};
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags, TransactionBehavior};

use super::{
    durability::Durability,
    fault::{Fault, READ_ONLY},
    search,
};

/// Marks a file as ours: `CICE`. SQLite keeps it for applications in the file's header.
const APPLICATION: i64 = 0x4349_4345;

/// The version of the tables, in the header too. The journal's format has a version of its own.
const VERSION: i64 = 2;

/// The version without threads and search.
const WITHOUT_SEARCH: i64 = 1;

/// How long to wait for another process's transaction. They take milliseconds, unless a disk is very busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection to the file at `path`, which is created if there is none.
pub(super) fn connect(path: &Path) -> Result<Connection, MemoryError> {
    let place = path.display();
    let refuse = |why: String| MemoryError::new(MemoryErrorKind::Unavailable, format!("can't open `{place}`: {why}"));
    if path.is_dir() {
        return Err(refuse(format!("it is a folder; give a file in it, such as `{}`", path.join("runs.db").display())));
    }
    if path.exists() && !path.is_file() {
        return Err(refuse("it is no ordinary file; give another path".to_owned()));
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| {
            refuse(format!("its folder `{}` can't be created ({error})", folder.display())).with_source(error)
        })?;
    }
    // Without SQLITE_OPEN_URI, which rusqlite would add: a path is a path, even if it begins with `file:`. Without
    // SQLite's own lock, since the connection never leaves its thread.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|error| Fault::from(error).at("open", &place.to_string()))
}

/// Makes the connection one to a store, if its database is one or is blank; changes nothing otherwise.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), Fault> {
    connection.busy_timeout(PATIENCE)?;
    // In a transaction, for one view of it all: another process may be making the file a store just now.
    let contents = Contents::of(&*connection.transaction()?)?;
    // SQLite opens what it may not write for reading, without a word.
    if connection.is_readonly(MAIN_DB)? {
        return Err(refusal(connection, MemoryErrorKind::Unavailable, READ_ONLY));
    }
    if contents != Contents::Store {
        create(connection)?;
    }
    use_write_ahead_log(connection)?;
    Ok(Durability::Flushed.set(connection)?)
}

#[derive(Debug, PartialEq)]
enum Contents {
    Blank,
    /// One of an earlier version.
    Earlier,
    Store,
}

impl Contents {
    fn of(connection: &Connection) -> Result<Self, Fault> {
        let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let application = number("PRAGMA application_id")?;
        let version = number("PRAGMA user_version")?;
        if application == APPLICATION {
            return match version {
                VERSION => Ok(Self::Store),
                WITHOUT_SEARCH => Ok(Self::Earlier),
                newer @ VERSION.. => Err(refusal(
                    connection,
                    MemoryErrorKind::Version,
                    &format!(
                        "it was written by a newer version of Cicerone (its tables are of version {newer}, this one \
                         reads {VERSION}); update, or give another path"
                    ),
                )),
                other => Err(refusal(
                    connection,
                    MemoryErrorKind::Corrupt,
                    &format!("its tables are of version {other}, which never existed; restore it from a copy"),
                )),
            };
        }
        if application == 0 && version == 0 && number("SELECT count(*) FROM sqlite_schema")? == 0 {
            return Ok(Self::Blank);
        }
        Err(refusal(connection, MemoryErrorKind::Unavailable, "it is another program's database; give another path"))
    }
}

fn refusal(connection: &Connection, kind: MemoryErrorKind, why: &str) -> Fault {
    let place = connection.path().unwrap_or_default();
    MemoryError::new(kind, format!("can't open `{place}`: {why}")).into()
}

/// Makes a blank file a store, and one of an earlier version one of this.
fn create(connection: &mut Connection) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    match Contents::of(&transaction)? {
        Contents::Store => return Ok(()),
        Contents::Blank => {
            transaction.execute_batch(include_str!("schema.sql"))?;
            transaction.execute_batch(include_str!("search.sql"))?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
        }
        Contents::Earlier => {
            transaction.execute_batch("ALTER TABLE runs ADD COLUMN thread TEXT")?;
            transaction.execute_batch(include_str!("search.sql"))?;
            search::index_all(&transaction)?;
        }
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}

/// Switches to the write-ahead log, which the file remembers. Where it can't be had, SQLite stays with its rollback
/// journal: slower, and as safe.
fn use_write_ahead_log(connection: &Connection) -> Result<(), Fault> {
    // The switch needs the file for itself and fails at once, without waiting, if two processes open a new file at the
    // same moment: hence the loop.
    const PAUSE: Duration = Duration::from_millis(10);
    let mut waited = Duration::ZERO;
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && waited < PATIENCE => {
                thread::sleep(PAUSE);
                waited += PAUSE;
            }
            done => return Ok(done?),
        }
    }
}
