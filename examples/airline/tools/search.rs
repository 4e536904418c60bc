//! `search_direct_flight` and `search_onestop_flight`.

use cicerone::tool::Effect;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    desk::Operation,
    json::{quoted, written},
    refusal::{Fields, Refusal},
    tables::{Draft, Record},
    world::Done,
};

#[derive(Deserialize, JsonSchema)]
pub(super) struct Search {
    /// The airport to leave from, such as "JFK".
    origin: String,
    /// The airport to get to, such as "LAX".
    destination: String,
    /// The day, such as "2024-05-01".
    date: String,
}

pub(super) struct SearchDirectFlight;

impl Operation for SearchDirectFlight {
    const NAME: &'static str = "search_direct_flight";
    const DESCRIPTION: &'static str = "Find direct flights between two airports on a day.";
    const EFFECT: Effect = Effect::Read;
    type Args = Search;

    fn perform(args: Search, draft: &mut Draft<'_>) -> Done {
        let mut found = Vec::new();
        for flight in draft.flights() {
            if flight.text("origin")? == args.origin
                && flight.text("destination")? == args.destination
                && is_available(flight, &args.date)?
            {
                found.push(Value::Object(on(flight, &args.date)?));
            }
        }
        Ok(written(&Value::Array(found)))
    }
}

pub(super) struct SearchOnestopFlight;

impl Operation for SearchOnestopFlight {
    const NAME: &'static str = "search_onestop_flight";
    const DESCRIPTION: &'static str = "Find pairs of flights, with one stop, between two airports on a day.";
    const EFFECT: Effect = Effect::Read;
    type Args = Search;

    fn perform(args: Search, draft: &mut Draft<'_>) -> Done {
        let mut found = Vec::new();
        for first in draft.flights() {
            if first.text("origin")? != args.origin {
                continue;
            }
            let arrival = first.text("scheduled_arrival_time_est")?;
            for second in draft.flights() {
                if second.text("destination")? != args.destination
                    || second.text("origin")? != first.text("destination")?
                {
                    continue;
                }
                let day = if arrival.contains("+1") { day_after(&args.date)? } else { args.date.clone() };
                // Times are compared as they are written, the mark of the next day included.
                if arrival > second.text("scheduled_departure_time_est")?
                    || !is_available(first, &args.date)?
                    || !is_available(second, &day)?
                {
                    continue;
                }
                // The second flight, too, is told as it is on the first day.
                let (mut one, mut other) = (on(first, &args.date)?, on(second, &args.date)?);
                one.insert("date".to_owned(), args.date.clone().into());
                other.insert("date".to_owned(), day.into());
                found.push(json!([one, other]));
            }
        }
        Ok(written(&Value::Array(found)))
    }
}

fn is_available(flight: &Record, date: &str) -> Result<bool, Refusal> {
    match flight.record("dates")?.get(date).and_then(Value::as_object) {
        Some(day) => Ok(day.text("status")? == "available"),
        None => Ok(false),
    }
}

/// The flight as it is on one day.
fn on(flight: &Record, date: &str) -> Result<Record, Refusal> {
    let mut told = flight.clone();
    told.shift_remove("dates");
    let day = flight.record("dates")?.record(date)?;
    told.extend(day.iter().map(|(name, value)| (name.clone(), value.clone())));
    Ok(told)
}

/// The day after, as far as the airline can count: in May 2024, without a leading zero.
fn day_after(date: &str) -> Result<String, Refusal> {
    let cut = date.char_indices().rev().nth(1).map_or(0, |(at, _)| at);
    let written = date.get(cut..).unwrap_or_default();
    let number = written.trim();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match number.parse::<i32>().ok().filter(|_| is_number(number.trim_start_matches(['+', '-']))) {
        Some(day) => Ok(format!("2024-05-{}", day + 1)),
        None => Err(Refusal::new(format!("invalid literal for int() with base 10: {}", quoted(written)))),
    }
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
