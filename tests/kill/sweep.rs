//! Every place at which a process can be killed, once and twice.

use std::{
    any::Any,
    fmt::{self, Debug},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use crate::{
    journal::Outcome,
    journey::Journey,
    place::Place,
    scene::{Backend, Scene},
    watch::Report,
};

/// How many runs are worked on at the same time: one waits while another computes.
const AT_ONCE: usize = 3;
/// Every which place is one for a second kill, too.
const SECOND: usize = 5;

/// A run that nothing interrupted.
pub(crate) struct Whole {
    pub(crate) journey: Journey,
    pub(crate) outcome: Outcome,
    /// What came of each visit.
    pub(crate) visits: Vec<Report>,
}

impl Debug for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.journey)
    }
}

impl Whole {
    pub(crate) fn of(journey: Journey, backend: &Backend) -> Self {
        let mut scene = Scene::new(journey, backend);
        let visits = scene.go_on(0);
        let outcome = Outcome::of(&scene, visits.last().unwrap());
        assert_eq!(outcome.booked(), journey.bookings(), "{outcome:#?}");
        Self { journey, outcome, visits }
    }

    /// Every place of the whole run, and in which visit it is.
    pub(crate) fn places(&self) -> Vec<(usize, Place)> {
        let of_visit = |(sitting, report): (usize, &Report)| {
            Place::all(report.appends, report.tools).into_iter().map(move |place| (sitting, place))
        };
        self.visits.iter().enumerate().flat_map(of_visit).collect()
    }

    /// A scene of the same journey whose process was killed at a place of this run.
    pub(crate) fn killed_at(&self, backend: &Backend, (sitting, place): (usize, Place)) -> Scene {
        let mut scene = Scene::new(self.journey, backend);
        (0..sitting).for_each(|earlier| drop(scene.work(earlier)));
        assert!(scene.killed_at(sitting, place).is_none(), "the process never came to {place:?}");
        scene
    }

    /// Goes on with a scene, and checks that the same comes of it.
    pub(crate) fn goes_on(&self, scene: &mut Scene, from: usize) {
        let reports = scene.go_on(from);
        assert_eq!(Outcome::of(scene, reports.last().unwrap()), self.outcome);
    }
}

/// Kills a trip at each place, and runs of the other journeys at every which place; how many places there were.
pub(crate) fn kill_everywhere(backend: &Backend, every: usize) -> usize {
    let begun = Instant::now();
    let wholes: Vec<Whole> = Journey::ALL.iter().map(|journey| Whole::of(*journey, backend)).collect();
    let mut jobs = Vec::new();
    for whole in &wholes {
        let step = if whole.journey == Journey::Trip { 1 } else { every };
        jobs.extend(whole.places().into_iter().step_by(step).map(|at| (whole, at)));
    }
    each(&jobs, |(whole, at)| {
        let mut scene = whole.killed_at(backend, *at);
        scene.cut();
        whole.goes_on(&mut scene, at.0);
    });
    for journey in Journey::ALL {
        let places = jobs.iter().filter(|(whole, _)| whole.journey == journey).count();
        println!("{places:>4} in {}", journey.name());
    }
    println!("kill points: {}, all survived, in {:.1} s", jobs.len(), begun.elapsed().as_secs_f64());
    jobs.len()
}

/// Kills a run of each journey at some places, and then the process that goes on with it; how many second kills there
/// were.
pub(crate) fn kill_twice(backend: &Backend) -> usize {
    let begun = Instant::now();
    let wholes: Vec<Whole> = Journey::ALL.iter().map(|journey| Whole::of(*journey, backend)).collect();
    let places = wholes.iter().flat_map(|whole| whole.places().into_iter().map(move |at| (whole, at)));
    let jobs: Vec<_> = places.step_by(SECOND).enumerate().collect();
    let again = AtomicUsize::new(0);
    each(&jobs, |(number, (whole, at))| {
        let mut scene = whole.killed_at(backend, *at);
        scene.cut();
        // Not always the same place of the second process.
        let second = Place::all(3, 2);
        if scene.killed_at(at.0, second[number % second.len()]).is_none() {
            again.fetch_add(1, Ordering::Relaxed);
            scene.cut();
        }
        whole.goes_on(&mut scene, at.0);
    });
    let again = again.into_inner();
    println!(
        "killed twice: {again} of {} runs that went on, all survived, in {:.1} s",
        jobs.len(),
        begun.elapsed().as_secs_f64()
    );
    again
}

/// Does something for each of several things, a few at the same time, and fails with all that failed.
pub(crate) fn each<T: Debug + Sync>(jobs: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    let one_after_another = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(job))) {
                failed.lock().unwrap().push(format!("{job:?}: {}", said(&*panic)));
            }
        }
    };
    thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(one_after_another))));
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} of {} failed:\n{}", failed.len(), jobs.len(), failed.join("\n"));
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked")
}

#[test]
fn every_kill_is_survived() {
    assert!(kill_everywhere(&Backend::Sqlite, 1) > 300);
}

#[test]
fn a_second_kill_is_survived() {
    assert!(kill_twice(&Backend::Sqlite) > 30);
}
