//! A child's side: what it was told, what it counts, where it stops, what it says.

use std::{
    env,
    fs::OpenOptions,
    io::{self, Write},
    path::PathBuf,
    process,
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use cicerone::{ErrorKind, RunId};
use serde::{Deserialize, Serialize};

use crate::{journey::Journey, place::Place};

/// The variable that makes a process a child.
pub(crate) const ORDERS: &str = "CICERONE_TEST_KILL_ORDERS";

/// What stands before what a child says, which may follow something of the test harness on a line.
pub(crate) const MARK: &str = "child: ";

/// What a child is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Orders {
    /// What for.
    pub(crate) journey: Journey,
    /// How many times a person has been there before.
    pub(crate) sitting: usize,
    /// Where the world is, and the log of what was done.
    pub(crate) folder: PathBuf,
    /// Where the journal is: the path of a file, or the address of a database.
    pub(crate) store: String,
    /// The run to go on with, if it was begun.
    pub(crate) run: Option<RunId>,
    /// The number of this process, from 0.
    pub(crate) process: u32,
    /// Where to stop.
    pub(crate) stop: Option<Place>,
    /// How many milliseconds its clock is ahead.
    pub(crate) ahead: u64,
}

/// What a child says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Said {
    /// It begins this run.
    Begins(RunId),
    /// It has stopped at its place, and does nothing until it hears a line.
    Stopped,
    /// It has done what it could.
    Done(Report),
}

/// What came of a child's work.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) ending: Ending,
    /// How often it has appended to the journal.
    pub(crate) appends: u32,
    /// How often a tool was used.
    pub(crate) tools: u32,
}

/// How a child's work ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Ending {
    Completed(String),
    NeedsInput(Vec<String>),
    /// A person has to say something about this call.
    Waiting(u32),
    Failed(ErrorKind, String),
    /// So many calls were undone, and so many could not be.
    RolledBack(usize, usize),
}

static TOLD: LazyLock<Option<Orders>> =
    LazyLock::new(|| Some(serde_json::from_str(&env::var(ORDERS).ok()?).expect("orders that nobody gave")));
static APPENDS: AtomicU32 = AtomicU32::new(0);
static TOOLS: AtomicU32 = AtomicU32::new(0);

/// What this process was told, if it is a child.
pub(crate) fn orders() -> Option<&'static Orders> {
    TOLD.as_ref()
}

/// The number of the append that begins now.
pub(crate) fn appending() -> u32 {
    APPENDS.fetch_add(1, Ordering::Relaxed) + 1
}

/// The number of the use of a tool that begins now.
pub(crate) fn using() -> u32 {
    TOOLS.fetch_add(1, Ordering::Relaxed) + 1
}

/// Both counts.
pub(crate) fn counted() -> (u32, u32) {
    (APPENDS.load(Ordering::Relaxed), TOOLS.load(Ordering::Relaxed))
}

/// Stops the whole process if this is its place. It is killed there, or goes on when it hears a line.
pub(crate) fn reach(place: Place) {
    if orders().is_some_and(|orders| orders.stop == Some(place)) {
        say(&Said::Stopped);
        // Whoever started it may be gone: then it goes too, instead of going on unwatched.
        let mut line = String::new();
        if !io::stdin().read_line(&mut line).is_ok_and(|read| read > 0) {
            process::exit(3);
        }
    }
}

/// Says something to whoever started this process.
pub(crate) fn say(what: &Said) {
    let mut out = io::stdout().lock();
    writeln!(out, "\n{MARK}{}", serde_json::to_string(what).unwrap()).unwrap();
    out.flush().unwrap();
}

/// Writes down what this process does, where a kill does not undo it.
pub(crate) fn note(what: &str) {
    let Some(orders) = orders() else { return };
    let mut log = OpenOptions::new().create(true).append(true).open(orders.folder.join("log")).unwrap();
    log.write_all(format!("{} {what}\n", orders.process).as_bytes()).unwrap();
}
