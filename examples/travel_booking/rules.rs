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
    let original = request.to_owned();
    let request = request.to_lowercase();
    let calls = |tool: &str| plan.steps.iter().any(|step| step.tool == tool);
    let writes = |step: &Step| step.tool.starts_with("book_") || step.tool == "cancel_booking";
    if says(&request, ORDER) && !plan.steps.iter().any(writes) {
        return Err(ToolError::retry("a booking is asked for, and no call books"));
    }
    if calls("cancel_booking") && calls_more(plan) && !says(&request, BOOK) {
        return Err(ToolError::retry("only a cancellation is asked for"));
    }
    // Who asks about bookings names them by what they are.
    if calls("list_bookings") {
        return Ok(());
    }
    if plan
        .steps
        .iter()
        .any(|step| literal(step, "check_in").is_some_and(|day| literal(step, "check_out") == Some(day)))
    {
        return Err(ToolError::retry("a hotel is left on a later day than it is reached"));
    }
    let legs: Vec<Leg<'_>> = plan.steps.iter().filter_map(leg).collect();
    if let Some(twice) = booked_twice(plan) {
        return Err(ToolError::ask(format!(
            "The way from {} to {} would be booked twice. What exactly is wanted?",
            twice.origin, twice.destination
        )));
    }
    if let Some(first) = legs.first().filter(|_| says(&request, RETURN)) {
        let (there, here) = (first.destination, first.origin);
        let back = legs.iter().any(|leg| leg.destination.eq_ignore_ascii_case(here));
        if !back {
            let tool = if calls("search_trains") { "search_trains" } else { "search_flights" };
            let book = tool.replace("search_", "book_").replace("flights", "flight").replace("trains", "train");
            return Err(ToolError::retry(format!(
                "the way back is asked for, so a second {book} is needed, of {tool}(\"{there}\",\"{here}\",…) on the later day"
            )));
        }
    }
    if let Some(trip) = legs.first()
        && plan.steps.iter().any(|step| step.tool == "search_hotels" && literal(step, "city").is_none())
    {
        return Err(ToolError::retry(format!(
            "the hotel is where the trip goes: search_hotels(\"{}\",…,…), from the day of arrival to that of leaving",
            trip.destination
        )));
    }
    if let Some(name) = passenger(&original, plan) {
        return Err(ToolError::retry(format!("the booking is for {name}: traveller=\"{name}\"")));
    }
    let reversed = |one: &Leg<'_>, other: &Leg<'_>| one.origin == other.destination && one.destination == other.origin;
    if !says(&request, RETURN)
        && let [first, second, ..] = &legs[..]
        && reversed(first, second)
        && first.date == second.date
    {
        return Err(ToolError::retry(format!("nobody asks for the way back to {}", first.origin)));
    }
    for (words, tool, what) in [(TRAIN, "search_trains", "a train"), (HOTEL, "search_hotels", "a hotel")] {
        if says(&request, words) && !calls(tool) {
            return Err(ToolError::retry(format!("{what} is asked for, and no call is {tool}")));
        }
    }
    Ok(())
}

/// A full name behind "for" that no call of a plan uses.
fn passenger(request: &str, plan: &Plan) -> Option<String> {
    let words: Vec<&str> = request.split_whitespace().collect();
    let name = |word: &str| {
        word.chars().next().is_some_and(char::is_uppercase) && word.chars().skip(1).all(char::is_lowercase)
    };
    let calendar = |word: &str| CALENDAR.contains(&word.to_lowercase().as_str());
    words.windows(3).find_map(|window| {
        let [before, first, last] = window else { return None };
        let last = last.trim_end_matches(|c: char| !c.is_alphabetic());
        let named = FOR.contains(&before.to_lowercase().as_str()) && name(first) && name(last) && last.len() > 1;
        let full = format!("{first} {last}");
        let used = plan.steps.iter().flat_map(|step| step.args.values()).any(|arg| {
            matches!(arg, Arg::Literal(value) if value.as_str().is_some_and(|text| text.contains(last) || text.contains(first)))
        });
        (named && !used && !calendar(first) && !calendar(last)).then_some(full)
    })
}

const FOR: &[&str] = &["for", "für", "para", "pour"];
const CALENDAR: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "christmas",
    "easter",
    "new",
];

/// Whether a plan searches for something new.
fn calls_more(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| step.tool.starts_with("search_"))
}

/// A way that two bookings are for, unless only one of them is made.
fn booked_twice(plan: &Plan) -> Option<Leg<'_>> {
    let books = |step: &&Step| matches!(step.tool.as_str(), "book_flight" | "book_train");
    let way = |step: &Step| leg(plan.step(*step.choice()?.steps.first()?)?);
    let booked: Vec<(&Step, Leg<'_>)> =
        plan.steps.iter().filter(books).filter_map(|step| Some((step, way(step)?))).collect();
    booked.iter().enumerate().find_map(|(at, (step, leg))| {
        let beside = |other: &Step| plan.either(step.id).is_some_and(|either| either.steps.contains(&other.id));
        let again = booked.iter().skip(at + 1).any(|(other, way)| way == leg && !beside(other));
        again.then_some(*leg)
    })
}

const BOOK: &[&str] = &["book", "reserve", "instead", "buche", "reserva", "订"];
const ORDER: &[&str] = &["book me", "please book", "reserve", "buche mir", "resérvame", "帮我订"];
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
    "zurück",
    "rückflug",
    "rückfahrt",
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
pub(crate) fn says(text: &str, words: &[&str]) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphabetic() && c < '\u{2e80}');
    words.iter().any(|word| {
        text.match_indices(word).any(|(start, _)| {
            let before = text.get(..start).and_then(|before| before.chars().next_back());
            let after = text.get(start + word.len()..).and_then(|after| after.chars().next());
            !letter(before) && !letter(after)
        })
    })
}

#[derive(Clone, Copy, PartialEq)]
struct Leg<'p> {
    origin: &'p str,
    destination: &'p str,
    date: &'p str,
}

fn leg(step: &Step) -> Option<Leg<'_>> {
    let said = |name: &str| literal(step, name);
    let travels = matches!(step.tool.as_str(), "search_flights" | "search_trains");
    let leg = || Some(Leg { origin: said("origin")?, destination: said("destination")?, date: said("date")? });
    travels.then(leg).flatten()
}

/// An argument that the request gives as text.
fn literal<'p>(step: &'p Step, name: &str) -> Option<&'p str> {
    match step.args.get(name)? {
        Arg::Literal(value) => value.as_str(),
        _ => None,
    }
}
