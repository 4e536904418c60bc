//! The command line.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};

use crate::planner::Planner;

/// Says how good an agent is: how many cases come out right, and what they cost.
#[derive(Debug, Parser)]
#[command(name = "evaluate", bin_name = "cargo xtask eval")]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// The travel agent: flights, trains, hotels, bookings.
    Travel(SuiteOptions),
    /// A public library's loans.
    Library(SuiteOptions),
    /// What changed between two results that `--json` kept.
    Compare {
        /// The older results.
        before: PathBuf,
        /// The newer results.
        after: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SuiteOptions {
    /// Take the cases of this file instead of the suite's own; may be given several times.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["open", "held_out", "all"])]
    pub(crate) cases: Vec<PathBuf>,
    /// Only the cases that may be tuned to.
    #[arg(long, conflicts_with_all = ["held_out", "all"])]
    pub(crate) open: bool,
    /// Only the cases that are held out.
    #[arg(long, conflicts_with = "all")]
    pub(crate) held_out: bool,
    /// All cases, which is the default.
    #[arg(long)]
    pub(crate) all: bool,
    /// Only the case of this name, or the cases of this kind; may be given several times.
    #[arg(long, value_name = "NAME|KIND")]
    pub(crate) only: Vec<String>,
    /// Show the names and requests of held-out cases and why they fail. Whoever has seen them must not tune to them.
    #[arg(long)]
    pub(crate) show_held_out: bool,
    #[command(flatten)]
    pub(crate) planner: Planner,
    /// Think, act and observe, instead of planning ahead.
    #[arg(long)]
    pub(crate) react: bool,
    /// How many cases run at once.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) concurrency: u16,
    /// The most that a case may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// Fail unless so many of a hundred cases pass.
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(..=100))]
    pub(crate) at_least: u8,
    /// Keep the results here, for `compare`.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write JUnit XML here, for CI systems.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write a table in Markdown here, for documentation.
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
}

impl SuiteOptions {
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }

    /// The files to write.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        [&self.json, &self.junit, &self.markdown].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
        let parsed = |line: &str| Options::try_parse_from(line.split(' '));
        assert!(parsed("evaluate travel --open --only trains --at-least 90").is_ok());
        assert!(parsed("evaluate compare a.json b.json").is_ok());
        for wrong in [
            "evaluate",
            "evaluate travel --open --held-out",
            "evaluate travel --at-least 101",
            "evaluate compare a.json",
        ] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }
}
