//! Where the airline keeps what was done: one line of a file for each write, under the key of its call.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    refusal::Refusal,
    tables::{Changes, Draft, Table, Tables},
};

/// What a call came to.
pub(crate) type Done = Result<String, Refusal>;

/// The airline: the data that it began with, and a file of the writes since. A write whose line is whole was made, and
/// is found again by its key after any crash; one whose line isn't was not made. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct World(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    base: Arc<Tables>,
    changes: Changes,
    writes: Vec<(String, Done)>,
    file: File,
    length: u64,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    done: Done,
    users: Table,
    reservations: Table,
}

impl World {
    /// Opens the file of writes, or begins one.
    pub(crate) fn open(base: &Arc<Tables>, place: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(place)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let mut inner =
            Inner { base: Arc::clone(base), changes: Changes::default(), writes: Vec::new(), file, length: 0 };
        for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            // A line that was cut off is a write that was not made.
            let Some(line) = line.strip_suffix(b"\n") else { break };
            let read: Line = serde_json::from_slice(line).map_err(|error| {
                io::Error::new(ErrorKind::InvalidData, format!("{}, line {}: {error}", place.display(), at + 1))
            })?;
            inner.length += line.len() as u64 + 1;
            inner.changes.extend(Changes { users: read.users, reservations: read.reservations });
            inner.writes.push((read.key, read.done));
        }
        inner.file.set_len(inner.length)?;
        inner.file.seek(SeekFrom::End(0))?;
        Ok(Self(Arc::new(Mutex::new(inner))))
    }

    /// Looks at the data.
    pub(crate) fn look(&self, at: impl FnOnce(&mut Draft<'_>) -> Done) -> Done {
        self.with(|inner| at(&mut Draft::new(&inner.base, &inner.changes)))
    }

    /// Changes the data, and remembers under the key what came of it. On return it is durable.
    ///
    /// A refusal that changed nothing leaves no trace. One that did is remembered, and said again to the same key.
    ///
    /// # Errors
    /// If the file can't be written, or the write was made under this key before: then it is a mistake to ask again.
    pub(crate) fn write(&self, key: &str, act: impl FnOnce(&mut Draft<'_>) -> Done) -> io::Result<Done> {
        self.with(|inner| {
            match inner.done(key) {
                Some(refused @ Err(_)) => return Ok(refused.clone()),
                Some(Ok(_)) => return Err(io::Error::other(format!("the write {key} was made already"))),
                None => {}
            }
            let mut draft = Draft::new(&inner.base, &inner.changes);
            let done = act(&mut draft);
            let changes = draft.into_changes();
            if done.is_err() && changes.is_empty() {
                return Ok(done);
            }
            inner.append(key, &done, changes)?;
            Ok(done)
        })
    }

    /// What came of the write under this key, if it was made.
    pub(crate) fn done(&self, key: &str) -> Option<Done> {
        self.with(|inner| inner.done(key).cloned())
    }

    /// How many writes were made.
    pub(crate) fn writes(&self) -> usize {
        self.with(|inner| inner.writes.iter().filter(|(_, done)| done.is_ok()).count())
    }

    /// The difference to the beginning, in the form of the recordings.
    pub(crate) fn difference(&self) -> Value {
        self.with(|inner| inner.changes.since(&inner.base))
    }

    // What is done under the lock changes the data last of all, so a panic leaves them whole.
    fn with<R>(&self, body: impl FnOnce(&mut Inner) -> R) -> R {
        body(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Inner {
    fn done(&self, key: &str) -> Option<&Done> {
        self.writes.iter().find(|(known, _)| known == key).map(|(_, done)| done)
    }

    fn append(&mut self, key: &str, done: &Done, changes: Changes) -> io::Result<()> {
        let Changes { users, reservations } = changes;
        let line = Line { key: key.to_owned(), done: done.clone(), users, reservations };
        let mut bytes = serde_json::to_vec(&line)?;
        bytes.push(b'\n');
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Half a line, or one that may not last, is taken back.
            self.file.set_len(self.length)?;
            self.file.seek(SeekFrom::End(0))?;
            return Err(error);
        }
        self.length += bytes.len() as u64;
        self.changes.extend(Changes { users: line.users, reservations: line.reservations });
        self.writes.push((line.key, line.done));
        Ok(())
    }
}

#[cfg(test)]
#[path = "world_tests.rs"]
mod tests;
