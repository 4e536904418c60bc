//! Files that were torn: what was appended before is read, or an error says that it can't be.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::{fs, path::Path};

use cicerone_core::{
    RunId,
    event::{CallId, End, Entry, Event, ToolResult},
    memory::{Memory, MemoryError, MemoryErrorKind, Recall, RunFilter},
};
use cicerone_memory::Sqlite;
use serde_json::json;

fn entry(index: usize) -> Entry {
    let output = json!({ "index": index, "note": format!("wvu {}", "y".repeat(index * 131 % 900)) });
    let result = ToolResult::Output { output };
    Entry { time: 1, event: Event::ToolReturned { call: CallId(1), result, milliseconds: 1 } }
}

fn ended() -> Entry {
    Entry { time: 1, event: Event::Finished(End::NeedsInput { questions: vec!["Where?".into()] }) }
}

/// A store's file and its log after so many appends, as they lie on the disk while the store is open.
async fn files(run: RunId, appends: usize, emptied: bool) -> (Vec<u8>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    let store = Sqlite::open(&path).unwrap();
    for at in 0..appends {
        store.append(&run, at as u64, &[entry(at)]).await.unwrap();
    }
    if emptied {
        // Closing the last connection writes the log into the file.
        drop(store);
        while fs::exists(log(&path)).unwrap() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        return (fs::read(&path).unwrap(), Vec::new());
    }
    (fs::read(&path).unwrap(), fs::read(log(&path)).unwrap())
}

fn log(path: &Path) -> std::path::PathBuf {
    path.with_extension("db-wal")
}

/// Whatever can be done with a store in these files gives the beginning of what was written, or a clear error.
async fn check(file: &[u8], wal: &[u8], run: RunId, what: &str) -> Result<usize, MemoryErrorKind> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    fs::write(&path, file).unwrap();
    if !wal.is_empty() {
        fs::write(log(&path), wal).unwrap();
    }
    let clear = |error: MemoryError| {
        assert!(
            matches!(error.kind(), MemoryErrorKind::Corrupt | MemoryErrorKind::Unavailable),
            "{what}: {:?}: {error}",
            error.kind()
        );
        assert!(error.to_string().len() > 20, "{what}: {error}");
        error.kind()
    };
    let store = Sqlite::open(&path).map_err(clear)?;
    // Each is tried, whatever came of the one before.
    let listed = store.runs(&RunFilter::default()).await.map_err(clear);
    let found = store.search(&Recall::new("wvu").limit(1000)).await.map_err(clear);
    let read = store.read(&run, 0).await.map_err(clear);
    let length = read.as_ref().map_or(0, Vec::len);
    let appended = store.append(&run, length as u64, &[ended()]).await.map_err(|error| match error.kind() {
        MemoryErrorKind::Conflict => MemoryErrorKind::Corrupt,
        _ => clear(error),
    });
    let entries = read?;
    for (index, read) in entries.iter().enumerate() {
        assert_eq!(*read, entry(index), "{what}: an event was changed");
    }
    if listed.is_ok() && found.is_ok() && appended.is_ok() {
        let again = store.read(&run, 0).await.map_err(clear)?;
        assert_eq!(again.len(), entries.len() + 1, "{what}");
    }
    Ok(entries.len())
}

#[tokio::test]
async fn a_torn_log_loses_its_end_and_nothing_else() {
    const APPENDS: usize = 12;
    let run = RunId::new();
    let (file, wal) = files(run, APPENDS, false).await;
    assert_eq!(check(&file, &wal, run, "as it was").await, Ok(APPENDS));
    let mut before = 0;
    // Cut off at many lengths, at the bounds of frames and within them.
    for cut in (0..wal.len()).step_by(wal.len() / 60 + 1) {
        // A log that was cut before the tables were made is a blank store.
        let left = check(&file, &wal[..cut], run, &format!("cut at {cut}")).await.unwrap();
        assert!(left >= before, "a longer log has fewer events");
        before = left;
    }
    // The last page written in part: its checksum says so.
    for from in [wal.len() - 4096, wal.len() - 2048, wal.len() - 1] {
        let mut wal = wal.clone();
        wal[from..].iter_mut().for_each(|byte| *byte = !*byte);
        assert_eq!(check(&file, &wal, run, &format!("garbled from {from}")).await, Ok(APPENDS - 1));
    }
}

#[tokio::test]
async fn a_torn_file_is_read_as_it_was_or_said_to_be_damaged() {
    const APPENDS: usize = 120;
    let run = RunId::new();
    let (file, _) = files(run, APPENDS, true).await;
    assert_eq!(check(&file, &[], run, "as it was").await, Ok(APPENDS));
    let pages = file.len() / 4096;
    let mut damaged = 0;
    for page in (0..pages).rev().take(12).chain(0..4) {
        for bytes in [4096, 1500] {
            let at = page * 4096;
            let mut garbled = file.clone();
            garbled[at..at + bytes].fill(0xa5);
            let what = format!("{bytes} bytes of page {page} garbled");
            damaged += usize::from(check(&garbled, &[], run, &what).await != Ok(APPENDS));
        }
        let torn = &file[..page * 4096 + 700];
        let read = check(torn, &[], run, &format!("cut off within page {page}")).await;
        damaged += usize::from(read != Ok(APPENDS));
    }
    assert!(damaged >= 12, "of 48 kinds of damage, {damaged} were noticed");
}
