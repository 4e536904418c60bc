//! One run in a world of its own, and the processes that work on it.

use std::{fs, path::Path, sync::LazyLock};

use cicerone::{
    RunId,
    event::Entry,
    memory::{self, Memory},
};
use tempfile::TempDir;

use crate::{
    journal::Cut,
    journey::{Journey, TODAY},
    place::Place,
    watch::{Orders, Report},
    worker::{Heard, Worker},
    world::{Booking, World},
};

/// More visits than any journey needs.
const MOST_SITTINGS: usize = 8;

/// Where the journals of a test are kept.
#[derive(Clone, Debug)]
pub(crate) enum Backend {
    /// In a file of each scene's own.
    Sqlite,
    /// In the database at this address, with other scenes' journals.
    Postgres(String),
}

/// A run, its world and its journal.
pub(crate) struct Scene {
    pub(crate) journey: Journey,
    pub(crate) folder: TempDir,
    store: String,
    run: Option<RunId>,
    /// How many processes have worked on it.
    processes: u32,
    /// How many milliseconds the clock of the next process is ahead.
    pub(crate) ahead: u64,
    /// What the journal held when a process was killed.
    pub(crate) cuts: Vec<Cut>,
}

impl Scene {
    /// A fresh world, and a journal without a run.
    pub(crate) fn new(journey: Journey, backend: &Backend) -> Self {
        let folder = folder();
        fs::write(folder.path().join("travel.db"), &*FRESH_WORLD).unwrap();
        let store = match backend {
            Backend::Sqlite => folder.path().join("runs.db").to_str().unwrap().to_owned(),
            Backend::Postgres(address) => address.clone(),
        };
        Self { journey, folder, store, run: None, processes: 0, ahead: 0, cuts: Vec::new() }
    }

    /// The orders of the next process.
    pub(crate) fn orders(&mut self, sitting: usize, stop: Option<Place>) -> Orders {
        let process = self.processes;
        self.processes += 1;
        Orders {
            journey: self.journey,
            sitting,
            folder: self.folder.path().to_owned(),
            store: self.store.clone(),
            run: self.run,
            process,
            stop,
            ahead: self.ahead,
        }
    }

    /// Starts a process that stops at a place, and kills it there; if it is done before, what came of it.
    pub(crate) fn killed_at(&mut self, sitting: usize, place: Place) -> Option<Report> {
        let mut worker = Worker::start(&self.orders(sitting, Some(place)));
        let heard = worker.hear();
        self.began(&worker);
        match heard {
            Heard::Done(report) => Some(report),
            Heard::Stopped => {
                worker.kill();
                None
            }
        }
    }

    /// Takes over the name of the run that a process has begun.
    pub(crate) fn began(&mut self, worker: &Worker) {
        self.run = worker.begun.or(self.run);
    }

    /// Remembers what the journal holds now, and that what it holds must not be done again.
    pub(crate) fn cut(&mut self) {
        let before = self.processes;
        self.cuts.push(Cut { before, journal: self.journal() });
    }

    /// Starts a process and waits for what comes of it.
    pub(crate) fn work(&mut self, sitting: usize) -> Report {
        let mut worker = Worker::start(&self.orders(sitting, None));
        let report = worker.report();
        self.began(&worker);
        report
    }

    /// Starts processes until nobody comes any more; what came of each.
    pub(crate) fn go_on(&mut self, from: usize) -> Vec<Report> {
        let mut reports = Vec::new();
        for sitting in from..MOST_SITTINGS {
            let report = self.work(sitting);
            let again = self.journey.goes_on_after(sitting, &report.ending);
            reports.push(report);
            if !again {
                return reports;
            }
        }
        panic!("the run has not ended after {MOST_SITTINGS} visits");
    }

    /// What the journal holds.
    pub(crate) fn journal(&self) -> Vec<Entry> {
        let Some(run) = self.run else { return Vec::new() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { memory::open(&self.store).await.unwrap().read(&run, 0).await.unwrap() })
    }

    /// All bookings in the world.
    pub(crate) fn bookings(&self) -> Vec<Booking> {
        World::open(self.folder.path().join("travel.db"), TODAY).unwrap().bookings(None).unwrap()
    }

    /// What the processes did: the number of each, and what it did.
    pub(crate) fn log(&self) -> Vec<(u32, String)> {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let line = |line: &str| line.split_once(' ').map(|(by, what)| (by.parse().unwrap(), what.to_owned()));
        log.lines().filter_map(line).collect()
    }

    /// The folder's file of this name.
    pub(crate) fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }
}

/// A folder in memory where there is one: what a killed process has written is with the system, whether or not it is
/// on the disk, and a disk's flushes are most of the time that these tests take.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// The file of a world in which nothing is booked.
static FRESH_WORLD: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = folder();
    let file = folder.path().join("travel.db");
    drop(World::open(&file, TODAY).unwrap());
    fs::read(file).unwrap()
});
