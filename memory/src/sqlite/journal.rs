//! Appending to a journal and reading it.

use cicerone_core::{RunId, ThreadId, event::Entry, memory::MemoryError};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, named_params, params};

use super::{durability::Durability, fault::Fault, search};
use crate::{
    append::Append,
    line::{check_format, corrupt, parse},
};

/// Writes all of an append, or nothing.
pub(super) fn append(connection: &mut Connection, append: Append, durability: Durability) -> Result<(), Fault> {
    let run = append.run.to_string();
    durability.set(connection)?;
    // IMMEDIATE takes the write lock before the length is read. A transaction that begins with reading would have
    // to be begun again if another process wrote in between.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let length = transaction
        .prepare_cached("SELECT coalesce(max(position) + 1, 0) FROM events WHERE run = ?")?
        .query_row([&run], |row| row.get::<_, i64>(0))?
        .cast_unsigned();
    if length != append.at {
        return Err(MemoryError::conflict(&append.run, append.at, length).into());
    }
    if let Some(format) = format(&transaction, &run)? {
        check_format(append.run, format)?;
    }
    let mut insert =
        transaction.prepare_cached("INSERT INTO events (run, position, time, body) VALUES (?, ?, ?, ?)")?;
    for (position, line) in (append.at..).zip(&append.lines) {
        insert.execute(params![run, position.cast_signed(), line.time, line.body])?;
    }
    drop(insert);
    for text in &append.texts {
        search::insert(text, &transaction, &run)?;
    }
    if let Some(summary) = append.summary {
        let mut upsert = transaction.prepare_cached(
            "INSERT INTO runs (run, format, task, status, events, started, updated, thread)
             VALUES (:run, :format, :task, :status, :events, :started, :updated, :thread)
             ON CONFLICT (run) DO UPDATE
             SET status = excluded.status, events = excluded.events, updated = excluded.updated",
        )?;
        upsert.execute(named_params! {
            ":run": run,
            ":format": append.format,
            ":task": summary.task,
            ":status": summary.status.as_str(),
            ":events": summary.events.cast_signed(),
            ":started": summary.started.cast_signed(),
            ":updated": summary.updated.cast_signed(),
            ":thread": summary.thread.as_ref().map(ThreadId::as_str),
        })?;
    }
    Ok(transaction.commit()?)
}

/// The entries of `run` from the position `from` on.
pub(super) fn read(connection: &Connection, run: RunId, from: u64) -> Result<Vec<Entry>, Fault> {
    let name = run.to_string();
    if let Some(format) = format(connection, &name)? {
        check_format(run, format)?;
    }
    let mut select = connection
        .prepare_cached("SELECT position, time, body FROM events WHERE run = ? AND position >= ? ORDER BY position")?;
    // No journal is that long: beyond what SQLite can count there is nothing to read.
    let first = i64::try_from(from).unwrap_or(i64::MAX);
    let mut rows = select.query(params![name, first])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let position = from + entries.len() as u64;
        if row.get::<_, i64>(0)?.cast_unsigned() != position {
            return Err(corrupt(run, position, "it is missing; restore the store from a copy").into());
        }
        let body = row.get_ref(2)?.as_str();
        let body = body.map_err(|error| corrupt(run, position, "it is no UTF-8 text").with_source(error))?;
        entries.push(parse(run, position, row.get(1)?, body)?);
    }
    Ok(entries)
}

fn format(connection: &Connection, run: &str) -> Result<Option<u32>, rusqlite::Error> {
    connection.prepare_cached("SELECT format FROM runs WHERE run = ?")?.query_row([run], |row| row.get(0)).optional()
}
