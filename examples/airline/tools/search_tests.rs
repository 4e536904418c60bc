//! Searches, by the steps of their description.

use serde_json::{Value, json};

use super::*;
use crate::tools::testing::Airline;

fn search<O: Operation>(origin: &str, destination: &str, date: &str) -> String {
    let done = Airline::new().does::<O>(json!({"origin": origin, "destination": destination, "date": date}));
    done.unwrap_or_else(|refusal| refusal.to_string())
}

/// The numbers and the days of the pairs.
fn pairs(text: &str) -> Vec<String> {
    let told: Value = serde_json::from_str(text).unwrap();
    let one = |flight: &Value| format!("{} {}", flight["flight_number"], flight["date"]).replace('"', "");
    told.as_array().unwrap().iter().map(|pair| format!("{}, {}", one(&pair[0]), one(&pair[1]))).collect()
}

#[test]
fn direct_flights_are_told_with_their_day() {
    let text = search::<SearchDirectFlight>("SEA", "LAX", "2024-05-16");
    let first = concat!(
        r#"[{"flight_number": "F3", "origin": "SEA", "destination": "LAX", "scheduled_departure_time_est": "09:00:00", "#,
        r#""scheduled_arrival_time_est": "11:00:00", "status": "available", "available_seats": {"basic_economy": 0, "#,
        r#""economy": 2, "business": 3}, "prices": {"basic_economy": 80, "economy": 120, "business": 400}}, "#,
        r#"{"flight_number": "F4", "#,
    );
    assert!(text.starts_with(first), "{text}");
}

#[test]
fn what_is_not_found_is_an_empty_list() {
    for (origin, destination, date) in [
        ("SEA", "JFK", "2024-05-16"),
        ("XXX", "LAX", "2024-05-16"),
        ("SEA", "LAX", "2024-06-16"),
        ("SEA", "LAX", "2024-05-01"),
        ("SEA", "LAX", "2024-05-18"),
        ("SEA", "LAX", ""),
    ] {
        assert_eq!(search::<SearchDirectFlight>(origin, destination, date), "[]");
    }
    assert_eq!(search::<SearchOnestopFlight>("JFK", "ATL", "2024-05-16"), "[]");
}

#[test]
fn the_second_flight_leaves_no_earlier_as_text() {
    // F1 arrives at 09:00:00: F3 leaves then, F4 a second before. F5 arrives at 01:30:00+1, which is later as text than
    // the 01:30:00 of F6, but earlier than 08:59:59.
    let text = search::<SearchOnestopFlight>("JFK", "LAX", "2024-05-16");
    let expected = [
        "F1 2024-05-16, F3 2024-05-16",
        "F2 2024-05-16, F3 2024-05-17",
        "F2 2024-05-16, F4 2024-05-17",
        "F5 2024-05-16, F3 2024-05-17",
        "F5 2024-05-16, F4 2024-05-17",
    ];
    assert_eq!(pairs(&text), expected);
    assert!(text.contains(r#""prices": {"basic_economy": 80, "economy": 120, "business": 400}, "date": "2024-05-16"}, {"flight_number": "F3""#), "{text}");
}

#[test]
fn the_next_day_has_no_leading_zero_and_is_never_found_before_the_ninth() {
    assert_eq!(pairs(&search::<SearchOnestopFlight>("JFK", "LAX", "2024-05-05")), ["F1 2024-05-05, F3 2024-05-05"]);
    assert_eq!(pairs(&search::<SearchOnestopFlight>("JFK", "LAX", "2024-05-08")), ["F1 2024-05-08, F3 2024-05-08"]);
    // The 17th has a day after, but it is cancelled.
    assert_eq!(pairs(&search::<SearchOnestopFlight>("JFK", "LAX", "2024-05-17")), ["F1 2024-05-17, F3 2024-05-17"]);
}

#[test]
fn the_second_flight_is_told_as_it_is_on_the_first_day() {
    let told: Value = serde_json::from_str(&search::<SearchOnestopFlight>("JFK", "LAX", "2024-05-16")).unwrap();
    let names: Vec<&String> = told[1][1].as_object().unwrap().keys().collect();
    let fields =
        ["flight_number", "origin", "destination", "scheduled_departure_time_est", "scheduled_arrival_time_est"];
    assert_eq!(names[..5], fields);
    assert_eq!(names[5..], ["status", "available_seats", "prices", "date"]);
}

#[test]
fn a_day_that_is_no_number_matters_only_where_one_is_added() {
    for (date, quoted) in [("16th", "'th'"), ("x", "'x'"), ("", "''"), ("2024-05-1é", "'1é'"), ("2024-05-1_", "'1_'")]
    {
        let said = search::<SearchOnestopFlight>("JFK", "LAX", date);
        assert_eq!(said, format!("Error: invalid literal for int() with base 10: {quoted}"));
    }
    assert_eq!(search::<SearchOnestopFlight>("SEA", "JFK", "16th"), "[]");
    assert_eq!(search::<SearchOnestopFlight>("JFK", "LAX", "2024-05- 5"), "[]");
    assert_eq!(day_after("2024-05-30"), Ok("2024-05-31".to_owned()));
    assert_eq!(day_after("-5"), Ok("2024-05--4".to_owned()));
    assert!(day_after("--").is_err() && day_after("+-").is_err());
}
