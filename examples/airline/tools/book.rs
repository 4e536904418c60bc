//! `book_reservation`.

use cicerone::tool::Effect;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Number, Value, json};

use super::{
    passengers::PassengerItem,
    payment::{self, PaymentItem},
    segment::{FlightItem, Segment},
};
use crate::{
    amount::Amount,
    desk::Operation,
    given::{Item, as_given},
    json::written,
    refusal::Refusal,
    tables::Draft,
    world::Done,
};

/// When everything is booked: the recordings' only day.
const NOW: &str = "2024-05-15T15:00:00";
/// The ids that new reservations get.
const IDS: [&str; 2] = ["HATHAT", "HATHAU"];
const LAST_ID: &str = "HATHAV";

pub(super) struct BookReservation;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Booking {
    /// The user who books, such as "sara_doe_496".
    user_id: String,
    /// The airport where the trip begins, such as "SFO".
    origin: String,
    /// The airport where it leads, such as "JFK".
    destination: String,
    #[schemars(extend("enum" = ["one_way", "round_trip"]))]
    flight_type: String,
    #[schemars(extend("enum" = ["basic_economy", "economy", "business"]))]
    cabin: String,
    /// Each flight of the trip, in order.
    flights: Vec<Item<FlightItem>>,
    /// Everyone who flies.
    passengers: Vec<Item<PassengerItem>>,
    /// What is paid with, which has to come to the price.
    payment_methods: Vec<Item<PaymentItem>>,
    /// How many bags there are.
    #[schemars(with = "i64")]
    total_baggages: Number,
    /// How many of them cost extra.
    #[schemars(with = "i64")]
    nonfree_baggages: Number,
    #[schemars(extend("enum" = ["yes", "no"]))]
    insurance: String,
}

impl Operation for BookReservation {
    const NAME: &'static str = "book_reservation";
    const DESCRIPTION: &'static str = "Book a reservation.";
    const EFFECT: Effect = Effect::Once;
    type Args = Booking;

    fn perform(args: Booking, draft: &mut Draft<'_>) -> Done {
        let user = draft.user(&args.user_id).cloned();
        let mut user = user.ok_or_else(|| Refusal::new("user not found"))?;
        let id = IDS.into_iter().find(|id| draft.reservation(id).is_none()).unwrap_or(LAST_ID);
        let passengers = args.passengers.len();

        let mut price = Amount::ZERO;
        let mut flights = Vec::with_capacity(args.flights.len());
        for item in &args.flights {
            let segment = Segment::offered(item, &args.cabin, passengers, draft)?;
            price = price.plus(segment.price);
            flights.push(segment.written_into(item)?);
        }
        let insured = if args.insurance == "yes" { Amount::Whole(30) } else { Amount::ZERO };
        let bags = Amount::of(&args.nonfree_baggages).unwrap_or(Amount::ZERO).times(Amount::Whole(50));
        let total = price.plus(insured).times(Amount::count(passengers)).plus(bags);
        payment::check(&args.payment_methods, total, &user)?;

        if let Err(refusal) = payment::take(&args.payment_methods, &mut user) {
            // A certificate that is offered twice: what was taken before the second time stays taken.
            draft.put_user(&args.user_id, user);
            return Err(refusal);
        }
        let reservation = json!({
            "reservation_id": id,
            "user_id": args.user_id,
            "origin": args.origin,
            "destination": args.destination,
            "flight_type": args.flight_type,
            "cabin": args.cabin,
            "flights": flights,
            "passengers": as_given(args.passengers),
            "payment_history": as_given(args.payment_methods),
            "created_at": NOW,
            "total_baggages": args.total_baggages,
            "nonfree_baggages": args.nonfree_baggages,
            "insurance": args.insurance,
        });
        let reservations = user.get_mut("reservations").and_then(Value::as_array_mut);
        reservations.ok_or_else(|| Refusal::missing("reservations"))?.push(id.into());
        let text = written(&reservation);
        draft.put_user(&args.user_id, user);
        if let Value::Object(reservation) = reservation {
            draft.put_reservation(id, reservation);
        }
        Ok(text)
    }
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
