//! Running commands, cargo above all, in the environment of someone who types them.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
};

/// The choice of packages and targets that every build has to make.
///
/// Cargo unites the features of what is built together. Another choice could mean another feature of some small crate
/// below mistral.rs, and mistral.rs would be built again.
pub(crate) const EVERYTHING: [&str; 2] = ["--workspace", "--all-targets"];

/// Cargo itself.
pub(crate) fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

/// A command without the variables that `cargo run` has set for this program: build scripts that watch them would
/// run again, and what depends on them would be built again.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(is_of_cargo_run) {
            command.env_remove(name);
        }
    }
    command
}

fn is_of_cargo_run(name: &str) -> bool {
    matches!(name, "CARGO" | "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR")
        || name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
}

/// Says what is run, and runs it.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let text = text(command);
    eprintln!("\n$ {text}");
    let status = command.status().map_err(|error| format!("can't start `{text}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{text}` failed ({status})")) }
}

/// Runs a program of this workspace for somebody at a terminal; its exit code is the result.
pub(crate) fn hand_over(program: &str, args: &[OsString]) -> Result<ExitCode, String> {
    let mut built = command(built(program)?);
    let status = built.args(args).stdin(Stdio::inherit()).status();
    let status = status.map_err(|error| format!("can't start `{program}`: {error}"))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Whether a command can be started and succeeds; what it prints is dropped.
pub(crate) fn works(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// The path of a program of this workspace that has been built: cargo puts it beside this one.
pub(crate) fn built(name: &str) -> Result<PathBuf, String> {
    let own = env::current_exe().map_err(|error| format!("can't tell where programs are built: {error}"))?;
    Ok(own.with_file_name(format!("{name}{}", env::consts::EXE_SUFFIX)))
}

fn text(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let program = program.file_stem().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.display().to_string()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_run_sets_is_told_from_what_people_set() {
        for set_by_cargo in ["CARGO", "CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "OUT_DIR"] {
            assert!(is_of_cargo_run(set_by_cargo), "{set_by_cargo}");
        }
        for set_by_people in ["CARGO_TARGET_DIR", "CARGO_HOME", "CARGO_TERM_COLOR", "CARGO_BUILD_JOBS", "PATH"] {
            assert!(!is_of_cargo_run(set_by_people), "{set_by_people}");
        }
    }

    #[test]
    fn commands_are_shown_as_they_are_typed() {
        let mut command = Command::new("/usr/lib/cargo");
        command.arg("test").args(EVERYTHING);
        assert_eq!(text(&command), "cargo test --workspace --all-targets");
    }
}
