//! Evaluates agents: runs the cases of a suite with a real model, and says how many came out right.
//!
//! ```text
//! cargo xtask eval travel
//! cargo xtask eval travel --only "hotel only" --json after.json
//! cargo xtask eval compare before.json after.json
//! ```
//!
//! It exits with 0 when the cases were run and as many passed as `--at-least` asks for, 1 otherwise, 2 for wrong usage.

mod failure;
mod loans;
mod options;
mod run;
mod travel;

// The agent of the other example, as it is.
#[path = "../travel_booking/agent.rs"]
mod agent;
mod library;
#[path = "../travel_booking/planner.rs"]
mod planner;
#[path = "../travel_booking/reading.rs"]
mod reading;
#[path = "../travel_booking/rules.rs"]
mod rules;
#[path = "../travel_booking/tools.rs"]
mod tools;
#[path = "../travel_booking/world/mod.rs"]
mod world;

use std::{path::Path, process::ExitCode};

use cicerone::model::AnyModel;
use cicerone_eval::{Metered, compare};
use clap::Parser;

use crate::{
    failure::Failure,
    loans::Loans,
    options::{Options, SuiteOptions, What},
    run::{chosen, evaluate, read, show},
    travel::Travel,
};

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Options::parse().what {
        What::Travel(options) => travel(&options).await,
        What::Library(options) => library(&options).await,
        What::Compare { before, after } => compared(&before, &after),
    };
    done.unwrap_or_else(|failure| {
        eprintln!("error: {failure}");
        failure.code()
    })
}

async fn travel(options: &SuiteOptions) -> Result<ExitCode, Failure> {
    // What can fail early does, before a model is loaded.
    let cases = chosen(&travel::FILES, options)?;
    let model = Metered::new(model(options).await?);
    evaluate("travel", Travel { model: model.clone(), react: options.react }, cases, &model, options).await
}

async fn library(options: &SuiteOptions) -> Result<ExitCode, Failure> {
    let cases = chosen(&loans::FILES, options)?;
    let model = Metered::new(model(options).await?);
    evaluate("library", Loans { model: model.clone(), react: options.react }, cases, &model, options).await
}

/// The model that the options name.
async fn model(options: &SuiteOptions) -> Result<AnyModel, Failure> {
    options.planner.named().await.map_err(Failure::new)
}

fn compared(before: &Path, after: &Path) -> Result<ExitCode, Failure> {
    show(compare(&read(before)?, &read(after)?))?;
    Ok(ExitCode::SUCCESS)
}
