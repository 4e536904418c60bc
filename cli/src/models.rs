//! `cicerone models`.

use std::path::Path;

use cicerone::mistral::catalogue::{CacheStatus, Catalogue, CatalogueEntry, CatalogueOptions, progress};
use console::Style;

use crate::{
    failure::Failure,
    output::{Cell, Output},
};

/// Prints what the catalogue has.
pub(crate) fn list(out: &mut Output) -> Result<(), Failure> {
    let catalogue = Catalogue::default();
    let folder = catalogue.folder()?;
    let heads = ["MODEL", "SIZE", "LICENCE", "STATUS", "PATH"].map(Cell::head);
    let mut rows = vec![heads];
    for entry in catalogue.entries() {
        rows.push(row(entry, catalogue.status(entry)?, &folder));
    }
    out.table(&rows)
}

/// Sees to it that a model is on this machine.
pub(crate) async fn pull(name: &str, force: bool, out: &mut Output) -> Result<(), Failure> {
    let catalogue = Catalogue::new(CatalogueOptions::from_env().force(force));
    catalogue.find(name)?;
    let file = catalogue.fetch(name, &*progress::stderr()).await?;
    out.line(file.path().display())
}

/// Prints where a model is.
pub(crate) fn path(name: &str, out: &mut Output) -> Result<(), Failure> {
    let catalogue = Catalogue::default();
    let entry = catalogue.find(name)?;
    match catalogue.status(entry)? {
        CacheStatus::Verified | CacheStatus::Unverified => out.line(catalogue.folder()?.join(&entry.file).display()),
        CacheStatus::Partial { bytes } => {
            let share = percent(bytes, entry.size_bytes);
            Err(format!(
                "only {share} of the model `{0}` is here; `cicerone models pull {0}` downloads the rest",
                entry.name
            )
            .into())
        }
        _ => Err(format!("the model `{0}` is not here; `cicerone models pull {0}` downloads it", entry.name).into()),
    }
}

fn row(entry: &CatalogueEntry, status: CacheStatus, folder: &Path) -> [Cell; 5] {
    let (status, style) = match status {
        CacheStatus::Verified => ("in the cache".to_owned(), Style::new().green()),
        CacheStatus::Unverified => ("in the cache, not verified yet".to_owned(), Style::new().green()),
        CacheStatus::Partial { bytes } => {
            (format!("partial, {}", percent(bytes, entry.size_bytes)), Style::new().yellow())
        }
        _ => ("absent".to_owned(), Style::new().dim()),
    };
    [
        Cell::new(&entry.name),
        Cell::new(size(entry.size_bytes)).right(),
        Cell::new(&entry.licence),
        Cell::new(status).styled(style),
        Cell::new(folder.join(&entry.file).display().to_string()),
    ]
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

/// A share, rounded down: what isn't complete is never 100 %.
fn percent(part: u64, of: u64) -> String {
    let percent = part.saturating_mul(100).checked_div(of).unwrap_or(0);
    format!("{} %", percent.min(99))
}
