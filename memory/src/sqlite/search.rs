//! Finding entries by their words.

use cicerone_core::{
    RunId,
    memory::{Found, Recall, Scope},
};
use rusqlite::{Connection, named_params, params};

use super::fault::Fault;
use crate::{line::corrupt, text::Text};

/// Makes a text of `run` findable.
pub(super) fn insert(text: &Text, connection: &Connection, run: &str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached("INSERT INTO texts (run, position, text) VALUES (?, ?, ?)")?.execute(params![
        run,
        text.position.cast_signed(),
        text.text
    ])?;
    connection
        .prepare_cached("INSERT INTO words (rowid, text) VALUES (?, ?)")?
        .execute(params![connection.last_insert_rowid(), text.text])?;
    Ok(())
}

/// Makes everything findable in a store that had no search.
pub(super) fn index_all(connection: &Connection) -> Result<(), rusqlite::Error> {
    let mut select = connection.prepare("SELECT run, position, CAST(body AS BLOB) FROM events")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        // What can't be read, or is of a newer version, is left as it is, and can't be found.
        let Ok(event) = serde_json::from_slice(row.get_ref(2)?.as_blob()?) else { continue };
        if let Some(text) = Text::of(&event, row.get::<_, i64>(1)?.cast_unsigned()) {
            insert(&text, connection, &row.get::<_, String>(0)?)?;
        }
    }
    Ok(())
}

/// The entries in which words of `query` occur, the best first.
pub(super) fn search(connection: &Connection, query: &Recall) -> Result<Vec<Found>, Fault> {
    // Each word is letters and digits and stands in quotes: nothing in it is an operator.
    let words: Vec<String> = query.words().into_iter().map(|word| format!("\"{word}\"")).collect();
    if words.is_empty() || query.limit == 0 {
        return Ok(Vec::new());
    }
    let (threaded, thread) = match &query.scope {
        Scope::Everywhere => (None, None),
        Scope::Thread(thread) => (Some(true), Some(thread.as_str())),
        Scope::Unthreaded => (Some(false), None),
    };
    let mut select = connection.prepare_cached(
        "SELECT texts.run, texts.position, texts.text, -bm25(words)
         FROM words JOIN texts ON texts.id = words.rowid JOIN runs ON runs.run = texts.run
         WHERE words MATCH :words AND texts.run IS NOT :except
           AND (:threaded IS NULL OR (:threaded AND runs.thread = :thread) OR (NOT :threaded AND runs.thread IS NULL))
         ORDER BY bm25(words), texts.run DESC, texts.position
         LIMIT :limit",
    )?;
    let mut rows = select.query(named_params! {
        ":words": words.join(" OR "),
        ":except": query.except.map(|run| run.to_string()),
        ":threaded": threaded,
        ":thread": thread,
        ":limit": query.limit,
    })?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, at) = (row.get::<_, String>(0)?, row.get::<_, i64>(1)?.cast_unsigned());
        let run: RunId = name.parse().map_err(|error: String| corrupt(&name, at, &error))?;
        found.push(Found::new(run, at, query.excerpt(&row.get::<_, String>(2)?), row.get(3)?));
    }
    Ok(found)
}
