//! Appending to a journal and reading it.

use cicerone_core::{
    RunId, ThreadId,
    event::{Entry, FORMAT_VERSION},
    memory::MemoryError,
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{again::Job, fault::Fault, search::words};
use crate::{
    append::Append,
    line::{check_format, corrupt, parse},
};

// One statement, so one transaction and one round trip. Locking the run's row gives the length as it is now, whatever
// else was committed since the statement began; who waited for the row of another append is fenced off by it. A first
// append has no row to lock: there the primary keys let one of two through, and the other one asks again.
const APPEND: &str = "
WITH listed AS MATERIALIZED (
    SELECT events, format FROM cicerone.runs WHERE run = $1::uuid FOR UPDATE
), journal AS MATERIALIZED (
    SELECT coalesce((SELECT events FROM listed), 0) AS length, (SELECT format FROM listed) AS format
), fence AS MATERIALIZED (
    SELECT FROM journal WHERE length = $2 AND coalesce(format, 0) <= $3
), summed AS (
    INSERT INTO cicerone.runs (run, format, task, status, events, started, updated, thread)
    SELECT $1::uuid, $4, $5, $6, $7, $8, $9, $13 FROM fence WHERE $7 > $2
    ON CONFLICT (run) DO UPDATE
    SET status = excluded.status, events = excluded.events, updated = excluded.updated
    WHERE runs.events = $2
), written AS (
    INSERT INTO cicerone.events (run, position, time, append, body)
    SELECT $1::uuid, $2 + line.ordinal - 1, line.time, $10, line.body
    FROM fence, unnest($11::bigint[], $12::text[]) WITH ORDINALITY AS line (time, body, ordinal)
), findable AS (
    INSERT INTO cicerone.texts (run, position, text, words)
    SELECT $1::uuid, found.position, found.text, array_to_tsvector(string_to_array(found.words, ' '))
    FROM fence, unnest($14::bigint[], $15::text[], $16::text[]) AS found (position, text, words)
)
SELECT length, format FROM journal";

/// An append that is made once, however often it is attempted.
pub(super) struct Appending {
    append: Append,
    /// Marks what this append has written.
    mark: Uuid,
    /// Whether an attempt before this one may have been made.
    doubtful: bool,
}

impl Appending {
    pub(super) fn new(append: Append) -> Self {
        Self { append, mark: Uuid::new_v4(), doubtful: false }
    }

    /// Whether this append is what stands at its position.
    async fn was_made(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let (made,): (bool,) = sqlx::query_as(
            "SELECT EXISTS (SELECT FROM cicerone.events WHERE run = $1::uuid AND position = $2 AND append = $3)",
        )
        .bind(self.append.run.to_string())
        .bind(self.append.at.cast_signed())
        .bind(self.mark)
        .fetch_one(connection)
        .await?;
        Ok(made)
    }
}

impl Job for Appending {
    type Answer = ();

    async fn attempt(&mut self, connection: &mut PgConnection) -> Result<(), Fault> {
        let Append { run, at, lines, texts, summary, format } = &self.append;
        let summary = summary.as_ref();
        let number = |number: Option<u64>| number.map_or(0, u64::cast_signed);
        let times: Vec<i64> = lines.iter().map(|line| line.time).collect();
        let bodies: Vec<&str> = lines.iter().map(|line| line.body.as_str()).collect();
        let words: Vec<String> = texts.iter().map(|text| words(&text.text).join(" ")).collect();
        let query = sqlx::query_as(APPEND)
            .bind(run.to_string())
            .bind(at.cast_signed())
            .bind(FORMAT_VERSION.cast_signed())
            .bind(format.cast_signed())
            .bind(summary.map(|summary| serde_json::Value::from(summary.task.as_str()).to_string()).unwrap_or_default())
            .bind(summary.map_or("", |summary| summary.status.as_str()))
            .bind(at.saturating_add(lines.len() as u64).cast_signed())
            .bind(number(summary.map(|summary| summary.started)))
            .bind(number(summary.map(|summary| summary.updated)))
            .bind(self.mark)
            .bind(times)
            .bind(bodies)
            .bind(summary.and_then(|summary| summary.thread.as_ref()).map(ThreadId::as_str))
            .bind(texts.iter().map(|text| text.position.cast_signed()).collect::<Vec<_>>())
            .bind(texts.iter().map(|text| text.text.as_str()).collect::<Vec<_>>())
            .bind(words);
        let (length, format): (i64, Option<i32>) = query.fetch_one(&mut *connection).await?;
        if length.cast_unsigned() != *at {
            if self.doubtful && self.was_made(connection).await? {
                return Ok(());
            }
            return Err(MemoryError::conflict(run, *at, length.cast_unsigned()).into());
        }
        Ok(check_format(*run, format.unwrap_or_default().cast_unsigned())?)
    }

    fn doubt(&mut self) {
        self.doubtful = true;
    }

    fn what(&self) -> String {
        format!("append to run {} at {} in", self.append.run, self.append.at)
    }
}

/// The entries of a run from a position on.
pub(super) struct Reading {
    pub(super) run: RunId,
    pub(super) from: u64,
}

impl Job for Reading {
    type Answer = Vec<Entry>;

    async fn attempt(&mut self, connection: &mut PgConnection) -> Result<Vec<Entry>, Fault> {
        let Self { run, from } = *self;
        let format: Option<(i32,)> = sqlx::query_as("SELECT format FROM cicerone.runs WHERE run = $1::uuid")
            .bind(run.to_string())
            .fetch_optional(&mut *connection)
            .await?;
        if let Some((format,)) = format {
            check_format(run, format.cast_unsigned())?;
        }
        let rows: Vec<(i64, i64, String)> = sqlx::query_as(
            "SELECT position, time, body FROM cicerone.events WHERE run = $1::uuid AND position >= $2 ORDER BY position",
        )
        .bind(run.to_string())
        // No journal is that long: beyond what PostgreSQL can count there is nothing to read.
        .bind(i64::try_from(from).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?;
        let entries = (0..).zip(rows).map(|(index, (position, time, body))| {
            let expected = from + index;
            if position.cast_unsigned() != expected {
                return Err(corrupt(run, expected, "it is missing; restore the store from a copy"));
            }
            parse(run, expected, time, &body)
        });
        Ok(entries.collect::<Result<_, _>>()?)
    }

    fn what(&self) -> String {
        format!("read run {} from {} on in", self.run, self.from)
    }
}
