//! `get_user_details`, `get_reservation_details` and `list_all_airports`.

use cicerone::tool::Effect;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    desk::Operation,
    json::{written, written_record},
    refusal::Refusal,
    tables::Draft,
    world::Done,
};

/// The airports and their cities, in the order in which they are told.
const AIRPORTS: [(&str, &str); 20] = [
    ("SFO", "San Francisco"),
    ("JFK", "New York"),
    ("LAX", "Los Angeles"),
    ("ORD", "Chicago"),
    ("DFW", "Dallas"),
    ("DEN", "Denver"),
    ("SEA", "Seattle"),
    ("ATL", "Atlanta"),
    ("MIA", "Miami"),
    ("BOS", "Boston"),
    ("PHX", "Phoenix"),
    ("IAH", "Houston"),
    ("LAS", "Las Vegas"),
    ("MCO", "Orlando"),
    ("EWR", "Newark"),
    ("CLT", "Charlotte"),
    ("MSP", "Minneapolis"),
    ("DTW", "Detroit"),
    ("PHL", "Philadelphia"),
    ("LGA", "LaGuardia"),
];

pub(super) struct GetUserDetails;

#[derive(Deserialize, JsonSchema)]
pub(super) struct WhichUser {
    /// Such as "sara_doe_496".
    user_id: String,
}

impl Operation for GetUserDetails {
    const NAME: &'static str = "get_user_details";
    const DESCRIPTION: &'static str = "Tell what is known of a user, with the ids of their reservations.";
    const EFFECT: Effect = Effect::Read;
    type Args = WhichUser;

    fn perform(args: WhichUser, draft: &mut Draft<'_>) -> Done {
        draft.user(&args.user_id).map(written_record).ok_or_else(|| Refusal::new("user not found"))
    }
}

pub(super) struct GetReservationDetails;

#[derive(Deserialize, JsonSchema)]
pub(super) struct WhichReservation {
    /// Such as "8JX2WO".
    reservation_id: String,
}

impl Operation for GetReservationDetails {
    const NAME: &'static str = "get_reservation_details";
    const DESCRIPTION: &'static str = "Tell what is known of a reservation.";
    const EFFECT: Effect = Effect::Read;
    type Args = WhichReservation;

    fn perform(args: WhichReservation, draft: &mut Draft<'_>) -> Done {
        // It says so of reservations, too.
        draft.reservation(&args.reservation_id).map(written_record).ok_or_else(|| Refusal::new("user not found"))
    }
}

pub(super) struct ListAllAirports;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Nothing {}

impl Operation for ListAllAirports {
    const NAME: &'static str = "list_all_airports";
    const DESCRIPTION: &'static str = "Tell all airports and their cities.";
    const EFFECT: Effect = Effect::Read;
    type Args = Nothing;

    fn perform(_: Nothing, _: &mut Draft<'_>) -> Done {
        Ok(written(&AIRPORTS.iter().map(|(code, city)| ((*code).to_owned(), Value::from(*city))).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::testing::Airline;
    use serde_json::json;

    #[test]
    fn records_are_told_whole() {
        let mut airline = Airline::new();
        let user = airline.does::<GetUserDetails>(json!({"user_id": "ada"})).unwrap();
        assert!(user.starts_with(r#"{"name": {"first_name": "Ada", "#), "{user}");
        assert!(user.ends_with(r#""reservations": ["R1"]}"#), "{user}");
        let reservation = airline.does::<GetReservationDetails>(json!({"reservation_id": "R1"})).unwrap();
        assert!(reservation.starts_with(r#"{"reservation_id": "R1", "user_id": "ada", "#), "{reservation}");
    }

    #[test]
    fn whoever_is_unknown_is_called_a_user() {
        let mut airline = Airline::new();
        assert_eq!(airline.refuses::<GetUserDetails>(json!({"user_id": "eve"})), "Error: user not found");
        assert_eq!(airline.refuses::<GetReservationDetails>(json!({"reservation_id": "R9"})), "Error: user not found");
    }

    #[test]
    fn airports_are_told_in_their_order() {
        let text = Airline::new().does::<ListAllAirports>(json!({})).unwrap();
        assert!(text.starts_with(r#"{"SFO": "San Francisco", "JFK": "New York", "#), "{text}");
        assert!(text.ends_with(r#""PHL": "Philadelphia", "LGA": "LaGuardia"}"#), "{text}");
        assert_eq!(text.matches(": ").count(), 20);
    }
}
