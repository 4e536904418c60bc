//! What a run did, read from its journal.

use cicerone::{
    event::{CallId, Entry, Event, PlannedCall, ToolResult},
    prelude::*,
};
use serde_json::Value;

use crate::world::{BookingKind, find_city};

use super::expect::Wish;
use super::offers::Offer;

/// The entries of the run; none if it failed before it began.
pub(super) fn entries(ended: &Result<Run, Error>) -> &[Entry] {
    match ended {
        Ok(run) => run.trace.entries(),
        Err(error) => error.trace().map_or(&[], |trace| trace.entries()),
    }
}

/// The calls that returned something, with what they returned, in order.
fn returned(ended: &Result<Run, Error>) -> impl Iterator<Item = (&PlannedCall, &Value)> {
    entries(ended).iter().filter_map(|entry| match &entry.event {
        Event::ToolReturned { call, result: ToolResult::Output { output }, .. } => {
            Some((planned(ended, *call)?, output))
        }
        _ => None,
    })
}

fn planned(ended: &Result<Run, Error>, id: CallId) -> Option<&PlannedCall> {
    entries(ended).iter().find_map(|entry| match &entry.event {
        Event::ToolIntended { planned, .. } if planned.call == id => Some(planned),
        _ => None,
    })
}

/// Whether a search for these places and dates has found exactly these offers, whatever filters led there.
///
/// # Errors
/// If the wish lacks a place or a date.
pub(super) fn searched(ended: &Result<Run, Error>, wish: &Wish, found: &[Offer]) -> Result<bool, String> {
    let (tool, places, dates) = match wish.kind {
        BookingKind::Hotel => {
            let dates = vec![("check_in", wish.check_in()?), ("check_out", wish.check_out()?)];
            ("search_hotels", vec![("city", wish.city()?)], dates)
        }
        kind => {
            let places = vec![("origin", wish.origin()?), ("destination", wish.destination()?)];
            let tool = if kind == BookingKind::Flight { "search_flights" } else { "search_trains" };
            (tool, places, vec![("date", wish.date()?)])
        }
    };
    let text = |args: &Value, name: &str| args.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let same_place = |args: &Value, name: &str, place: &str| match (find_city(&text(args, name)), find_city(place)) {
        (Ok(said), Ok(meant)) => said.code == meant.code,
        _ => false,
    };
    Ok(returned(ended).any(|(call, output)| {
        call.tool == tool
            && places.iter().all(|(name, place)| same_place(&call.args, name, place))
            && dates.iter().all(|(name, date)| text(&call.args, name) == date.to_string())
            && same(&ids(output), found)
    }))
}

/// Whether a list of bookings has shown this one.
pub(super) fn listed(ended: &Result<Run, Error>, reference: &str) -> bool {
    let shown = |output: &Value| ids(output).contains(&reference);
    returned(ended).any(|(call, output)| call.tool == "list_bookings" && shown(output))
}

/// The ids and references in what a tool returned.
pub(super) fn ids(output: &Value) -> Vec<&str> {
    const NAMES: [&str; 4] = ["flight_id", "train_id", "offer_id", "reference"];
    let of = |item| NAMES.iter().find_map(move |name| Value::get(item, name)?.as_str());
    match output {
        Value::Array(items) => items.iter().filter_map(of).collect(),
        item => of(item).into_iter().collect(),
    }
}

fn same(ids: &[&str], offers: &[Offer]) -> bool {
    ids.len() == offers.len() && offers.iter().all(|offer| ids.contains(&offer.id.as_str()))
}
