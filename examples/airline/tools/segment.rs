//! One flight of a reservation.

use schemars::JsonSchema;
use serde_json::Value;

use crate::{
    amount::Amount,
    given::Item,
    refusal::{Fields, Refusal},
    tables::{Draft, Record},
};

/// A flight that is asked for.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "its schema is what is used; items are kept as they were given")]
pub(super) struct FlightItem {
    /// The flight's number, such as "HAT001".
    flight_number: String,
    /// The day, such as "2024-05-01".
    date: String,
}

/// What becomes part of a reservation.
pub(super) struct Segment {
    pub(super) price: Amount,
    origin: Value,
    destination: Value,
}

impl Segment {
    /// The flight of an item, if so many can still fly in this cabin.
    pub(super) fn offered(
        item: &Item<FlightItem>,
        cabin: &str,
        passengers: usize,
        draft: &Draft<'_>,
    ) -> Result<Self, Refusal> {
        let number = item.text("flight_number")?;
        let flight = draft.flight(number).ok_or_else(|| Refusal::new(format!("flight {number} not found")))?;
        let date = item.text("date")?;
        let Some(day) = flight.record("dates")?.get(date).and_then(Value::as_object) else {
            return Err(Refusal::new(format!("flight {number} not found on date {date}")));
        };
        if day.text("status")? != "available" {
            return Err(Refusal::new(format!("flight {number} not available on date {date}")));
        }
        if Amount::read(day.record("available_seats")?.field(cabin)?)? < Amount::count(passengers) {
            return Err(Refusal::new(format!("not enough seats on flight {number}")));
        }
        Self::of(day.record("prices")?.field(cabin)?, flight)
    }

    /// A flight that is part of a reservation already.
    pub(super) fn kept(segment: &Record) -> Result<Self, Refusal> {
        Self::of(segment.field("price")?, segment)
    }

    /// The item as a part of the reservation.
    pub(super) fn written_into(self, item: &Item<FlightItem>) -> Result<Value, Refusal> {
        let mut fields = item.fields.clone();
        fields.insert("price".to_owned(), self.price.to_value()?);
        fields.insert("origin".to_owned(), self.origin);
        fields.insert("destination".to_owned(), self.destination);
        Ok(Value::Object(fields))
    }

    fn of(price: &Value, route: &Record) -> Result<Self, Refusal> {
        let (origin, destination) = (route.field("origin")?.clone(), route.field("destination")?.clone());
        Ok(Self { price: Amount::read(price)?, origin, destination })
    }
}
