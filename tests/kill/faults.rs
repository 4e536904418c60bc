//! Disks that are full, pages that are torn, clocks that go back.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
};

use cicerone::ErrorKind;
use rusqlite::Connection;

use crate::{
    journey::Journey,
    place::Place,
    scene::{Backend, Scene},
    sweep::{Whole, each},
    watch::Ending,
    worker::Worker,
};

/// A disk has fewer blocks left each time, so that it is full at another append.
#[cfg(unix)]
#[test]
fn a_full_disk_stops_a_run_that_then_goes_on() {
    const STEPS: u64 = 16;
    let whole = Whole::of(Journey::Trip, &Backend::Sqlite);
    // How large the journal's file gets, in the blocks of 512 bytes that a shell counts.
    let killed = whole.killed_at(&Backend::Sqlite, (0, Place::AfterAppend(whole.visits[0].appends)));
    let blocks = fs::metadata(killed.file("runs.db-wal")).unwrap().len() / 512;
    let jobs: Vec<u64> = (STEPS / 4..STEPS).map(|step| blocks * step / STEPS).collect();
    each(&jobs, |limit| {
        let mut scene = Scene::new(Journey::Trip, &Backend::Sqlite);
        let mut worker = Worker::start_on_a_disk_of(*limit, &scene.orders(0, None));
        let report = worker.report();
        scene.began(&worker);
        let Ending::Failed(ErrorKind::Memory, message) = &report.ending else { panic!("{report:?}") };
        assert!(message.contains("full"), "{message}");
        scene.cut();
        assert!(!scene.journal().is_empty(), "too small a disk to begin on");
        whole.goes_on(&mut scene, 0);
    });
    println!("full disks: {}, all survived", jobs.len());
}

/// What a write that was cut off leaves at the end of the log of a file.
#[derive(Clone, Copy, Debug)]
enum Tear {
    /// The last byte is missing.
    Byte,
    /// Half of the last page is missing.
    Half,
    /// All but the last page's head is missing.
    Head,
    /// The file has its length, and half of the last page was never written.
    Hole,
    /// A bit of the last page is wrong.
    Bit,
}

impl Tear {
    const ALL: [Self; 5] = [Self::Byte, Self::Half, Self::Head, Self::Hole, Self::Bit];
    const PAGE: usize = 4096;

    fn apply(self, file: &std::path::Path) {
        let mut bytes = fs::read(file).unwrap();
        let length = bytes.len();
        assert!(length > Self::PAGE, "nothing was written to {}", file.display());
        match self {
            Self::Byte => bytes.truncate(length - 1),
            Self::Half => bytes.truncate(length - Self::PAGE / 2),
            Self::Head => bytes.truncate(length - Self::PAGE),
            // Data of a page may end in zeros as it is: the middle of it is where journals differ.
            Self::Hole => bytes[length - Self::PAGE..length - Self::PAGE / 2].fill(0),
            Self::Bit => bytes[length - Self::PAGE / 2] ^= 0x10,
        }
        fs::write(file, bytes).unwrap();
    }
}

#[test]
fn a_torn_page_is_an_append_that_was_not_made() {
    let whole = Whole::of(Journey::Trip, &Backend::Sqlite);
    let jobs: Vec<(u32, Tear)> = (2..=whole.visits[0].appends).zip(Tear::ALL.into_iter().cycle()).collect();
    each(&jobs, |(append, tear)| {
        let mut scene = whole.killed_at(&Backend::Sqlite, (0, Place::AfterAppend(*append)));
        tear.apply(&scene.file("runs.db-wal"));
        scene.cut();
        assert!(!scene.cuts[0].journal.is_empty());
        whole.goes_on(&mut scene, 0);
    });
    println!("torn pages: {}, all survived", jobs.len());
}

/// A file that has lost its end can't be mended, and must not be taken for a shorter journal. Whatever a process makes
/// of it, from a copy the run goes on, and what was booked meanwhile is not booked again.
#[test]
fn a_file_without_its_end_is_refused_or_whole() {
    let whole = Whole::of(Journey::Waiting, &Backend::Sqlite);
    let refused = AtomicUsize::new(0);
    let jobs: Vec<usize> = (0..12).collect();
    each(&jobs, |pages| {
        let mut scene = Scene::new(Journey::Waiting, &Backend::Sqlite);
        scene.work(0);
        let file = scene.file("runs.db");
        // All of it into the one file, as when the last process closes it.
        let connection = Connection::open(&file).unwrap();
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        drop(connection);
        let before = fs::read(&file).unwrap();
        fs::write(&file, &before[..before.len() - pages * Tear::PAGE - Tear::PAGE / 2]).unwrap();
        let report = scene.work(1);
        if let Ending::Failed(kind, message) = &report.ending {
            assert_eq!(*kind, ErrorKind::Memory, "{message}");
            assert!(message.contains("the file is damaged; restore it from a copy"), "{message}");
            refused.fetch_add(1, Ordering::Relaxed);
        }
        for leftover in ["runs.db-wal", "runs.db-shm"] {
            // They are there only if the process could not close the file.
            let _ = fs::remove_file(scene.file(leftover));
        }
        fs::write(&file, before).unwrap();
        whole.goes_on(&mut scene, 1);
    });
    let refused = refused.into_inner();
    assert!(refused > 0, "no file was damaged where it matters");
    println!("files without their end: {}, {refused} refused, all survived", jobs.len());
}

/// The process that goes on has a clock that is a day behind, and then one that is a year ahead.
#[test]
fn clocks_that_differ_change_nothing() {
    const DAY: u64 = 86_400_000;
    let whole = Whole::of(Journey::Trip, &Backend::Sqlite);
    let jobs: Vec<u32> = (1..whole.visits[0].appends).step_by(3).collect();
    each(&jobs, |at| {
        let mut scene = Scene::new(Journey::Trip, &Backend::Sqlite);
        scene.ahead = DAY;
        assert!(scene.killed_at(0, Place::AfterAppend(*at)).is_none());
        scene.cut();
        scene.ahead = 0;
        assert!(scene.killed_at(0, Place::AfterAppend(1)).is_none());
        scene.cut();
        scene.ahead = 365 * DAY;
        whole.goes_on(&mut scene, 0);
        let times: Vec<u64> = scene.journal().iter().map(|entry| entry.time).collect();
        assert!(!times.is_sorted(), "the clock did not go back");
    });
    println!("clocks set back: {}, all survived", jobs.len());
}
