//! What is in the tables, and what becomes of it when somebody else changes it.

use cicerone_core::{
    RunId,
    event::{End, Entry, Event},
    memory::{InProcess, Memory, MemoryError, MemoryErrorKind, RunFilter, RunStatus},
};
use cicerone_memory::Postgres;
use insta::assert_snapshot;
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use crate::{
    entry,
    server::{sql, with_database},
};

fn started(format: u32) -> Entry {
    let entry = json!({
        "time": 5, "event": "run_started", "format": format, "task": "Lisbon \0", "mentions": [], "history": [],
        "policy": "react", "tools": [], "output_schema": null,
        "model": {
            "name": "m", "provider": "p", "context_window": null,
            "grammar": false, "json_schema": false, "images": false
        },
    });
    serde_json::from_value(entry).unwrap()
}

/// The sentence of an error with what changes from run to run replaced.
fn sentence(error: &MemoryError, run: RunId) -> String {
    format!("{:?}: {error}", error.kind()).replace(&run.to_string(), "RUN")
}

#[tokio::test]
async fn an_event_is_kept_byte_for_byte() {
    with_database(async |url| {
        let (store, run) = (Postgres::connect(url).await.unwrap(), RunId::new());
        // What jsonb would change: the order of keys, the way a number is written, NUL.
        let output = json!({ "zebra": 1.0, "ape": 1e300, "b": "\0", "a": 18446744073709551615_u64 });
        let end = End::Completed { answer: "\0".into(), output: Some(output) };
        let written = Entry { time: 1, event: Event::Finished(end) };
        store.append(&run, 0, &[started(1), written.clone()]).await.unwrap();
        let mut connection = PgConnection::connect(url).await.unwrap();
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT kind, body FROM cicerone.events WHERE run = $1::uuid ORDER BY position")
                .bind(run.to_string())
                .fetch_all(&mut connection)
                .await
                .unwrap();
        let kinds: Vec<_> = rows.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["run_started", "finished"]);
        assert_eq!(rows[1].1, serde_json::to_string(&written.event).unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_commit_is_durable_whatever_the_servers_default() {
    with_database(async |url| {
        let database = url.rsplit_once('/').unwrap().1;
        sql(url, &format!("ALTER DATABASE {database} SET synchronous_commit = off")).await;
        let store = Postgres::connect(url).await.unwrap();
        // The server says under which setting a row was written.
        sql(
            url,
            "CREATE TABLE seen (setting text);
             CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
             CREATE TRIGGER see BEFORE INSERT ON cicerone.events FOR EACH ROW EXECUTE FUNCTION see()",
        )
        .await;
        store.append(&RunId::new(), 0, &[entry("")]).await.unwrap();
        let mut connection = PgConnection::connect(url).await.unwrap();
        let seen: String = sqlx::query_scalar("SELECT setting FROM seen").fetch_one(&mut connection).await.unwrap();
        assert_eq!(seen, "on");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_is_named() {
    with_database(async |url| {
        let (store, run) = (Postgres::connect(url).await.unwrap(), RunId::new());
        let entries: Vec<_> = (0..4).map(|index| entry(&index.to_string())).collect();
        store.append(&run, 0, &entries).await.unwrap();
        let list = RunFilter::default();

        sql(url, "UPDATE cicerone.events SET body = '{\"event\":\"finished\",\"end\":7}' WHERE position = 2").await;
        assert_snapshot!(sentence(&store.read(&run, 1).await.unwrap_err(), run), @"Corrupt: event 2 of run RUN can't be read: invalid value: integer `7`, expected variant index 0 <= i < 3");
        assert_eq!(store.read(&run, 3).await.unwrap(), entries[3..]);
        sql(url, "UPDATE cicerone.events SET body = '{\"event\":\"dreamt\"}' WHERE position = 2").await;
        assert_eq!(store.read(&run, 0).await.unwrap_err().kind(), MemoryErrorKind::Version);
        sql(url, "DELETE FROM cicerone.events WHERE position = 2").await;
        assert_snapshot!(sentence(&store.read(&run, 1).await.unwrap_err(), run), @"Corrupt: event 2 of run RUN can't be read: it is missing; restore the store from a copy");
        sql(url, "UPDATE cicerone.runs SET status = 'paused'").await;
        assert_snapshot!(sentence(&store.runs(&list).await.unwrap_err(), run), @"Version: run `RUN` of status `paused` can't be listed: it was written by a newer version of Cicerone; update to list it");
        sql(url, "UPDATE cicerone.runs SET task = 'Lisbon', status = 'open'").await;
        assert_snapshot!(sentence(&store.runs(&list).await.unwrap_err(), run), @"Corrupt: run `RUN` can't be listed: its task is no JSON string; restore the store from a copy");
        sql(url, "DROP SCHEMA cicerone CASCADE").await;
        let error = sentence(&store.runs(&list).await.unwrap_err(), run);
        assert!(error.contains("its tables are gone"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn what_a_newer_version_wrote_is_told_apart() {
    with_database(async |url| {
        let (store, run) = (Postgres::connect(url).await.unwrap(), RunId::new());
        store.append(&run, 0, &[started(2), entry("")]).await.unwrap();
        assert_snapshot!(sentence(&store.read(&run, 1).await.unwrap_err(), run), @"Version: run RUN was written by a newer version of Cicerone: its journal is of version 2, this one reads 1; update to read it");
        assert_snapshot!(sentence(&store.append(&run, 2, &[entry("")]).await.unwrap_err(), run), @"Version: run RUN was written by a newer version of Cicerone: its journal is of version 2, this one reads 1; update to read it");
        let mut connection = PgConnection::connect(url).await.unwrap();
        let events: i64 =
            sqlx::query_scalar("SELECT count(*) FROM cicerone.events").fetch_one(&mut connection).await.unwrap();
        assert_eq!(events, 2);
    })
    .await;
}

#[tokio::test]
async fn what_could_not_be_read_back_is_not_written() {
    with_database(async |url| {
        let (store, run) = (Postgres::connect(url).await.unwrap(), RunId::new());
        let deep = (0..200).fold(Value::Null, |inner, _| json!([inner]));
        let end = End::Completed { answer: String::new(), output: Some(deep) };
        let entries = [entry("fine"), Entry { time: 1, event: Event::Finished(end) }];
        let error = store.append(&run, 0, &entries).await.unwrap_err();
        assert!(error.to_string().starts_with(&format!("event 1 of run {run} can't be kept as JSON")), "{error}");
        assert_eq!(store.read(&run, 0).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_dropped_future_leaves_a_whole_journal() {
    with_database(async |url| {
        let (store, run) = (Postgres::connect(url).await.unwrap(), RunId::new());
        let batch = vec![entry("x"); 50];
        for round in 0..40 {
            let at = store.read(&run, 0).await.unwrap().len() as u64;
            let append = store.append(&run, at, &batch);
            let _ = tokio::time::timeout(std::time::Duration::from_micros(100 * round), append).await;
        }
        loop {
            let length = store.read(&run, 0).await.unwrap().len();
            assert_eq!(length % batch.len(), 0);
            // The last one that was dropped may be under way still.
            match store.append(&run, length as u64, &batch).await {
                Ok(()) => return,
                Err(error) => assert_eq!(error.kind(), MemoryErrorKind::Conflict, "{error}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn lists_are_not_sorted_but_read_in_order() {
    with_database(async |url| {
        Postgres::connect(url).await.unwrap();
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql("SET enable_seqscan = off; SET enable_bitmapscan = off").execute(&mut connection).await.unwrap();
        let mut plans = String::new();
        for sql in [
            "EXPLAIN (COSTS OFF) SELECT * FROM cicerone.runs ORDER BY run DESC LIMIT 9",
            "EXPLAIN (COSTS OFF) SELECT * FROM cicerone.runs WHERE status = 'open' ORDER BY run DESC LIMIT 9",
        ] {
            let plan: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap();
            plans += &format!("{}\n", plan.join("\n"));
        }
        assert_snapshot!(plans, @r#"
        Limit
          ->  Index Scan Backward using runs_pkey on runs
        Limit
          ->  Index Scan Backward using runs_by_status on runs
                Index Cond: (status = 'open'::text)
        "#);
    })
    .await;
}

// Whatever is done in whatever order, the server does what the list in this process does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn does_what_the_in_process_memory_does() {
    with_database(async |url| {
        let store = Postgres::connect(url).await.unwrap();
        let steps = prop::collection::vec((0_usize..3, 0_u64..6, 0_usize..4, ".{0,20}"), 1..30);
        let mut runner = TestRunner::new(ProptestConfig::with_cases(20));
        let handle = tokio::runtime::Handle::current();
        let done = runner.run(&steps, |steps| {
            tokio::task::block_in_place(|| handle.block_on(same_as_in_process(&store, steps)));
            Ok(())
        });
        done.unwrap();
    })
    .await;
}

async fn same_as_in_process(store: &Postgres, steps: Vec<(usize, u64, usize, String)>) {
    let model = InProcess::default();
    let runs = [RunId::new(), RunId::new(), RunId::new()];
    for (index, at, length, text) in steps {
        let entries = vec![if length == 1 { started(1) } else { entry(&text) }; length];
        let (run, at) = (&runs[index], at * 2 / 3);
        let made = store.append(run, at, &entries).await.map_err(|error| error.to_string());
        assert_eq!(made, model.append(run, at, &entries).await.map_err(|error| error.to_string()));
        assert_eq!(store.read(run, at).await.unwrap(), model.read(run, at).await.unwrap());
        for filter in [RunFilter::default(), RunFilter::default().status(RunStatus::NeedsInput)] {
            // Earlier cases have left theirs.
            let mut listed = store.runs(&filter).await.unwrap();
            listed.retain(|summary| runs.contains(&summary.run));
            assert_eq!(listed, model.runs(&filter).await.unwrap());
        }
    }
}
