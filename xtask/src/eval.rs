//! `cargo xtask eval`.

use std::{
    ffi::OsString,
    process::{ExitCode, Stdio},
};

use crate::{
    cargo::{built, cargo, command, run},
    needs,
};

/// Builds the example `evaluate` and runs it; its exit code is the result.
pub(crate) fn evaluate(args: &[OsString]) -> Result<ExitCode, String> {
    needs::check()?;
    // The root package, whatever folder this is typed in: its examples agree with everything else on the features.
    run(cargo().args(["build", "--package", "cicerone", "--example", "evaluate"]))?;
    let mut built = command(built("examples/evaluate")?);
    let status = built.args(args).stdin(Stdio::inherit()).status();
    let status = status.map_err(|error| format!("can't start `evaluate`: {error}"))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}
