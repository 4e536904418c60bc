//! `update_reservation_flights`.

use cicerone::tool::Effect;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{
    payment::charge,
    segment::{FlightItem, Segment},
};
use crate::{
    amount::Amount,
    desk::Operation,
    given::Item,
    json::written_record,
    refusal::{Fields, Refusal, record},
    tables::{Draft, Record},
    world::Done,
};

pub(super) struct UpdateReservationFlights;

#[derive(Deserialize, JsonSchema)]
pub(super) struct NewFlights {
    /// Which reservation, such as "ZFA04Y".
    reservation_id: String,
    #[schemars(extend("enum" = ["basic_economy", "economy", "business"]))]
    cabin: String,
    /// Each flight of the whole reservation as it shall be, those that stay included.
    flights: Vec<Item<FlightItem>>,
    /// What is paid with, or where a difference is given back: an id of the user's payment methods.
    payment_id: String,
}

impl Operation for UpdateReservationFlights {
    const NAME: &'static str = "update_reservation_flights";
    const DESCRIPTION: &'static str = "Change the flights of a reservation.";
    const EFFECT: Effect = Effect::Once;
    type Args = NewFlights;

    fn perform(args: NewFlights, draft: &mut Draft<'_>) -> Done {
        let reservation = draft.reservation(&args.reservation_id).cloned();
        let mut reservation = reservation.ok_or_else(|| Refusal::new("reservation not found"))?;
        let passengers = reservation.list("passengers")?.len();

        let mut price = Amount::ZERO;
        let mut flights = Vec::with_capacity(args.flights.len());
        for item in &args.flights {
            let segment = match kept(item, &args.cabin, &reservation)? {
                Some(segment) => Segment::kept(segment)?,
                None => Segment::offered(item, &args.cabin, passengers, draft)?,
            };
            price = price.plus(segment.price);
            flights.push(segment.written_into(item)?);
        }
        let mut before = Amount::ZERO;
        for segment in reservation.list("flights")? {
            before = before.plus(Amount::read(record(segment)?.field("price")?)?);
        }
        let many = Amount::count(passengers);
        let total = price.times(many).minus(before.times(many));
        charge(&args.payment_id, total, &mut reservation, draft)?;
        // The cabin stays what it was, also in the reservation's record.
        reservation.insert("flights".to_owned(), Value::Array(flights));
        let text = written_record(&reservation);
        draft.put_reservation(&args.reservation_id, reservation);
        Ok(text)
    }
}

/// The first flight of the reservation that the item is, if the cabin stays the same.
fn kept<'r>(item: &Item<FlightItem>, cabin: &str, reservation: &'r Record) -> Result<Option<&'r Record>, Refusal> {
    let number = item.text("flight_number")?;
    for segment in reservation.list("flights")? {
        let segment = record(segment)?;
        if segment.text("flight_number")? == number
            && segment.text("date")? == item.text("date")?
            && reservation.text("cabin")? == cabin
        {
            return Ok(Some(segment));
        }
    }
    Ok(None)
}

#[cfg(test)]
#[path = "flights_tests.rs"]
mod tests;
