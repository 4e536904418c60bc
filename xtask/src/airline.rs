//! `cargo xtask airline`.

use std::{ffi::OsString, process::ExitCode};

use crate::{
    cargo::{cargo, hand_over, run},
    needs,
};

/// Builds the example `airline` and runs it; its exit code is the result.
pub(crate) fn replay(args: &[OsString]) -> Result<ExitCode, String> {
    needs::check()?;
    // The root package, whatever folder this is typed in: its examples agree with everything else on the features.
    run(cargo().args(["build", "--package", "cicerone", "--example", "airline"]))?;
    hand_over("examples/airline", args)
}
