use std::{fs, path::Path};

use cicerone_core::{
    RunId,
    event::{End, Entry, Event},
    memory::{InProcess, Memory, MemoryError, MemoryErrorKind, Recall, RunFilter, RunStatus},
};
use insta::assert_snapshot;
use proptest::prelude::*;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use super::{Sqlite, listing, store};

fn entry(text: &str) -> Entry {
    Entry { time: 7, event: Event::Finished(End::NeedsInput { questions: vec![text.to_owned()] }) }
}

pub(super) fn started(format: u32) -> Entry {
    let entry = json!({
        "time": 5, "event": "run_started", "format": format, "task": "Lisbon", "mentions": [], "history": [],
        "policy": "react", "tools": [], "output_schema": null,
        "model": {
            "name": "m", "provider": "p", "context_window": null,
            "grammar": false, "json_schema": false, "images": false
        },
    });
    serde_json::from_value(entry).unwrap()
}

fn block_on<R>(future: impl Future<Output = R>) -> R {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

impl Sqlite {
    /// Runs SQL on the store's own connection, as only a test would.
    pub(super) async fn sql(&self, sql: impl Into<String>) {
        let sql = sql.into();
        self.ask(|| "test".to_owned(), move |connection| Ok(connection.execute_batch(&sql)?)).await.unwrap();
    }
}

/// The sentence of an error with what changes from run to run replaced.
fn sentence(error: &MemoryError, folder: &Path, run: RunId) -> String {
    let folder = folder.display().to_string();
    let text = format!("{:?}: {error}", error.kind()).replace(&folder, "/home/me");
    text.replace(&run.to_string(), "RUN")
}

fn refusal_to_open(path: &Path) -> String {
    let before = fs::read(path).ok();
    let error = Sqlite::open(path).unwrap_err();
    assert_eq!(fs::read(path).ok(), before, "the file was changed");
    sentence(&error, path.parent().unwrap(), RunId::new())
}

#[test]
fn files_that_are_no_stores_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name| folder.path().join(name);

    fs::write(at("notes.txt"), "Flights to Lisbon are cheap in March.\n".repeat(50)).unwrap();
    assert_snapshot!(refusal_to_open(&at("notes.txt")), @"Corrupt: can't open `/home/me/notes.txt`: the file is no SQLite database; give another path, or restore the file if it was one");

    let music = Connection::open(at("music.db")).unwrap();
    music.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE songs (title TEXT);").unwrap();
    drop(music);
    assert_snapshot!(refusal_to_open(&at("music.db")), @"Unavailable: can't open `/home/me/music.db`: it is another program's database; give another path");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "side files were left");

    let newer = Connection::open(at("newer.db")).unwrap();
    newer.execute_batch("PRAGMA application_id = 0x43494345; PRAGMA user_version = 3;").unwrap();
    drop(newer);
    assert_snapshot!(refusal_to_open(&at("newer.db")), @"Version: can't open `/home/me/newer.db`: it was written by a newer version of Cicerone (its tables are of version 3, this one reads 2); update, or give another path");

    fs::create_dir(at("trips")).unwrap();
    assert_snapshot!(refusal_to_open(&at("trips")), @"Unavailable: can't open `/home/me/trips`: it is a folder; give a file in it, such as `/home/me/trips/runs.db`");
    assert_snapshot!(refusal_to_open(&at("notes.txt").join("runs.db")).replace("/home/me", "/home/me/notes.txt"), @"Unavailable: can't open `/home/me/notes.txt/runs.db`: its folder `/home/me/notes.txt` can't be created (File exists (os error 17))");
    #[cfg(unix)]
    assert_snapshot!(sentence(&Sqlite::open("/dev/null").unwrap_err(), folder.path(), RunId::new()), @"Unavailable: can't open `/dev/null`: it is no ordinary file; give another path");
}

#[test]
fn a_read_only_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trips.db");
    let _store = Sqlite::open(&path).unwrap();
    // Not by permissions, which don't bind an administrator; SQLite opens the same way if they forbid writing.
    let mut connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let error = store::prepare(&mut connection).unwrap_err().at("open", "");
    assert_snapshot!(sentence(&error, folder.path(), RunId::new()), @"Unavailable: can't open `/home/me/trips.db`: it is read-only, and a journal must be written; check the permissions of the file and its folder, or give another path");
}

#[test]
fn missing_folders_are_created_and_a_blank_file_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b/trips?mode=ro#1.db");
    drop(Sqlite::open(&deep).unwrap());
    assert!(deep.is_file());
    let blank = folder.path().join("blank.db");
    fs::write(&blank, "").unwrap();
    drop(Sqlite::open(&blank).unwrap());
    assert_ne!(fs::metadata(&blank).unwrap().len(), 0);
}

#[test]
fn what_cannot_be_undone_is_flushed() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("trips.db")).unwrap();
        let run = RunId::new();
        let read = |value: Value| serde_json::from_value::<Entry>(value).unwrap();
        let intended = |call: u32, effect: &str| {
            read(json!({
                "time": 6, "event": "tool_intended", "call": call, "step": null, "model_call": null, "tool": "book",
                "args": {}, "effect": effect, "key": "k",
            }))
        };
        let returned = |call: u32| {
            let result = json!({ "result": "output", "output": 7 });
            read(json!({ "time": 6, "event": "tool_returned", "call": call, "result": result, "milliseconds": 1 }))
        };
        let approved =
            json!({ "time": 6, "event": "approval_given", "call": 5, "decision": { "decision": "approve" } });
        let (normal, full) = (1, 2);
        let appends = [
            (vec![started(1)], normal),
            (vec![intended(1, "read")], normal),
            (vec![intended(2, "once")], full),
            (vec![returned(1)], normal),
            (vec![returned(2)], full),
            (vec![intended(3, "read"), intended(4, "idempotent")], full),
            (vec![returned(3)], normal),
            // Of a call that another process began nobody here knows what it is.
            (vec![returned(9)], full),
            (vec![started(1)], normal),
            (vec![read(approved)], full),
            (vec![entry("the end")], full),
        ];
        let mut at = 0;
        for (entries, expected) in appends {
            store.append(&run, at, &entries).await.unwrap();
            at += entries.len() as u64;
            let settings = store.ask(String::new, |connection| {
                let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
                let synchronous: i64 = connection.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
                Ok((mode, synchronous))
            });
            assert_eq!(settings.await.unwrap(), ("wal".to_owned(), expected), "{entries:?}");
        }
    });
}

#[test]
fn a_full_disk_is_said_and_nothing_is_kept() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("trips.db")).unwrap();
        let run = RunId::new();
        store.append(&run, 0, &[entry("before")]).await.unwrap();
        store.sql("PRAGMA max_page_count = 20").await;
        let big = entry(&"x".repeat(500_000));
        let error = store.append(&run, 1, &[entry("small"), big]).await.unwrap_err();
        assert_snapshot!(sentence(&error, folder.path(), run), @"Unavailable: can't append to run RUN in `/home/me/trips.db`: the disk is full, so nothing of it was kept; free some space and resume the run");
        assert_eq!(store.read(&run, 0).await.unwrap(), [entry("before")]);
        store.append(&run, 1, &[entry("small")]).await.unwrap();
    });
}

#[test]
fn a_disk_that_fills_up_keeps_whole_appends_at_any_moment() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("trips.db")).unwrap();
        let (run, mut length, mut refused) = (RunId::new(), 0, 0);
        // One page more each time: so the disk is full at each step of an append, its words' included.
        for pages in 16..70 {
            store.sql(format!("PRAGMA max_page_count = {pages}")).await;
            let batch: Vec<_> = (0..7).map(|index| entry(&format!("wvu {}", "y".repeat(index * 131)))).collect();
            match store.append(&run, length, &batch).await {
                Ok(()) => length += batch.len() as u64,
                Err(error) => {
                    assert!(error.to_string().contains("the disk is full, so nothing of it was kept"), "{error}");
                    refused += 1;
                }
            }
            assert_eq!(store.read(&run, 0).await.unwrap().len() as u64, length);
            let found = store.search(&Recall::new("wvu").limit(10_000)).await.unwrap();
            assert_eq!(found.len() as u64, length, "what was refused is found");
        }
        assert!(refused > 5 && length > 20, "{refused} appends were refused, {length} events kept");
    });
}

#[test]
fn what_cannot_be_read_is_named() {
    block_on(async {
        let (store, run) = (Sqlite::in_memory().unwrap(), RunId::new());
        let folder = Path::new("/home/me");
        let entries: Vec<_> = (0..4).map(|index| entry(&index.to_string())).collect();
        store.append(&run, 0, &entries).await.unwrap();

        store.sql("UPDATE events SET body = '{\"event\":\"finished\",\"end\":7}' WHERE position = 2").await;
        assert_snapshot!(sentence(&store.read(&run, 1).await.unwrap_err(), folder, run), @"Corrupt: event 2 of run RUN can't be read: invalid value: integer `7`, expected variant index 0 <= i < 3");
        store.sql("UPDATE events SET body = '{}' WHERE position = 2").await;
        assert_snapshot!(sentence(&store.read(&run, 1).await.unwrap_err(), folder, run), @"Corrupt: event 2 of run RUN can't be read: missing field `event` at line 1 column 2");
        store.sql("UPDATE events SET body = '{\"event\":\"' || CAST(x'ff' AS TEXT) || '\"}' WHERE position = 2").await;
        assert_snapshot!(sentence(&store.read(&run, 1).await.unwrap_err(), folder, run), @"Corrupt: event 2 of run RUN can't be read: it is no UTF-8 text");
        assert_eq!(store.read(&run, 3).await.unwrap(), entries[3..]);
        store.sql("DELETE FROM events WHERE position = 2").await;
        assert_snapshot!(sentence(&store.read(&run, 1).await.unwrap_err(), folder, run), @"Corrupt: event 2 of run RUN can't be read: it is missing; restore the store from a copy");
        store.sql("UPDATE runs SET status = 'paused'").await;
        assert_snapshot!(sentence(&store.runs(&RunFilter::default()).await.unwrap_err(), folder, run), @"Version: run `RUN` of status `paused` can't be listed: it was written by a newer version of Cicerone; update to list it");
        store.sql("UPDATE runs SET run = 'nobody', status = 'open'").await;
        assert_snapshot!(sentence(&store.runs(&RunFilter::default()).await.unwrap_err(), folder, run), @"Corrupt: run `nobody` of status `open` can't be listed: its line in the list can't be read; restore the store from a copy");
    });
}

#[test]
fn what_a_newer_version_wrote_is_told_apart() {
    block_on(async {
        let (store, folder) = (Sqlite::in_memory().unwrap(), Path::new("/home/me"));
        let run = RunId::new();
        store.append(&run, 0, &[entry("")]).await.unwrap();
        store.sql("UPDATE events SET body = '{\"event\":\"dreamt\",\"of\":[]}'").await;
        let error = store.read(&run, 0).await.unwrap_err();
        assert_eq!(error.kind(), MemoryErrorKind::Version);
        let (said, _) = error.to_string().split_once(", expected").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        assert_snapshot!(said.replace(&run.to_string(), "RUN"), @"run RUN was written by a newer version of Cicerone: its event 0 is of a kind that this one doesn't know: unknown variant `dreamt`");
        store.sql("UPDATE events SET body = '{\"event\":\"finished\",\"end\":\"adjourned\"}'").await;
        assert_eq!(store.read(&run, 0).await.unwrap_err().kind(), MemoryErrorKind::Version);

        let run = RunId::new();
        store.append(&run, 0, &[started(2), entry("")]).await.unwrap();
        assert_snapshot!(sentence(&store.read(&run, 1).await.unwrap_err(), folder, run), @"Version: run RUN was written by a newer version of Cicerone: its journal is of version 2, this one reads 1; update to read it");
        assert_eq!(store.append(&run, 2, &[entry("")]).await.unwrap_err().kind(), MemoryErrorKind::Version);
    });
}

#[test]
fn what_could_not_be_read_back_is_not_written() {
    block_on(async {
        let (store, run) = (Sqlite::in_memory().unwrap(), RunId::new());
        let deep = (0..200).fold(Value::Null, |inner, _| json!([inner]));
        let end = End::Completed { answer: String::new(), output: Some(deep) };
        let entries = [entry("fine"), Entry { time: 1, event: Event::Finished(end) }];
        let error = store.append(&run, 0, &entries).await.unwrap_err();
        assert_snapshot!(sentence(&error, Path::new("/home/me"), run), @"Unavailable: event 1 of run RUN can't be kept as JSON: recursion limit exceeded at line 1 column 186");
        assert_eq!(store.read(&run, 0).await.unwrap(), []);
    });
}

#[test]
fn a_dropped_future_leaves_a_whole_journal() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("trips.db")).unwrap();
        let run = RunId::new();
        let batch = vec![entry("x"); 50];
        for _ in 0..40 {
            let at = store.read(&run, 0).await.unwrap().len() as u64;
            let append = store.append(&run, at, &batch);
            // Polled once, and so begun; then dropped, or finished if it was that fast.
            let _ = tokio::time::timeout(std::time::Duration::ZERO, append).await;
        }
        let length = store.read(&run, 0).await.unwrap().len();
        assert_eq!(length % batch.len(), 0);
        store.append(&run, length as u64, &batch).await.unwrap();
    });
}

#[test]
fn clones_may_outlive_the_first_handle_and_its_runtime() {
    let store = block_on(async { Sqlite::in_memory().unwrap().clone() });
    let run = RunId::new();
    block_on(store.append(&run, 0, &[entry("")])).unwrap();
    assert_eq!(block_on(store.read(&run, 0)).unwrap().len(), 1);
}

#[test]
fn lists_are_not_sorted_but_read_in_order() {
    block_on(async {
        let store = Sqlite::in_memory().unwrap();
        let plan = store.ask(String::new, |connection| {
            let mut steps = Vec::new();
            for sql in [listing::ALL, listing::OF_STATUS, listing::OF_THREAD, listing::OF_BOTH] {
                let sql = sql.replace(":status", "'open'").replace(":thread", "'chat'").replace(":limit", "9");
                let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                steps.extend(explain.query_map([], |row| row.get::<_, String>("detail"))?.flatten());
            }
            Ok(steps.join("\n"))
        });
        assert_snapshot!(plan.await.unwrap(), @r#"
        SCAN runs
        SEARCH runs USING INDEX runs_by_status (status=?)
        SEARCH runs USING INDEX runs_by_thread (thread=?)
        SEARCH runs USING INDEX runs_by_thread (thread=?)
        "#);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    // Whatever is done in whatever order, the file does what the list in this process does.
    #[test]
    fn does_what_the_in_process_memory_does(steps in prop::collection::vec((0_usize..3, 0_u64..6, 0_usize..4, ".{0,20}"), 1..30)) {
        block_on(async {
            let (store, model) = (Sqlite::in_memory().unwrap(), InProcess::default());
            let runs = [RunId::new(), RunId::new(), RunId::new()];
            for (index, at, length, text) in steps {
                let entries = vec![if length == 1 { started(1) } else { entry(&text) }; length];
                let (run, at) = (&runs[index], at * 2 / 3);
                let made = store.append(run, at, &entries).await.map_err(|error| error.to_string());
                assert_eq!(made, model.append(run, at, &entries).await.map_err(|error| error.to_string()));
                assert_eq!(store.read(run, at).await.unwrap(), model.read(run, at).await.unwrap());
                let filters = [RunFilter::default().limit(2), RunFilter::default().status(RunStatus::NeedsInput)];
                for filter in filters {
                    assert_eq!(store.runs(&filter).await.unwrap(), model.runs(&filter).await.unwrap());
                }
            }
        });
    }
}
