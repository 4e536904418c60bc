//! What developers run: `cargo xtask` lists it.

mod airline;
mod cargo;
mod eval;
mod llama;
mod needs;
mod postgres;
mod python;
mod server;
mod test;

use std::{env, ffi::OsString, process::ExitCode};

const HELP: &str = "\
What developers run:

  cargo xtask test           check what the tests need, fetch the model, run all tests
  cargo xtask kill           run the tests that kill processes, and show at how many places
  cargo xtask eval SUITE …   run the cases of a suite with a real model; `cargo xtask eval help` lists suites
  cargo xtask airline …      hold another agent's recorded conversations again: `--data DIR`, and `--kill` to crash them
  cargo xtask llama          serve the default model with llama.cpp until Ctrl-C, for `--base-url`
  cargo xtask postgres       serve an empty PostgreSQL database until Ctrl-C, for the tests of stores
  cargo xtask cicerone …     build the `cicerone` command as the tests do, and run it

They build with the flags and features that everything else here uses, so that mistral.rs, which takes long, is
built once. They look at CARGO_TARGET_DIR, and for the model at CICERONE_CACHE.";

fn main() -> ExitCode {
    let mut args = env::args_os().skip(1);
    let task = args.next().unwrap_or_default();
    let rest: Vec<OsString> = args.collect();
    let done = match task.to_str() {
        Some("test") if rest.is_empty() => test::run_all().map(|()| ExitCode::SUCCESS),
        Some("kill") if rest.is_empty() => test::kill().map(|()| ExitCode::SUCCESS),
        Some("eval") => eval::evaluate(&rest),
        Some("airline") => airline::replay(&rest),
        Some("llama") if rest.is_empty() => test::serve().map(|()| ExitCode::SUCCESS),
        Some("postgres") if rest.is_empty() => postgres::serve().map(|()| ExitCode::SUCCESS),
        Some("cicerone") => test::cicerone(&rest),
        Some("" | "help" | "-h" | "--help") => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("`{}` is no task, or takes no arguments.\n\n{HELP}", task.display());
            return ExitCode::from(2);
        }
    };
    done.unwrap_or_else(|message| {
        eprintln!("xtask: {message}");
        ExitCode::FAILURE
    })
}
