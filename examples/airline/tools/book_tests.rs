//! Bookings, by the steps of their description.

use serde_json::{Value, json};

use super::*;
use crate::tools::testing::{Airline, difference};

/// A booking of flight F1 for two in economy, 240 in all, with some arguments replaced.
fn booking(other: Value) -> Value {
    let mut args = json!({
        "user_id": "ada",
        "origin": "JFK",
        "destination": "SEA",
        "flight_type": "one_way",
        "cabin": "economy",
        "flights": [{"flight_number": "F1", "date": "2024-05-16"}],
        "passengers": [{"first_name": "Ada", "last_name": "L", "dob": "1990-01-01"}, {"first_name": "Bob"}],
        "payment_methods": [{"payment_id": "credit_card_1", "amount": 240}],
        "total_baggages": 0,
        "nonfree_baggages": 0,
        "insurance": "no",
    });
    for (name, value) in other.as_object().unwrap() {
        args[name] = value.clone();
    }
    args
}

fn pays(payments: Value) -> Value {
    booking(json!({ "payment_methods": payments }))
}

#[test]
fn a_booking_is_stored_in_the_order_of_its_fields() {
    let mut airline = Airline::new();
    let text = airline.does::<BookReservation>(booking(json!({}))).unwrap();
    let expected = concat!(
        r#"{"reservation_id": "HATHAT", "user_id": "ada", "origin": "JFK", "destination": "SEA", "#,
        r#""flight_type": "one_way", "cabin": "economy", "flights": [{"flight_number": "F1", "date": "2024-05-16", "#,
        r#""price": 120, "origin": "JFK", "destination": "SEA"}], "passengers": [{"first_name": "Ada", "#,
        r#""last_name": "L", "dob": "1990-01-01"}, {"first_name": "Bob"}], "payment_history": "#,
        r#"[{"payment_id": "credit_card_1", "amount": 240}], "created_at": "2024-05-15T15:00:00", "#,
        r#""total_baggages": 0, "nonfree_baggages": 0, "insurance": "no"}"#,
    );
    assert_eq!(text, expected);
    let changed = difference(&airline);
    assert_eq!(changed["reservations"]["HATHAT"], serde_json::from_str::<Value>(expected).unwrap());
    assert_eq!(changed["users"]["ada"]["reservations"], json!(["R1", "HATHAT"]));
    assert_eq!(changed["flights"], json!({}), "seats are not taken");
}

#[test]
fn the_third_id_is_used_over_and_over() {
    let mut airline = Airline::new();
    for _ in 0..4 {
        airline.does::<BookReservation>(booking(json!({}))).unwrap();
    }
    let changed = difference(&airline);
    let ids = json!(["R1", "HATHAT", "HATHAU", "HATHAV", "HATHAV"]);
    assert_eq!(changed["users"]["ada"]["reservations"], ids);
    assert_eq!(changed["reservations"].as_object().unwrap().len(), 3);
}

#[test]
fn items_keep_what_nobody_asked_for() {
    let item = json!([{"price": 1, "meal": "none", "date": "2024-05-16", "flight_number": "F1"}]);
    let text = Airline::new().does::<BookReservation>(booking(json!({"flights": item}))).unwrap();
    let kept = r#"[{"price": 120, "meal": "none", "date": "2024-05-16", "flight_number": "F1", "origin": "JFK", "destination": "SEA"}]"#;
    assert!(text.contains(kept), "{text}");
}

#[test]
fn insurance_and_bags_are_part_of_the_price() {
    let mut airline = Airline::new();
    let dear = json!({"insurance": "yes", "nonfree_baggages": 2, "total_baggages": 5});
    let refused = airline.refuses::<BookReservation>(booking(dear));
    assert_eq!(refused, "Error: payment amount does not add up, total price is 400, but paid 240");
    let almost = booking(json!({"insurance": "Yes", "nonfree_baggages": 1.0}));
    let refused = airline.refuses::<BookReservation>(almost);
    assert_eq!(refused, "Error: payment amount does not add up, total price is 290.0, but paid 240");
    let float = pays(json!([{"payment_id": "credit_card_1", "amount": 240.0}]));
    assert!(airline.does::<BookReservation>(float).unwrap().contains(r#""amount": 240.0}]"#));
}

#[test]
fn flights_are_checked_in_order() {
    let mut airline = Airline::new();
    let mut refused = |flights: Value| airline.refuses::<BookReservation>(booking(json!({"flights": flights})));
    let f1 = |date: &str| json!({"flight_number": "F1", "date": date});
    assert_eq!(refused(json!([{"flight_number": "F9"}])), "Error: flight F9 not found");
    assert_eq!(refused(json!([{"date": "2024-05-16"}])), "Error: 'flight_number'");
    assert_eq!(refused(json!([{"flight_number": "F1"}])), "Error: 'date'");
    assert_eq!(refused(json!([f1("2024-06-01")])), "Error: flight F1 not found on date 2024-06-01");
    assert_eq!(refused(json!([f1("2024-05-01")])), "Error: flight F1 not available on date 2024-05-01");
    assert_eq!(refused(json!([f1("2024-05-18")])), "Error: flight F1 not available on date 2024-05-18");
    assert_eq!(refused(json!([f1("2024-05-16"), f1("x")])), "Error: flight F1 not found on date x");
    let mut refused = |args: Value| airline.refuses::<BookReservation>(booking(args));
    assert_eq!(refused(json!({"cabin": "basic_economy"})), "Error: not enough seats on flight F1");
    assert_eq!(refused(json!({"passengers": [{}, {}, {}]})), "Error: not enough seats on flight F1");
    assert_eq!(refused(json!({"cabin": "first"})), "Error: 'first'");
    assert_eq!(refused(json!({"user_id": "eve", "cabin": "first"})), "Error: user not found");
    assert_eq!(difference(&airline), json!({"users": {}, "reservations": {}, "flights": {}}));
}

#[test]
fn payments_are_checked_one_by_one() {
    let mut airline = Airline::new();
    let mut refused = |payments: Value| airline.refuses::<BookReservation>(pays(payments));
    let unknown = json!([{"payment_id": "gift_card_9", "amount": 240}]);
    assert_eq!(refused(unknown), "Error: payment method gift_card_9 not found");
    assert_eq!(refused(json!([{"payment_id": "gift_card_9"}])), "Error: 'amount'");
    assert_eq!(refused(json!([{"amount": 1}])), "Error: 'payment_id'");
    let dear = json!([{"payment_id": "gift_card_1", "amount": 501}]);
    assert_eq!(refused(dear), "Error: not enough balance in payment method gift_card_1");
    let dear = json!([{"payment_id": "certificate_1", "amount": 100.5}, {"payment_id": "x", "amount": 1}]);
    assert_eq!(refused(dear), "Error: not enough balance in payment method certificate_1");
    let short = json!([{"payment_id": "gift_card_1", "amount": 100}, {"payment_id": "credit_card_1", "amount": 50.5}]);
    assert_eq!(refused(short), "Error: payment amount does not add up, total price is 240, but paid 150.5");
    assert_eq!(refused(json!([])), "Error: payment amount does not add up, total price is 240, but paid 0");
}

#[test]
fn gift_cards_keep_the_rest_and_certificates_are_gone() {
    let mut airline = Airline::new();
    let payments = json!([{"payment_id": "certificate_1", "amount": 40}, {"payment_id": "gift_card_1", "amount": 200}]);
    airline.does::<BookReservation>(pays(payments)).unwrap();
    let methods = difference(&airline)["users"]["ada"]["payment_methods"].clone();
    assert_eq!(methods["gift_card_1"]["amount"], json!(300));
    let left: Vec<&String> = methods.as_object().unwrap().keys().collect();
    assert_eq!(left, ["gift_card_1", "credit_card_1"]);
}

#[test]
fn each_payment_is_held_against_the_whole_balance() {
    let mut airline = Airline::new();
    let half = json!({"payment_id": "gift_card_1", "amount": 300});
    let business = booking(json!({
        "cabin": "business", "payment_methods": [half, half, {"payment_id": "credit_card_1", "amount": 200}],
    }));
    airline.does::<BookReservation>(business).unwrap();
    assert_eq!(difference(&airline)["users"]["ada"]["payment_methods"]["gift_card_1"]["amount"], json!(-100));
}

#[test]
fn a_certificate_that_is_given_twice_is_lost_with_what_was_paid_before() {
    let mut airline = Airline::new();
    let certificate = json!({"payment_id": "certificate_1", "amount": 100});
    let payments = json!([{"payment_id": "gift_card_1", "amount": 40}, certificate, certificate]);
    assert_eq!(airline.refuses::<BookReservation>(pays(payments)), "Error: 'certificate_1'");
    let changed = difference(&airline);
    assert_eq!(changed["reservations"], json!({}));
    assert_eq!(changed["users"]["ada"]["reservations"], json!(["R1"]));
    let methods = &changed["users"]["ada"]["payment_methods"];
    assert_eq!((&methods["gift_card_1"]["amount"], methods.get("certificate_1")), (&json!(460), None));
}
