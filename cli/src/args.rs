//! The command line.

use std::path::PathBuf;

use cicerone::memory::{RunFilter, RunStatus};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Models on this machine, and what agents have done.
#[derive(Debug, Parser)]
#[command(name = "cicerone", version, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List, download and find models
    Models {
        #[command(subcommand)]
        command: ModelsCommand,
    },
    /// List the runs of a journal, the newest first
    Runs {
        #[command(flatten)]
        db: Db,
        #[command(flatten)]
        filter: Filter,
    },
    /// Show what a run did, step by step
    Show {
        /// The beginning or the end of the run's id, or `last` for the newest run
        run: String,
        #[command(flatten)]
        db: Db,
        /// Print the entries of the run's journal instead, one JSON object a line
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// List the models of the catalogue, and what of them is on this machine
    List,
    /// Download a model unless it is here, verify it, and print the file's path
    Pull {
        /// A name from the list
        name: String,
        /// Download it again, even if it is here
        #[arg(long)]
        force: bool,
    },
    /// Print the path of a model's file; fails if it is not on this machine
    Path {
        /// A name from the list
        name: String,
    },
}

/// Where the journals are.
#[derive(Debug, ClapArgs)]
pub(crate) struct Db {
    /// The SQLite file with the journals; it is never created
    #[arg(long = "db", value_name = "FILE", env = "CICERONE_DB", default_value = "cicerone.db")]
    pub(crate) path: PathBuf,
}

/// Which runs, and how.
#[derive(Debug, ClapArgs)]
pub(crate) struct Filter {
    /// Only runs of this status
    #[arg(long)]
    status: Option<Status>,
    /// At most so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Print one JSON object a line: full ids, and times in milliseconds since 1970-01-01 UTC
    #[arg(long)]
    pub(crate) json: bool,
}

impl Filter {
    pub(crate) fn to_run_filter(&self) -> RunFilter {
        let mut filter = RunFilter::default();
        if let Some(status) = self.status {
            filter = filter.status(status.into());
        }
        if let Some(limit) = self.limit {
            filter = filter.limit(limit);
        }
        filter
    }

    /// Whether it lets every run through.
    pub(crate) fn is_open(&self) -> bool {
        self.status.is_none()
    }
}

/// A [`RunStatus`] as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Status {
    Open,
    Completed,
    #[value(name = "needs_input", alias = "needs-input")]
    NeedsInput,
    Failed,
}

impl From<Status> for RunStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Open => Self::Open,
            Status::Completed => Self::Completed,
            Status::NeedsInput => Self::NeedsInput,
            Status::Failed => Self::Failed,
        }
    }
}
