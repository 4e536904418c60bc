//! What a trip has to keep to that no tool can see, since each sees one leg only.

use cicerone::{
    plan::{Arg, Plan, Step},
    prelude::*,
};

/// Nobody leaves a city before they get there.
///
/// Legs are taken in the order in which they were asked for.
pub(crate) fn in_order(plan: &Plan, _request: &str) -> Result<(), ToolError> {
    let legs: Vec<Leg<'_>> = plan.steps.iter().filter_map(leg).collect();
    for (at, arrival) in legs.iter().enumerate() {
        let onward = legs.iter().skip(at + 1).find(|leg| leg.origin.eq_ignore_ascii_case(arrival.destination));
        if let Some(onward) = onward.filter(|onward| onward.date < arrival.date) {
            return Err(ToolError::ask(format!(
                "You would leave {} on {}, before you get there on {}. Which days are right?",
                onward.origin, onward.date, arrival.date
            )));
        }
    }
    Ok(())
}

/// What the request names is in the plan: the way back, the train, the hotel.
pub(crate) fn complete(plan: &Plan, request: &str) -> Result<(), ToolError> {
    let request = request.to_lowercase();
    let calls = |tool: &str| plan.steps.iter().any(|step| step.tool == tool);
    // Who asks about bookings names them by what they are.
    if calls("list_bookings") {
        return Ok(());
    }
    let legs: Vec<Leg<'_>> = plan.steps.iter().filter_map(leg).collect();
    if let Some(first) = legs.first().filter(|_| says(&request, RETURN)) {
        let (there, here) = (first.destination, first.origin);
        let back = legs.iter().any(|leg| leg.destination.eq_ignore_ascii_case(here));
        if !back {
            return Err(ToolError::retry(format!(
                "the way back is asked for, and no call goes from {there} to {here}"
            )));
        }
    }
    for (words, tool, what) in [(TRAIN, "search_trains", "a train"), (HOTEL, "search_hotels", "a hotel")] {
        if says(&request, words) && !calls(tool) {
            return Err(ToolError::retry(format!("{what} is asked for, and no call is {tool}")));
        }
    }
    Ok(())
}

const RETURN: &[&str] = &[
    "return flight",
    "return flights",
    "return ticket",
    "return trip",
    "round trip",
    "roundtrip",
    "round-trip",
    "both ways",
    "each way",
    "both directions",
    "there and back",
    "and back",
    "back on",
    "back home",
    "home again",
    "home on",
    "hin und zurück",
    "zurück",
    "rückflug",
    "rückfahrt",
    "hin- und rückflug",
    "ida y vuelta",
    "la vuelta",
    "de vuelta",
    "regreso",
    "aller-retour",
    "往返",
    "返回",
    "回程",
    "来回",
];
const TRAIN: &[&str] = &["train", "trains", "by rail", "zug", "bahn", "tren", "火车", "高铁"];
const HOTEL: &[&str] = &["hotel", "hotels", "unterkunft", "alojamiento", "酒店", "旅馆"];

/// Whether one of the words stands in a text in lower case, not as a part of another word.
fn says(text: &str, words: &[&str]) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphabetic() && c < '\u{2e80}');
    words.iter().any(|word| {
        text.match_indices(word).any(|(start, _)| {
            let before = text.get(..start).and_then(|before| before.chars().next_back());
            let after = text.get(start + word.len()..).and_then(|after| after.chars().next());
            !letter(before) && !letter(after)
        })
    })
}

struct Leg<'p> {
    origin: &'p str,
    destination: &'p str,
    date: &'p str,
}

fn leg(step: &Step) -> Option<Leg<'_>> {
    let said = |name: &str| match step.args.get(name)? {
        Arg::Literal(value) => value.as_str(),
        _ => None,
    };
    let travels = matches!(step.tool.as_str(), "search_flights" | "search_trains");
    let leg = || Some(Leg { origin: said("origin")?, destination: said("destination")?, date: said("date")? });
    travels.then(leg).flatten()
}
