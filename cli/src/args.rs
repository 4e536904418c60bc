//! The command line.

use std::path::{Path, PathBuf};

use cicerone::memory::{RunFilter, RunStatus};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use serde_json::Value;

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
    /// Show what a run does while it does it, until it ends or waits for a person
    Follow {
        /// The beginning or the end of the run's id, or `last` for the newest run
        #[arg(default_value = "last")]
        run: String,
        #[command(flatten)]
        db: Db,
        /// Print the entries of the run's journal instead, one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Show what a run did in the time it took
    Replay {
        /// The beginning or the end of the run's id, or `last` for the newest run
        run: String,
        #[command(flatten)]
        db: Db,
        /// How many times as fast; 0 shows it at once
        #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = speed)]
        speed: f64,
        /// Print the entries of the run's journal instead, one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Agree to a call that waits for it
    Approve {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        db: Db,
        /// Make it with these arguments instead: all of them, as a JSON object
        #[arg(long, value_name = "JSON", value_parser = value, conflicts_with = "output")]
        args: Option<Value>,
        /// Don't make it: this is what it would return, as JSON
        #[arg(long, value_name = "JSON", value_parser = value)]
        output: Option<Value>,
    },
    /// Refuse a call that waits for approval
    Deny {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        db: Db,
        /// Why, for the model and the trace
        #[arg(long, value_name = "TEXT", default_value = "no")]
        reason: String,
    },
    /// Say what became of a call that was interrupted, and that its tool can't look up
    Resolve {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        db: Db,
        /// It was carried out, and this is what it returned, as JSON
        #[arg(long, value_name = "JSON", value_parser = value, required_unless_present = "not_done")]
        done: Option<Value>,
        /// It was not carried out: it will be made
        #[arg(long, conflicts_with = "done")]
        not_done: bool,
    },
    /// Go on with a run, with the program that knows its tools
    Resume {
        /// The beginning or the end of the run's id, or `last` for the newest run
        run: String,
        #[command(flatten)]
        db: Db,
        /// The program and its arguments; `--resume RUN` is put behind them
        #[arg(last = true)]
        program: Vec<String>,
    },
    /// Undo what a run did, with the program that knows its tools
    Rollback {
        /// The beginning or the end of the run's id, or `last` for the newest run
        run: String,
        #[command(flatten)]
        db: Db,
        /// The program and its arguments; `--rollback RUN` is put behind them
        #[arg(last = true)]
        program: Vec<String>,
    },
    /// Begin another run with the first events of a run, and something changed
    Fork {
        /// The beginning or the end of the run's id, or `last` for the newest run
        run: String,
        #[command(flatten)]
        db: Db,
        /// How many events are kept; without it, where the run can be forked is listed
        #[arg(long, value_name = "EVENTS")]
        at: Option<u64>,
        /// What the model answers to the request that is under way there
        #[arg(long, value_name = "TEXT")]
        answer: Option<String>,
        /// What a call returned instead, as its number and JSON
        #[arg(long = "output", value_name = "CALL=JSON", value_parser = output)]
        outputs: Vec<(u32, Value)>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Compare two runs; exits with 1 if they differ
    Diff {
        /// The beginning or the end of a run's id, or `last` for the newest run
        left: String,
        /// The other one
        right: String,
        #[command(flatten)]
        db: Db,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write a run's journal as JSON Lines
    Export {
        /// The beginning or the end of the run's id, or `last` for the newest run
        run: String,
        #[command(flatten)]
        db: Db,
        /// Where to, instead of standard output
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Keep a journal that was exported
    Import {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        db: Db,
    },
}

/// Which call of which run, and who decides.
#[derive(Debug, ClapArgs)]
pub(crate) struct Which {
    /// The beginning or the end of the run's id, or `last` for the newest run
    pub(crate) run: String,
    /// The call's number, if several wait
    pub(crate) call: Option<u32>,
    /// Who decides, for the journal
    #[arg(long, value_name = "NAME", env = "USER", default_value = "somebody")]
    pub(crate) by: String,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

fn value(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}"))
}

fn output(text: &str) -> Result<(u32, Value), String> {
    let (call, json) = text.split_once('=').ok_or("write the call's number, `=` and JSON, such as `3={\"id\":7}`")?;
    let call = call.trim().parse().map_err(|_| format!("`{call}` is no number of a call"))?;
    Ok((call, value(json)?))
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed: &f64| speed.is_finite() && *speed >= 0.0);
    speed
        .map(|speed| if speed == 0.0 { f64::INFINITY } else { speed })
        .ok_or_else(|| "write a number, such as 2".to_owned())
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
    /// The SQLite file with the journals, or `postgres://…`; a file is never created
    #[arg(
        long = "db",
        value_name = "FILE|URL",
        env = "CICERONE_DB",
        default_value = "cicerone.db",
        hide_env_values = true
    )]
    name: String,
}

impl Db {
    /// The file; none if it is a server.
    pub(crate) fn file(&self) -> Option<&Path> {
        let server = ["postgres://", "postgresql://"].iter().any(|scheme| self.name.starts_with(scheme));
        (!server).then(|| Path::new(&self.name))
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How errors call it: a server's address may have a password in it.
    pub(crate) fn shown(&self) -> &str {
        if self.file().is_some() { &self.name } else { "the PostgreSQL database" }
    }
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
