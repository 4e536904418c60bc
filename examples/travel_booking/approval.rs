//! Asking before anything is booked or cancelled.

use cicerone::prelude::*;
use indicatif::MultiProgress;

use crate::world::World;

/// Who decides on bookings and cancellations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Everything is approved.
    Nobody,
    /// The user, on the terminal.
    User,
    /// Nobody is there: the run waits.
    Later,
}

/// Decides on one call.
pub(crate) async fn decide(who: Who, bars: MultiProgress, question: String) -> Verdict {
    match who {
        Who::Nobody => Verdict::Approve,
        Who::Later => Verdict::Later,
        Who::User => {
            let asked = tokio::task::spawn_blocking(move || {
                bars.suspend(|| inquire::Confirm::new(&question).with_default(false).prompt())
            });
            match asked.await {
                Ok(Ok(true)) => Verdict::Approve,
                Ok(Ok(false)) => Verdict::Deny("the traveller said no".to_owned()),
                // Escape and Ctrl-C leave the question open.
                _ => Verdict::Later,
            }
        }
    }
}

/// What the user is asked about a call, with what it costs.
pub(crate) fn question(call: &PlannedCall, world: &World) -> String {
    let several = |name: &str| match call.args.get(name).and_then(serde_json::Value::as_u64) {
        Some(number) if number > 1 => format!(", {number} {name}"),
        _ => String::new(),
    };
    let cost = |price: u32, name: &str| {
        u64::from(price) * call.args.get(name).and_then(serde_json::Value::as_u64).unwrap_or(1)
    };
    let id = |name: &str| call.args.get(name).and_then(|value| value.as_str()).unwrap_or_default();
    let what = match call.tool.as_str() {
        "book_flight" => world.flight(id("flight")).map(|flight| {
            let (from, to) = (&flight.origin, &flight.destination);
            let departs = flight.departs.strftime("%H:%M");
            let (who, cost) = (several("travellers"), cost(flight.price, "travellers"));
            format!("{}, {from} {departs} to {to}, {}{who}: {cost} EUR", flight.airline, flight.date)
        }),
        "book_train" => world.train(id("train")).map(|train| {
            let (from, to) = (&train.origin, &train.destination);
            let departs = train.departs.strftime("%H:%M");
            let (who, cost) = (several("travellers"), cost(train.price, "travellers"));
            format!("train {from} {departs} to {to}, {}{who}: {cost} EUR", train.date)
        }),
        "book_hotel" => world.hotel_offer(id("hotel")).map(|offer| {
            let nights = format!("{} to {}", offer.check_in, offer.check_out);
            let (rooms, cost) = (several("rooms"), cost(offer.price, "rooms"));
            format!("{}, {}, {nights}{rooms}: {cost} EUR", offer.hotel, offer.city)
        }),
        "cancel_booking" => {
            let references = call.args.get("bookings").and_then(serde_json::Value::as_array).into_iter().flatten();
            Ok(format!("booking {}", references.filter_map(|one| one.as_str()).collect::<Vec<_>>().join(", ")))
        }
        _ => Ok(call.args.to_string()),
    };
    let verb = if call.tool == "cancel_booking" { "Cancel" } else { "Book" };
    format!("{verb} {}?", what.unwrap_or_else(|_| call.args.to_string()))
}
