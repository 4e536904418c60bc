//! Telling what a database holds, and making it a store.

use cicerone_core::memory::{MemoryError, MemoryErrorKind};
use sqlx::{Connection, PgConnection};

use super::fault::Fault;

/// What makes a database of each version one of the next, from none at all.
const STEPS: [&str; 1] = [include_str!("schema/1.sql")];

/// The version of the tables. The journal's format has a version of its own.
const VERSION: usize = STEPS.len();

/// Generated columns came with this version.
const OLDEST_SERVER: i32 = 12;

/// Held while tables are made: any number, as long as nobody else takes it. This one reads `CICERONE` in ASCII.
const LOCK: i64 = i64::from_be_bytes(*b"CICERONE");

/// Makes the database a store, if it is none yet or an older one; changes nothing otherwise.
pub(super) async fn prepare(connection: &mut PgConnection, place: &str) -> Result<(), Fault> {
    let refuse = |why: &str| MemoryError::new(MemoryErrorKind::Unavailable, format!("can't open `{place}`: {why}"));
    let (server, encoding, read_only): (i32, String, String) = sqlx::query_as(
        "SELECT current_setting('server_version_num')::integer / 10000, current_setting('server_encoding'),
                current_setting('transaction_read_only')",
    )
    .fetch_one(&mut *connection)
    .await?;
    if server < OLDEST_SERVER {
        let why = format!("the server is PostgreSQL {server}, and {OLDEST_SERVER} or later is needed; update it");
        return Err(refuse(&why).into());
    }
    if encoding != "UTF8" {
        let why = format!(
            "the database's encoding is {encoding}, which can't hold every text; create one with \
             `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0` and give that"
        );
        return Err(refuse(&why).into());
    }
    if version(connection, place).await? == VERSION {
        return Ok(());
    }
    if read_only == "on" {
        return Err(refuse(super::fault::READ_ONLY).into());
    }
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
    // Again, now that nobody else can: another process may have been faster.
    let version = version(&mut transaction, place).await?;
    for step in STEPS.iter().skip(version) {
        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
        sqlx::query("UPDATE cicerone.version SET version = version + 1").execute(&mut *transaction).await?;
    }
    Ok(transaction.commit().await?)
}

/// The version of the tables; 0 if there are none.
async fn version(connection: &mut PgConnection, place: &str) -> Result<usize, Fault> {
    // Not by `to_regclass`, which within a transaction may answer from a cache.
    let (there,): (bool,) = sqlx::query_as(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
                        WHERE nspname = 'cicerone' AND relname = 'version')",
    )
    .fetch_one(&mut *connection)
    .await?;
    if !there {
        return Ok(0);
    }
    let (version,): (i32,) = sqlx::query_as("SELECT version FROM cicerone.version").fetch_one(connection).await?;
    match usize::try_from(version) {
        Ok(version @ 1..=VERSION) => Ok(version),
        Ok(newer) if newer > VERSION => {
            let message = format!(
                "can't open `{place}`: it was written by a newer version of Cicerone (its tables are of version \
                 {newer}, this one reads {VERSION}); update, or give another database"
            );
            Err(MemoryError::new(MemoryErrorKind::Version, message).into())
        }
        _ => {
            let message = format!(
                "can't open `{place}`: its tables are of version {version}, which never existed; restore it from a copy"
            );
            Err(MemoryError::new(MemoryErrorKind::Corrupt, message).into())
        }
    }
}
