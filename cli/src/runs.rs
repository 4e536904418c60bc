//! `cicerone runs`.

use cicerone::memory::{Memory as _, RunSummary};

use crate::{
    args::{Db, Filter},
    failure::Failure,
    journal,
    output::{Cell, Output, one_line, status_style, utc},
    pick,
};

pub(crate) async fn list(db: &Db, filter: &Filter, out: &mut Output) -> Result<(), Failure> {
    let runs = journal::open(db).await?.runs(&filter.to_run_filter()).await?;
    if filter.json {
        return runs.iter().try_for_each(|run| out.line(serde_json::to_string(run)?));
    }
    if runs.is_empty() {
        let which = if filter.is_open() { "no runs" } else { "no runs of this status" };
        return out.line(format!("{which} in {}", db.shown()));
    }
    let heads = ["RUN", "STATUS", "EVENTS", "STARTED (UTC)", "LASTED", "TASK"].map(Cell::head);
    let rows: Vec<_> = std::iter::once(heads).chain(runs.iter().map(row)).collect();
    out.table(&rows)
}

fn row(run: &RunSummary) -> [Cell; 6] {
    [
        Cell::new(pick::short(run)),
        Cell::new(run.status.as_str()).styled(status_style(run.status)),
        Cell::new(run.events.to_string()).right(),
        Cell::new(utc(run.started)),
        Cell::new(lasted(run.updated.saturating_sub(run.started))).right(),
        Cell::new(one_line(&run.task)),
    ]
}

/// A stretch of time in the unit that suits it.
fn lasted(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0..60 => format!("{:.1} s", milliseconds as f64 / 1000.0),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}
