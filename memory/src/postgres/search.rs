//! Finding entries by their words.

use cicerone_core::{
    RunId,
    memory::{Found, Recall, Scope, words_of},
};
use sqlx::PgConnection;

use super::{again::Job, fault::Fault};
use crate::line::corrupt;

// A word counts for more the fewer entries hold it, as in the memory of the process: PostgreSQL's own ranking takes
// all words for equally rare. They are summed in one order, so that entries with the same words score the same.
const SEARCH: &str = "
WITH asked AS MATERIALIZED (
    SELECT word, quote_literal(word)::tsquery AS query FROM unnest($1::text[]) AS word
), held AS MATERIALIZED (
    SELECT texts.run, texts.position, asked.word
    FROM asked JOIN cicerone.texts ON texts.words @@ asked.query JOIN cicerone.runs ON runs.run = texts.run
    WHERE ($2::uuid IS NULL OR texts.run <> $2::uuid)
      AND ($3::boolean IS NULL OR (CASE WHEN $3 THEN runs.thread = $4 ELSE runs.thread IS NULL END))
), weighed AS (
    SELECT word, ln(1 + (SELECT count(*) FROM held)::float8 / count(*)) AS weight FROM held GROUP BY word
), best AS (
    SELECT run, position, sum(weight ORDER BY weight) AS score FROM held JOIN weighed USING (word)
    GROUP BY run, position
    ORDER BY score DESC, run DESC, position
    LIMIT $5
)
SELECT run::text, position, text, score FROM best JOIN cicerone.texts USING (run, position)
ORDER BY score DESC, run DESC, position";

/// PostgreSQL's lexemes have less than 2 KiB; who looks for a longer word finds it by its beginning.
const LONGEST_WORD: usize = 1024;

/// The words of a text as they are looked for.
pub(super) fn words(text: &str) -> Vec<String> {
    words_of(text).map(|(_, word)| lexeme(&word.to_lowercase())).collect()
}

fn lexeme(word: &str) -> String {
    word.get(..word.floor_char_boundary(LONGEST_WORD)).unwrap_or_default().to_owned()
}

/// The entries in which words of a query occur, the best first.
pub(super) struct Searching(pub(super) Recall);

impl Job for Searching {
    type Answer = Vec<Found>;

    async fn attempt(&mut self, connection: &mut PgConnection) -> Result<Vec<Found>, Fault> {
        let query = &self.0;
        let (threaded, thread) = match &query.scope {
            Scope::Everywhere => (None, None),
            Scope::Thread(thread) => (Some(true), Some(thread.as_str())),
            Scope::Unthreaded => (Some(false), None),
        };
        let rows: Vec<(String, i64, String, f64)> = sqlx::query_as(SEARCH)
            // Each is letters and digits, and stands in quotes: nothing in it is an operator.
            .bind(query.words().iter().map(|word| lexeme(word)).collect::<Vec<_>>())
            .bind(query.except.map(|run| run.to_string()))
            .bind(threaded)
            .bind(thread)
            .bind(i64::from(query.limit))
            .fetch_all(connection)
            .await?;
        let found = rows.into_iter().map(|(name, at, text, score)| {
            let at = at.cast_unsigned();
            let run: RunId = name.parse().map_err(|error: String| corrupt(&name, at, &error))?;
            Ok(Found::new(run, at, query.excerpt(&text), score))
        });
        Ok(found.collect::<Result<_, cicerone_core::memory::MemoryError>>()?)
    }

    fn what(&self) -> String {
        "search".to_owned()
    }
}
