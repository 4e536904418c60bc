//! Two processes that go on with the same run.

use cicerone::{
    ErrorKind,
    event::{Entry, Event},
};

use crate::{
    journal::{Outcome, fold},
    journey::Journey,
    place::Place,
    scene::{Backend, Scene},
    sweep::{Whole, each},
    watch::{Ending, Report},
    worker::{Heard, Worker},
};

/// Starts two processes that stop at the same place, and lets both go on at once; what came of them.
fn race(scene: &mut Scene, sitting: usize, start: Place) -> [Report; 2] {
    let mut workers = [(); 2].map(|()| Worker::start(&scene.orders(sitting, Some(start))));
    for worker in &mut workers {
        assert!(matches!(worker.hear(), Heard::Stopped), "a process was done before the race");
    }
    workers.iter_mut().for_each(Worker::go_on);
    workers.map(|mut worker| worker.report())
}

/// One report that is a conflict, and the other one.
fn winner(reports: [Report; 2]) -> Report {
    let lost = |report: &Report| matches!(report.ending, Ending::Failed(ErrorKind::Conflict, _));
    let [one, other] = reports;
    match (lost(&one), lost(&other)) {
        (true, false) => other,
        (false, true) => one,
        _ => panic!("one goes on and the other stops: {one:?} {other:?}"),
    }
}

#[test]
fn of_two_processes_one_goes_on() {
    let whole = Whole::of(Journey::Trip, &Backend::Sqlite);
    let appends = whole.visits[0].appends;
    // Everywhere but before the run has begun and after it has ended, where there is nothing to go on with.
    let jobs: Vec<u32> = (1..appends).collect();
    each(&jobs, |at| {
        let mut scene = whole.killed_at(&Backend::Sqlite, (0, Place::AfterAppend(*at)));
        scene.cut();
        let winner = winner(race(&mut scene, 0, Place::BeforeAppend(1)));
        assert_eq!(Outcome::of(&scene, &winner), whole.outcome);
    });
    println!("races of two processes: {}, one went on in each", jobs.len());
}

/// Both find that a booking which must not be repeated was intended and not made.
#[test]
fn of_two_processes_one_makes_the_call_that_was_open() {
    let whole = Whole::of(Journey::TripOnce, &Backend::Sqlite);
    let bookings = || (1..=whole.visits[0].tools).map(Place::BeforeTool);
    let mut raced = 0;
    for place in bookings() {
        let mut scene = whole.killed_at(&Backend::Sqlite, (0, place));
        scene.cut();
        let before = scene.log().len();
        let open = scene.cuts[0].journal.iter().any(|entry| is_intended_booking(entry, &scene));
        if !open {
            continue;
        }
        raced += 1;
        // After it was looked up: both know that it was not made.
        let winner = winner(race(&mut scene, 0, Place::AfterTool(1)));
        assert_eq!(Outcome::of(&scene, &winner), whole.outcome, "{place:?}");
        let mut calls: Vec<String> = scene.log().split_off(before).into_iter().map(|(_, what)| what).collect();
        calls.retain(|what| what.starts_with("call book_"));
        let made = calls.len();
        calls.sort();
        calls.dedup();
        assert_eq!(calls.len(), made, "{place:?}: a booking was made by both: {calls:?}");
    }
    assert_eq!(raced, whole.journey.bookings().0);
}

/// Whether an entry intends a booking that has no result in the scene's last cut.
fn is_intended_booking(entry: &Entry, scene: &Scene) -> bool {
    let Event::ToolIntended { planned, .. } = &entry.event else { return false };
    let state = fold(&scene.cuts[0].journal);
    planned.tool.starts_with("book_") && state.call(planned.call).is_some_and(|call| call.result().is_none())
}
