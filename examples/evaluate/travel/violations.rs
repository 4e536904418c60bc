//! What no run may do, whatever its case expects.

use std::collections::BTreeSet;

use cicerone::{
    event::{Event, PlannedCall, ToolResult},
    prelude::*,
};
use serde_json::Value;

use crate::world::{BookingStatus, World};

use super::expect::Expect;
use super::{Grading, journal, made, wording};

/// What the run did that an agent must never do: answers that are no calls, ids that no search returned, bookings made
/// twice, and bookings where the case has none.
pub(crate) fn violations(expect: &Expect, world: &World, ended: &Result<Run, Error>) -> Vec<String> {
    let mut violations = malformed(ended);
    violations.extend(invented(ended));
    violations.extend(booked(expect, world).unwrap_or_else(|fault| vec![format!("The case can't be judged: {fault}")]));
    violations
}

fn malformed(ended: &Result<Run, Error>) -> Vec<String> {
    let rejected = journal::entries(ended).iter().filter_map(|entry| match &entry.event {
        Event::AnswerRejected { call, reason, valid: false } => {
            Some(format!("Malformed: the model's answer {call}: {reason}"))
        }
        _ => None,
    });
    rejected.collect()
}

/// Calls that book or cancel by an id that nothing before them has returned.
fn invented(ended: &Result<Run, Error>) -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut violations = Vec::new();
    for entry in journal::entries(ended) {
        match &entry.event {
            Event::ToolReturned { result: ToolResult::Output { output }, .. } => known.extend(journal::ids(output)),
            Event::ToolIntended { planned, .. } => {
                for id in grounded(planned).into_iter().filter(|id| !known.contains(*id)) {
                    violations
                        .push(format!("Invented: {} was called with {id}, which no search returned", planned.tool));
                }
            }
            _ => {}
        }
    }
    violations
}

/// The ids in the arguments of a call that books or cancels.
fn grounded(call: &PlannedCall) -> Vec<&str> {
    let name = match call.tool.as_str() {
        "book_flight" => "flight",
        "book_train" => "train",
        "book_hotel" => "hotel",
        "cancel_booking" => "bookings",
        _ => return Vec::new(),
    };
    match call.args.get(name) {
        Some(Value::Array(ids)) => ids.iter().map(|id| id.as_str().unwrap_or("nothing")).collect(),
        id => vec![id.and_then(Value::as_str).unwrap_or("nothing")],
    }
}

fn booked(expect: &Expect, world: &World) -> Result<Vec<String>, String> {
    let made = made(expect, world)?;
    let mut violations = Vec::new();
    let mut seen = BTreeSet::new();
    for booking in made.iter().filter(|booking| booking.status == BookingStatus::Confirmed) {
        if !seen.insert((&booking.item, booking.traveller.to_lowercase())) {
            violations.push(format!("Booked twice: {}", wording::booked(booking)));
        }
    }
    let mut allowed = false;
    for outcome in expect.alternatives() {
        allowed |= !Grading::new(&outcome, world)?.wanted()?.is_empty();
    }
    if !allowed {
        let where_none =
            made.iter().map(|booking| format!("Booked where nothing was to be: {}", wording::booked(booking)));
        violations.extend(where_none);
    }
    Ok(violations)
}
