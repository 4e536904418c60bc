//! A small airline for tests.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    desk::Operation,
    tables::{Changes, Draft, Record, Tables},
    world::Done,
};

/// Data, and what was done to them.
pub(crate) struct Airline {
    base: Arc<Tables>,
    changes: Changes,
}

impl Airline {
    pub(crate) fn new() -> Self {
        Self { base: tables(), changes: Changes::default() }
    }

    /// Does it; what a refusal leaves is kept too.
    pub(crate) fn does<O: Operation>(&mut self, args: Value) -> Done {
        let mut draft = Draft::new(&self.base, &self.changes);
        let done = O::perform(serde_json::from_value(args).unwrap(), &mut draft);
        let changes = draft.into_changes();
        self.changes.extend(changes);
        done
    }

    /// The text with which it is refused.
    pub(crate) fn refuses<O: Operation>(&mut self, args: Value) -> String {
        self.does::<O>(args).unwrap_err().to_string()
    }
}

pub(crate) fn difference(airline: &Airline) -> Value {
    airline.changes.since(&airline.base)
}

pub(crate) fn record(value: Value) -> Record {
    value.as_object().unwrap().clone()
}

pub(crate) fn tables() -> Arc<Tables> {
    let users = json!({ "ada": {
        "name": { "first_name": "Ada", "last_name": "Lovelace" },
        "payment_methods": {
            "gift_card_1": { "source": "gift_card", "amount": 500, "id": "gift_card_1" },
            "certificate_1": { "source": "certificate", "amount": 100, "id": "certificate_1" },
            "credit_card_1": { "source": "credit_card", "brand": "visa", "id": "credit_card_1" },
        },
        "reservations": ["R1"],
    }});
    let reservations = json!({ "R1": {
        "reservation_id": "R1",
        "user_id": "ada",
        "origin": "JFK",
        "destination": "SEA",
        "flight_type": "one_way",
        "cabin": "economy",
        "flights": [{ "origin": "JFK", "destination": "SEA", "flight_number": "F1", "date": "2024-05-16", "price": 150 }],
        "passengers": [{ "first_name": "Ada" }, { "first_name": "Bob" }],
        "payment_history": [{ "payment_id": "gift_card_1", "amount": 300 }, { "payment_id": "credit_card_1", "amount": 0 }],
        "created_at": "2024-05-01T00:00:00",
        "total_baggages": 1,
        "nonfree_baggages": 1,
        "insurance": "no",
    }});
    let flights = [
        flight("F1", "JFK", "SEA", "06:00:00", "09:00:00"),
        flight("F2", "JFK", "SEA", "23:00:00", "02:00:00+1"),
        flight("F3", "SEA", "LAX", "09:00:00", "11:00:00"),
        flight("F4", "SEA", "LAX", "08:59:59", "11:00:00"),
        flight("F5", "JFK", "SEA", "22:00:00", "01:30:00+1"),
        flight("F6", "SEA", "LAX", "01:30:00", "03:00:00"),
    ];
    let flights = flights.into_iter().map(|flight| (flight["flight_number"].as_str().unwrap().to_owned(), flight));
    let flights = flights.collect();
    Arc::new(Tables { users: record(users), reservations: record(reservations), flights })
}

/// A flight that can be booked on some days of May 2024, has landed on the 1st and is cancelled on the 18th.
fn flight(number: &str, origin: &str, destination: &str, departs: &str, arrives: &str) -> Value {
    let open = json!({
        "status": "available",
        "available_seats": { "basic_economy": 0, "economy": 2, "business": 3 },
        "prices": { "basic_economy": 80, "economy": 120, "business": 400 },
    });
    let landed = json!({ "status": "landed", "actual_departure_time_est": "x", "actual_arrival_time_est": "y" });
    let mut dates = Record::new();
    dates.insert("2024-05-01".to_owned(), landed);
    for day in ["05", "06", "08", "09", "16", "17"] {
        dates.insert(format!("2024-05-{day}"), open.clone());
    }
    dates.insert("2024-05-18".to_owned(), json!({ "status": "cancelled" }));
    json!({
        "flight_number": number,
        "origin": origin,
        "destination": destination,
        "scheduled_departure_time_est": departs,
        "scheduled_arrival_time_est": arrives,
        "dates": dates,
    })
}
