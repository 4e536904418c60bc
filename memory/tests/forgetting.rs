//! What is left of a thread in the files of a store once it is forgotten: nothing.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::{fs, path::Path};

use cicerone_core::{
    RunId, ThreadId,
    event::Entry,
    memory::{Memory, MemoryErrorKind, Recall, RunFilter},
};
use cicerone_memory::Sqlite;
use serde_json::{Value, json};

fn entries(values: Vec<Value>) -> Vec<Entry> {
    values.into_iter().map(|value| serde_json::from_value(value).unwrap()).collect()
}

fn started(thread: Option<&ThreadId>, task: &str) -> Value {
    let mut value = json!({
        "time": 5, "event": "run_started", "format": 1, "task": task, "mentions": [], "history": [],
        "policy": "react", "tools": [], "output_schema": null,
        "model": {
            "name": "m", "provider": "p", "context_window": null,
            "grammar": false, "json_schema": false, "images": false
        },
    });
    if let Some(thread) = thread {
        value["thread"] = json!(thread);
    }
    value
}

fn journal(thread: Option<&ThreadId>, words: &str) -> Vec<Entry> {
    entries(vec![
        started(thread, &format!("Task {words}")),
        json!({ "time": 6, "event": "tool_returned", "call": 1, "milliseconds": 1,
                "result": { "result": "output", "output": { "note": format!("Output {words}") } } }),
        json!({ "time": 7, "event": "finished", "end": "completed", "answer": format!("Answer {words}"), "output": null }),
    ])
}

/// A word that stands nowhere else, of letters.
fn word(label: &str, index: usize) -> String {
    let letters: String = format!("{index:04}").bytes().map(|digit| char::from(digit - b'0' + b'k')).collect();
    format!("{label}{letters}")
}

/// How often `text` stands in the store's files, whatever its case.
fn left(folder: &Path, text: &str) -> usize {
    let text = text.to_lowercase().into_bytes();
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap().to_ascii_lowercase());
    files.map(|bytes| bytes.windows(text.len()).filter(|window| *window == text).count()).sum()
}

#[tokio::test]
async fn nothing_of_a_thread_is_left_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    let store = Sqlite::open(&path).unwrap();
    let (secret, public) = (ThreadId::named("the-secret-thread").unwrap(), ThreadId::named("public").unwrap());
    // In turns, and of different lengths, so that pages of the tables and of the index are shared and divided.
    let mut secrets = Vec::new();
    for index in 0..150 {
        for (thread, label) in [(&secret, "zyxsecret"), (&public, "wvupublic")] {
            let filler = format!("filler {}", "x".repeat(index * 97 % 1500));
            let words = format!("{} {filler}", word(label, index));
            let run = RunId::new();
            store.append(&run, 0, &journal(Some(thread), &words)).await.unwrap();
            secrets.extend((thread == &secret).then_some(run));
        }
    }
    let big = format!("{} ", word("zyxsecret", 999)).repeat(60_000);
    let run = RunId::new();
    store.append(&run, 0, &journal(Some(&secret), &big)).await.unwrap();
    secrets.push(run);
    for trace in ["zyxsecret", "the-secret-thread", &secrets[7].to_string(), "wvupublic"] {
        assert!(left(folder.path(), trace) > 0, "{trace} should have been written");
    }

    assert_eq!(store.forget(&secret).await.unwrap(), secrets.len() as u64);

    for trace in ["zyxsecret", "yxsecret", "zyxs", "the-secret-thread"] {
        assert_eq!(left(folder.path(), trace), 0, "{trace} is left");
    }
    // The index keeps words without the beginning that they share with the one before: the ends must be gone as well.
    assert_eq!(left(folder.path(), &word("", 999)), 0);
    for run in secrets.iter().step_by(15) {
        assert_eq!(left(folder.path(), &run.to_string()), 0, "the name of a run is left");
    }
    assert!(fs::metadata(&path).unwrap().len() < 2_000_000, "the space was not given back");
    // The others are as they were, and so is the store.
    assert_eq!(store.runs(&RunFilter::default()).await.unwrap().len(), 150);
    for index in 0..150 {
        let found = store.search(&Recall::new(word("wvupublic", index))).await.unwrap();
        assert_eq!(found.len(), 3, "{index}");
    }
    drop(store);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    connection.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)", []).unwrap();
}

/// The tables as they were before there were threads.
const VERSION_1: &str = "
    CREATE TABLE runs (
        run TEXT PRIMARY KEY, format INTEGER NOT NULL, task TEXT NOT NULL, status TEXT NOT NULL,
        events INTEGER NOT NULL, started INTEGER NOT NULL, updated INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX runs_by_status ON runs (status, run);
    CREATE TABLE events (
        run TEXT NOT NULL, position INTEGER NOT NULL, time INTEGER NOT NULL,
        kind TEXT AS (json_extract(body, '$.event')) VIRTUAL, body TEXT NOT NULL, PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
    PRAGMA application_id = 0x43494345;
    PRAGMA user_version = 1;
    PRAGMA journal_mode = WAL;
";

#[tokio::test]
async fn a_store_of_the_first_version_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    let run = RunId::new();
    let old = journal(None, "wvupublic");
    {
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(VERSION_1).unwrap();
        let line = "INSERT INTO runs VALUES (?, 1, 'Task wvupublic', 'completed', 4, 5, 7)";
        connection.execute(line, [run.to_string()]).unwrap();
        for (position, entry) in (0..).zip(&old) {
            let body = serde_json::to_string(&entry.event).unwrap();
            let row = rusqlite::params![run.to_string(), position, entry.time.cast_signed(), body];
            connection.execute("INSERT INTO events VALUES (?, ?, ?, ?)", row).unwrap();
        }
        // One of a kind that came later: it stays, and is not read.
        let row = rusqlite::params![run.to_string(), 3, 8, r#"{"event":"dreamt"}"#];
        connection.execute("INSERT INTO events VALUES (?, ?, ?, ?)", row).unwrap();
    }
    for _ in 0..2 {
        let store = Sqlite::open(&path).unwrap();
        let listed = store.runs(&RunFilter::default()).await.unwrap();
        assert_eq!((listed.len(), listed[0].thread.as_ref(), listed[0].task.as_str()), (1, None, "Task wvupublic"));
        let found = store.search(&Recall::new("wvupublic")).await.unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!(store.read(&run, 0).await.unwrap_err().kind(), MemoryErrorKind::Version);
    }
    let store = Sqlite::open(&path).unwrap();
    let thread = ThreadId::new();
    store.append(&RunId::new(), 0, &journal(Some(&thread), "zyxsecret")).await.unwrap();
    assert_eq!(store.forget(&thread).await.unwrap(), 1);
    assert_eq!(left(folder.path(), "zyxsecret"), 0);
}
