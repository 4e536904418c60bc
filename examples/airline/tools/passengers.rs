//! `update_reservation_passengers`.

use cicerone::tool::Effect;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    desk::Operation,
    given::{Item, as_given},
    json::written_record,
    refusal::{Fields, Refusal},
    tables::Draft,
    world::Done,
};

/// Someone who flies.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "its schema is what is used; items are kept as they were given")]
pub(super) struct PassengerItem {
    /// Such as "Noah".
    first_name: String,
    /// Such as "Brown".
    last_name: String,
    /// The day of birth, such as "1990-01-01".
    dob: String,
}

pub(super) struct UpdateReservationPassengers;

#[derive(Deserialize, JsonSchema)]
pub(super) struct NewPassengers {
    /// Which reservation, such as "ZFA04Y".
    reservation_id: String,
    /// Everyone who flies, as many as before.
    passengers: Vec<Item<PassengerItem>>,
}

impl Operation for UpdateReservationPassengers {
    const NAME: &'static str = "update_reservation_passengers";
    const DESCRIPTION: &'static str = "Change who flies.";
    const EFFECT: Effect = Effect::Once;
    type Args = NewPassengers;

    fn perform(args: NewPassengers, draft: &mut Draft<'_>) -> Done {
        let reservation = draft.reservation(&args.reservation_id).cloned();
        let mut reservation = reservation.ok_or_else(|| Refusal::new("reservation not found"))?;
        if reservation.list("passengers")?.len() != args.passengers.len() {
            return Err(Refusal::new("number of passengers does not match"));
        }
        reservation.insert("passengers".to_owned(), as_given(args.passengers));
        let text = written_record(&reservation);
        draft.put_reservation(&args.reservation_id, reservation);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::testing::{Airline, difference};
    use serde_json::json;

    #[test]
    fn passengers_are_stored_as_given() {
        let mut airline = Airline::new();
        let passengers = json!([{"dob": "1990-01-01", "first_name": "Zoë", "seat": 1.0}, {"last_name": "B"}]);
        let args = json!({"reservation_id": "R1", "passengers": passengers});
        let text = airline.does::<UpdateReservationPassengers>(args).unwrap();
        assert!(text.contains(r#""passengers": [{"dob": "1990-01-01", "first_name": "Zo\u00eb", "seat": 1.0}, {"last_name": "B"}], "payment_history""#), "{text}");
        assert_eq!(difference(&airline)["reservations"]["R1"]["passengers"], passengers);
    }

    #[test]
    fn their_number_stays() {
        let mut airline = Airline::new();
        let mut refused = |args| airline.refuses::<UpdateReservationPassengers>(args);
        let one = json!([{"first_name": "Ada"}]);
        assert_eq!(refused(json!({"reservation_id": "R9", "passengers": one})), "Error: reservation not found");
        let other = "Error: number of passengers does not match";
        assert_eq!(refused(json!({"reservation_id": "R1", "passengers": one})), other);
    }
}
