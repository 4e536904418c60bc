//! Changes of flights, by the steps of their description.

use serde_json::{Value, json};

use super::*;
use crate::tools::testing::{Airline, difference};

fn change(cabin: &str, flights: Value, payment: &str) -> Value {
    json!({"reservation_id": "R1", "cabin": cabin, "flights": flights, "payment_id": payment})
}

fn on(number: &str, date: &str) -> Value {
    json!({"flight_number": number, "date": date})
}

#[test]
fn a_flight_that_stays_costs_what_it_did_and_is_not_checked() {
    let mut airline = Airline::new();
    let more = json!([on("F1", "2024-05-16"), {"meal": "none", "flight_number": "F3", "date": "2024-05-17"}]);
    let text = airline.does::<UpdateReservationFlights>(change("economy", more, "gift_card_1")).unwrap();
    let flights = concat!(
        r#""flights": [{"flight_number": "F1", "date": "2024-05-16", "price": 150, "origin": "JFK", "destination": "SEA"}, "#,
        r#"{"meal": "none", "flight_number": "F3", "date": "2024-05-17", "price": 120, "origin": "SEA", "destination": "LAX"}]"#,
    );
    assert!(text.contains(flights), "{text}");
    assert!(text.contains(r#"{"payment_id": "gift_card_1", "amount": 240}], "created_at""#), "{text}");
    assert_eq!(difference(&airline)["users"]["ada"]["payment_methods"]["gift_card_1"]["amount"], json!(260));
}

#[test]
fn another_cabin_is_paid_for_and_never_stored() {
    let mut airline = Airline::new();
    let business = || change("business", json!([on("F1", "2024-05-16")]), "gift_card_1");
    let text = airline.does::<UpdateReservationFlights>(business()).unwrap();
    assert!(
        text.contains(r#""cabin": "economy", "flights": [{"flight_number": "F1", "date": "2024-05-16", "price": 400"#)
    );
    assert_eq!(difference(&airline)["users"]["ada"]["payment_methods"]["gift_card_1"]["amount"], json!(0));
    // The old cabin is still the one that is compared with: the flight is looked up anew, at the same price.
    let again = airline.does::<UpdateReservationFlights>(business()).unwrap();
    assert_eq!(again, text);
}

#[test]
fn what_is_cheaper_is_given_back() {
    let mut airline = Airline::new();
    let cheaper = change("economy", json!([on("F1", "2024-05-17")]), "gift_card_1");
    let text = airline.does::<UpdateReservationFlights>(cheaper).unwrap();
    assert!(text.contains(r#"{"payment_id": "gift_card_1", "amount": -60}]"#), "{text}");
    assert_eq!(difference(&airline)["users"]["ada"]["payment_methods"]["gift_card_1"]["amount"], json!(560));
}

#[test]
fn nothing_is_noted_where_nothing_is_to_pay() {
    let mut airline = Airline::new();
    let same = change("economy", json!([on("F1", "2024-05-16")]), "credit_card_1");
    let text = airline.does::<UpdateReservationFlights>(same).unwrap();
    assert!(text.contains(r#"{"payment_id": "credit_card_1", "amount": 0}], "created_at""#), "{text}");
    assert_eq!(difference(&airline)["users"], json!({}));
}

#[test]
fn changes_are_checked_in_order() {
    let mut airline = Airline::new();
    let mut refused = |cabin: &str, flights: Value, payment: &str| {
        airline.refuses::<UpdateReservationFlights>(change(cabin, flights, payment))
    };
    let later = || json!([on("F3", "2024-05-17")]);
    assert_eq!(refused("economy", json!([on("F9", "2024-05-17")]), "x"), "Error: flight F9 not found");
    assert_eq!(refused("economy", json!([{"flight_number": "F1"}]), "x"), "Error: 'date'");
    assert_eq!(refused("economy", json!([{"date": "2024-05-17"}]), "x"), "Error: 'flight_number'");
    let no_day = "Error: flight F3 not found on date 2024-06-01";
    assert_eq!(refused("economy", json!([on("F3", "2024-06-01")]), "x"), no_day);
    let landed = "Error: flight F3 not available on date 2024-05-01";
    assert_eq!(refused("economy", json!([on("F3", "2024-05-01")]), "x"), landed);
    assert_eq!(refused("basic_economy", later(), "x"), "Error: not enough seats on flight F3");
    assert_eq!(refused("first", later(), "x"), "Error: 'first'");
    assert_eq!(refused("economy", later(), "x"), "Error: payment method not found");
    let certificate = "Error: certificate cannot be used to update reservation";
    assert_eq!(refused("economy", later(), "certificate_1"), certificate);
    let dear = json!([on("F1", "2024-05-16"), on("F3", "2024-05-16"), on("F3", "2024-05-17"), on("F4", "2024-05-17")]);
    assert_eq!(refused("economy", dear, "gift_card_1"), "Error: gift card balance is not enough");
    let unknown = json!({"reservation_id": "R9", "cabin": "first", "flights": [], "payment_id": "x"});
    assert_eq!(airline.refuses::<UpdateReservationFlights>(unknown), "Error: reservation not found");
    assert_eq!(difference(&airline), json!({"users": {}, "reservations": {}, "flights": {}}));
}
