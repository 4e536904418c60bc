//! `cargo xtask test` and `cargo xtask cicerone`.

use std::{ffi::OsString, process::Stdio};

use crate::{
    cargo::{EVERYTHING, built, cargo, command, run, works},
    needs,
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
    run(command(built("cicerone")?).args(["models", "pull", MODEL]))?;

    let mut tests = cargo();
    tests.args(runner).args(EVERYTHING);
    if nextest {
        tests.arg("--no-fail-fast");
    } else {
        // One at a time, since two models at once are too much for small machines.
        tests.args(["--no-fail-fast", "--", "--test-threads", "1"]);
    }
    run(&mut tests)?;
    run(cargo().args(["test", "--workspace", "--doc"]))
}

/// Builds the command and runs it.
pub(crate) fn cicerone(args: &[OsString]) -> Result<(), String> {
    // The examples are built for the features that come with them.
    let build = ["build", "--quiet", "--workspace", "--bin", "cicerone", "--examples"];
    run(cargo().args(build))?;
    run(command(built("cicerone")?).args(args).stdin(Stdio::inherit()))
}
