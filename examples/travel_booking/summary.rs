//! What a run came to: for the terminal, and as one JSON object.

use cicerone::{event::Event, plan::Plan, prelude::*, trace::Trace};
use serde::Serialize;
use serde_json::{Value, json};

use crate::world::{Booking, BookingStatus};

/// A trip: what was booked, in the order of travel.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Itinerary {
    /// The bookings.
    pub(crate) parts: Vec<Booking>,
    /// What they cost together, in EUR.
    pub(crate) total: u32,
}

impl Itinerary {
    /// The bookings that a run made.
    pub(crate) fn of(trace: &Trace) -> Self {
        let tools = ["book_flight", "book_train", "book_hotel"];
        let outputs = tools.iter().flat_map(|tool| trace.outputs(tool));
        let mut parts: Vec<Booking> =
            outputs.filter_map(|output| serde_json::from_value(output.clone()).ok()).collect();
        parts.sort_by_key(|booking| (booking.from, booking.id));
        parts.dedup_by_key(|booking| booking.id);
        let total = parts.iter().map(|booking| booking.price).sum();
        Self { parts, total }
    }
}

/// How long each part took.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Seconds {
    /// Loading the model.
    pub(crate) loading: f64,
    /// From the request to the last plan.
    pub(crate) planning: f64,
    /// From there to the end.
    pub(crate) executing: f64,
}

/// The object that `--json` prints.
pub(crate) fn json(id: RunId, status: &str, answer: &str, trace: &Trace, loading: f64) -> Value {
    let itinerary = Itinerary::of(trace);
    let cancelled = trace.outputs("cancel_booking");
    let cancelled = cancelled.filter_map(|o| serde_json::from_value::<Vec<Booking>>(o.clone()).ok()).flatten();
    let bookings: Vec<Value> = itinerary.parts.iter().cloned().chain(cancelled).map(|booking| line(&booking)).collect();
    let usage = trace.usage();
    json!({
        "run": id,
        "status": status,
        "answer": answer,
        "itinerary": itinerary,
        "bookings": bookings,
        "plan": plan(trace),
        "model_calls": trace.entries().iter().filter(|entry| matches!(entry.event, Event::ModelAsked { .. })).count(),
        "prompt_tokens": usage.prompt_tokens,
        "computed_prompt_tokens": usage.computed_prompt_tokens,
        "output_tokens": usage.output_tokens,
        "seconds": seconds(trace, loading),
    })
}

fn line(booking: &Booking) -> Value {
    json!({
        "kind": booking.kind,
        "id": booking.item,
        "reference": booking.reference,
        "price": booking.price,
        "cancelled": booking.status == BookingStatus::Cancelled,
    })
}

/// The last plan of a run.
pub(crate) fn plan(trace: &Trace) -> Option<&Plan> {
    trace.entries().iter().rev().find_map(|entry| match &entry.event {
        Event::PlanMade { plan } => Some(plan),
        _ => None,
    })
}

fn seconds(trace: &Trace, loading: f64) -> Seconds {
    let entries = trace.entries();
    let begun = entries.first().map_or(0, |entry| entry.time);
    let ended = entries.last().map_or(begun, |entry| entry.time);
    let planned = entries.iter().rev().find(|entry| matches!(entry.event, Event::PlanMade { .. }));
    let planned = planned.map_or(ended, |entry| entry.time);
    let since = |from: u64, to: u64| to.saturating_sub(from) as f64 / 1000.0;
    Seconds { loading, planning: since(begun, planned), executing: since(planned, ended) }
}
