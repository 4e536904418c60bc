//! Deleting a thread so that nothing of it is left in the file.

use cicerone_core::memory::{MemoryError, MemoryErrorKind};
use rusqlite::{Connection, TransactionBehavior};

use super::{durability::Durability, fault::Fault};

/// Deletes the runs of `thread`, and what they leave in the file; gives how many there were.
pub(super) fn forget(connection: &mut Connection, thread: &str) -> Result<u64, Fault> {
    Durability::Flushed.set(connection)?;
    let runs = delete(connection, thread)?;
    // Even if there was nothing to delete: the last attempt may have come no further.
    wipe(connection)?;
    Ok(runs as u64)
}

fn delete(connection: &mut Connection, thread: &str) -> Result<usize, rusqlite::Error> {
    const OF_THREAD: &str = "run IN (SELECT run FROM runs WHERE thread = ?)";
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let words =
        format!("INSERT INTO words (words, rowid, text) SELECT 'delete', id, text FROM texts WHERE {OF_THREAD}");
    transaction.execute(&words, [thread])?;
    transaction.execute(&format!("DELETE FROM texts WHERE {OF_THREAD}"), [thread])?;
    transaction.execute(&format!("DELETE FROM events WHERE {OF_THREAD}"), [thread])?;
    let runs = transaction.execute("DELETE FROM runs WHERE thread = ?", [thread])?;
    transaction.commit()?;
    Ok(runs)
}

/// Writes the file anew from what is in its tables.
///
/// SQLite's `secure_delete` would be faster and is not enough: it blanks a row where it lies, and not the copies that
/// were left where it lay before its page was full and divided.
fn wipe(connection: &Connection) -> Result<(), Fault> {
    // The index marks words as deleted, and drops them when it is put together anew.
    connection.execute("INSERT INTO words (words) VALUES ('optimize')", [])?;
    connection.execute_batch("VACUUM")?;
    // The log still holds pages as they were. It is emptied once nobody reads them any more.
    let in_use: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if in_use {
        let message = "the thread is deleted, but another process reads the store, so that traces of the text are \
                       left in its log; forget the thread again when that one is done";
        return Err(MemoryError::new(MemoryErrorKind::Unavailable, message).into());
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use cicerone_core::{
        RunId, ThreadId,
        memory::{Memory, MemoryErrorKind, RunFilter},
    };
    use rusqlite::Connection;

    use crate::Sqlite;

    #[tokio::test]
    async fn a_reader_that_keeps_the_log_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs.db");
        let store = Sqlite::open(&path).unwrap();
        store.sql("PRAGMA busy_timeout = 20").await;
        let thread = ThreadId::new();
        let mut entry = super::super::tests::started(1);
        if let cicerone_core::event::Event::RunStarted(started) = &mut entry.event {
            started.thread = Some(thread.clone());
        }
        store.append(&RunId::new(), 0, &[entry]).await.unwrap();
        let reader = Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM runs;").unwrap();
        let error = store.forget(&thread).await.unwrap_err();
        assert_eq!(error.kind(), MemoryErrorKind::Unavailable);
        assert!(error.to_string().ends_with("forget the thread again when that one is done"), "{error}");
        assert!(store.runs(&RunFilter::default()).await.unwrap().is_empty(), "it is deleted already");
        drop(reader);
        assert_eq!(store.forget(&thread).await.unwrap(), 0);
        let log = std::fs::metadata(path.with_extension("db-wal")).unwrap();
        assert_eq!(log.len(), 0, "the log is emptied by the second attempt");
    }
}
