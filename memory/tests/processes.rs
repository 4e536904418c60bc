//! Several processes on one file, and what is left when one of them is killed.
//!
//! The other processes are this test program, run again for one of the tests named `child_…`, which do nothing unless
//! told so by the environment.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

use cicerone_core::{
    RunId,
    event::{End, Entry, Event},
    memory::{Memory, MemoryErrorKind, RunFilter},
};
use cicerone_memory::Sqlite;

const FILE: &str = "CICERONE_TEST_FILE";
const RUN: &str = "CICERONE_TEST_RUN";
const LABEL: &str = "CICERONE_TEST_LABEL";
const EACH: usize = 60;

fn entry(label: &str, index: usize) -> Entry {
    let questions = vec![label.to_owned(), index.to_string()];
    Entry { time: 1, event: Event::Finished(End::NeedsInput { questions }) }
}

fn parts(entry: &Entry) -> (&str, usize) {
    match &entry.event {
        Event::Finished(End::NeedsInput { questions }) => (&questions[0], questions[1].parse().unwrap()),
        other => panic!("an event that nobody wrote: {other:?}"),
    }
}

fn child(test: &str, file: &Path, run: RunId, label: &str) -> Child {
    Command::new(env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(FILE, file)
        .env(RUN, run.to_string())
        .env(LABEL, label)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a child was told, if this process is one.
fn told() -> Option<(Sqlite, RunId, String)> {
    let store = Sqlite::open(env::var_os(FILE)?).unwrap();
    Some((store, env::var(RUN).unwrap().parse().unwrap(), env::var(LABEL).unwrap()))
}

/// Appends to the common run, and to one of its own, until it has got through sixty times.
#[tokio::test]
async fn child_that_competes() {
    let Some((store, run, label)) = told() else { return };
    let own = RunId::new();
    for index in 0..EACH {
        store.append(&own, index as u64, &[entry(&label, index)]).await.unwrap();
        loop {
            let length = store.read(&run, 0).await.unwrap().len() as u64;
            match store.append(&run, length, &[entry(&label, index)]).await {
                Ok(()) => break,
                Err(error) => assert_eq!(error.kind(), MemoryErrorKind::Conflict, "{error}"),
            }
        }
    }
}

/// Appends for ever, three at a time, and says how far it has come.
#[tokio::test]
async fn child_that_is_killed() {
    let Some((store, run, label)) = told() else { return };
    for at in (0..).step_by(3) {
        let batch: Vec<_> = (at..at + 3).map(|index| entry(&label, index)).collect();
        store.append(&run, at as u64, &batch).await.unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "durable {}", at + 3).unwrap();
        out.flush().unwrap();
    }
}

#[tokio::test]
async fn processes_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody has made the file: the children meet when they create it, too.
    let (file, run) = (folder.path().join("runs.db"), RunId::new());
    let labels = ["left", "middle", "right"];
    let children = labels.map(|label| child("child_that_competes", &file, run, label));
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }

    let store = Sqlite::open(&file).unwrap();
    let entries = store.read(&run, 0).await.unwrap();
    for label in labels {
        let indices: Vec<_> =
            entries.iter().map(parts).filter(|(by, _)| *by == label).map(|(_, index)| index).collect();
        assert!(indices.iter().copied().eq(0..EACH), "{label} wrote {indices:?}");
    }
    assert_eq!(entries.len(), labels.len() * EACH);

    let runs = store.runs(&RunFilter::default()).await.unwrap();
    assert_eq!(runs.len(), labels.len() + 1);
    for own in runs.iter().filter(|summary| summary.run != run) {
        assert_eq!(own.events, EACH as u64);
        assert_eq!(store.read(&own.run, 0).await.unwrap().len(), EACH);
    }
}

#[tokio::test]
async fn a_killed_writer_leaves_whole_appends() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("runs.db");
    // Each time it comes a little further, so that it is hit at different points of an append.
    for round in 0..12 {
        let run = RunId::new();
        let mut child = child("child_that_is_killed", &file, run, "killed");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut durable = lines.filter_map(|line| line.strip_prefix("durable ")?.parse::<usize>().ok());
        let mut last = durable.find(|length| *length > round * 3).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        // What it had said before it was killed and nobody had read yet.
        last = durable.last().unwrap_or(last);

        let store = Sqlite::open(&file).unwrap();
        let entries = store.read(&run, 0).await.unwrap();
        assert!(entries.len() >= last, "{last} events were durable, {} are left", entries.len());
        assert_eq!(entries.len() % 3, 0, "an append was cut in two");
        assert!(entries.iter().map(parts).eq((0..entries.len()).map(|index| ("killed", index))));
        let listed = store.runs(&RunFilter::default().limit(1)).await.unwrap();
        assert_eq!((listed[0].run, listed[0].events), (run, entries.len() as u64));
        store.append(&run, entries.len() as u64, &[entry("successor", 0)]).await.unwrap();
    }
    let connection = rusqlite::Connection::open(&file).unwrap();
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}
