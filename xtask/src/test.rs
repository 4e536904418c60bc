//! `cargo xtask test`, `cargo xtask kill` and `cargo xtask cicerone`.

use std::{ffi::OsString, process::ExitCode};

use crate::{
    cargo::{EVERYTHING, cargo, hand_over, run, works},
    llama, needs,
    postgres::Postgres,
};

/// The model that the tests named `real_model…` ask.
const MODEL: &str = "qwen2.5-coder-1.5b";

/// Runs every test there is.
pub(crate) fn run_all() -> Result<(), String> {
    needs::check()?;
    let nextest = works(cargo().args(["nextest", "--version"]));
    if !nextest {
        eprintln!(
            "note: cargo-nextest isn't installed, so the tests run one at a time under `cargo test`; for the faster \
             way: cargo install --locked cargo-nextest"
        );
    }
    let runner: &[&str] = if nextest { &["nextest", "run"] } else { &["test"] };

    // The tests of the command need the command, so this builds it too.
    run(cargo().args(runner).args(EVERYTHING).arg("--no-run"))?;
    // Both end with this function, whatever the tests say; the first fetches the model.
    let llama = llama::start(MODEL)?;
    let postgres = Postgres::start()?;
    let mut tests = cargo();
    tests.args(runner).args(EVERYTHING).env("CICERONE_TEST_LLAMA_URL", &llama.url);
    postgres.tell(&mut tests);
    if nextest {
        tests.arg("--no-fail-fast");
    } else {
        // One at a time, since two models at once are too much for small machines.
        tests.args(["--no-fail-fast", "--", "--test-threads", "1"]);
    }
    run(&mut tests)?;
    run(cargo().args(["test", "--workspace", "--doc"]))
}

/// Runs the tests in which processes are killed, one after another, so that their figures can be read.
pub(crate) fn kill() -> Result<(), String> {
    needs::check()?;
    // The root package, whose tests agree with everything else on the features.
    let tests = ["test", "--package", "cicerone", "--test", "kill"];
    run(cargo().args(tests).arg("--no-run"))?;
    let postgres = Postgres::start()?;
    let mut kills = cargo();
    postgres.tell(&mut kills);
    run(kills.args(tests).args(["--", "--nocapture", "--test-threads", "1"]))
}

/// Serves the tests' model until somebody stops it.
pub(crate) fn serve() -> Result<(), String> {
    needs::check()?;
    build_cicerone()?;
    let server = llama::start(MODEL)?;
    println!("{}", server.url);
    server.wait()
}

/// Builds the command and runs it; its exit code is the result.
pub(crate) fn cicerone(args: &[OsString]) -> Result<ExitCode, String> {
    build_cicerone()?;
    hand_over("cicerone", args)
}

fn build_cicerone() -> Result<(), String> {
    // The examples are chosen for the features that come with them.
    run(cargo().args(["build", "--quiet", "--workspace", "--bin", "cicerone", "--examples"]))
}
