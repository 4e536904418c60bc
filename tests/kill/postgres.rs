//! Journals in PostgreSQL: the same kills, and a server that is killed itself.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use crate::{
    journal::Outcome,
    journey::Journey,
    place::Place,
    scene::{Backend, Scene},
    sweep::{Whole, kill_everywhere},
    worker::{Heard, Worker},
};

/// Every which place of most journeys is one where a process is killed: connecting takes longer than opening a file.
const EVERY: usize = 5;
/// Every which place of a trip is one where the server is killed.
const STEP: usize = 5;

fn set(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|_| {
        panic!("`{variable}` is not set; `cargo xtask test` and `cargo xtask kill` start a PostgreSQL server for this")
    })
}

/// A server of this test's own. It ends when its input does.
struct Server {
    url: String,
    child: Child,
    stdin: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Server {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("xtask/assets/postgres_server.py");
        let mut python = Command::new("python3");
        python.arg(script).arg(set("CICERONE_TEST_POSTGRES_BIN"));
        let mut child = python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (stdin, answers) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut server = Self { url: String::new(), child, stdin, answers };
        server.url = server.answer().strip_prefix("listening ").expect("a server that listens").to_owned();
        server
    }

    fn kill(&mut self) {
        self.tell("kill");
        assert_eq!(self.answer(), "killed");
    }

    /// Begins to start it again; it is up when it has answered.
    fn tell(&mut self, what: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{what}").unwrap();
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

#[test]
fn every_kill_is_survived_in_postgres() {
    assert!(kill_everywhere(&Backend::Postgres(set("CICERONE_TEST_POSTGRES_URL")), EVERY) > 100);
}

/// The process lives on: half of the time it appends while there is no server, and waits for one.
#[test]
fn a_server_that_is_killed_and_comes_back_changes_nothing() {
    let mut server = Server::start();
    let backend = Backend::Postgres(server.url.clone());
    let whole = Whole::of(Journey::Trip, &backend);
    let places: Vec<Place> = whole.places().into_iter().map(|(_, place)| place).step_by(STEP).collect();
    for (number, place) in places.iter().enumerate() {
        let mut scene = Scene::new(Journey::Trip, &backend);
        let mut worker = Worker::start(&scene.orders(0, Some(*place)));
        assert!(matches!(worker.hear(), Heard::Stopped), "the process never came to {place:?}");
        scene.began(&worker);
        server.kill();
        if number % 2 == 0 {
            worker.go_on();
        }
        server.tell("start");
        assert!(server.answer().starts_with("listening "));
        if number % 2 == 1 {
            worker.go_on();
        }
        let report = worker.report();
        scene.began(&worker);
        assert_eq!(Outcome::of(&scene, &report), whole.outcome, "{place:?}");
    }
    println!("kills of the PostgreSQL server: {}, all survived", places.len());
}
