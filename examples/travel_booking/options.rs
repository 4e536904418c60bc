//! The command line.

use std::path::PathBuf;

use clap::Parser;
use jiff::civil::Date;

use crate::planner::Planner;

/// What is asked for when nothing else is.
pub(crate) const SAMPLE: &str =
    "Berlin to Lisbon in ten days, back four days later, and a hotel for the nights, the cheapest of everything";

/// Books trips in an invented inventory, planned by a model on this machine.
#[derive(Debug, Parser)]
#[command(name = "travel_booking")]
pub(crate) struct Options {
    /// What you want, in your own words.
    pub(crate) request: Option<String>,
    /// The inventory and its bookings; the runs' journals lie beside it, in `…-runs.db`.
    #[arg(long, value_name = "FILE", default_value = "travel.db")]
    pub(crate) db: PathBuf,
    /// The day on which "tomorrow" is said, instead of the real one.
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<Date>,
    /// Approve every booking and cancellation.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print one JSON object at the end.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) planner: Planner,
    /// Think, act and observe, instead of planning ahead.
    #[arg(long)]
    pub(crate) react: bool,
    /// Talk: one request after another, until an empty line.
    #[arg(long)]
    pub(crate) chat: bool,
    /// For whom to book, instead of the profile's owner.
    #[arg(long, value_name = "NAME")]
    pub(crate) traveller: Option<String>,
    /// Go on with a run that was interrupted or waits for approval.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["request", "chat"])]
    pub(crate) resume: Option<cicerone::RunId>,
    /// Undo what a run booked.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["request", "chat", "resume"])]
    pub(crate) rollback: Option<cicerone::RunId>,
    /// If a trip fails midway, release what was booked for it.
    #[arg(long)]
    pub(crate) all_or_nothing: bool,
    /// How freely the model's tokens are chosen: 0 takes the likeliest, 1 samples.
    #[arg(long, value_name = "NUMBER", default_value_t = 0.0, hide = true)]
    pub(crate) temperature: f64,
}

impl Options {
    /// Where the journals are.
    pub(crate) fn journal(&self) -> PathBuf {
        let stem = self.db.file_stem().unwrap_or_default().to_string_lossy();
        self.db.with_file_name(format!("{stem}-runs.db"))
    }
}
