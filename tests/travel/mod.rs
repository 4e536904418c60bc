//! Requests to the travel agent, and what is right for each: worked out from the inventory itself.

use crate::{
    agent, tools,
    world::{self, FlightSearch, HotelSearch, TrainSearch, World},
};
use cicerone::prelude::*;
use jiff::civil::{Date, date};

pub(crate) const TODAY: Date = date(2026, 11, 23);

/// What a request must book: the ids of the offers, in any order.
pub(crate) type Expected = fn(&World) -> Vec<String>;

fn flight(world: &World, origin: &str, destination: &str, day: Date) -> String {
    let found = world.search_flights(&FlightSearch::new(origin, destination, day)).unwrap();
    found.into_iter().min_by_key(|flight| flight.price).expect("a flight").flight_id
}

fn cheapest_hotel(world: &World, city: &str, from: Date, to: Date) -> String {
    let found = world.search_hotels(&HotelSearch::new(city, from, to)).unwrap();
    found.into_iter().min_by_key(|offer| offer.price).expect("a hotel").offer_id
}

pub(crate) const CASES: [(&str, &str, Expected); 7] = [
    ("one way", "Book the cheapest flight from Paris to Madrid on 5 January.", |world| {
        vec![flight(world, "Paris", "Madrid", date(2027, 1, 5))]
    }),
    (
        "return with a hotel",
        "Berlin to Lisbon on 3 December, back on the 7th, and a hotel for the nights, the cheapest of everything",
        |world| {
            let (there, back) = (date(2026, 12, 3), date(2026, 12, 7));
            vec![
                flight(world, "Berlin", "Lisbon", there),
                flight(world, "Lisbon", "Berlin", back),
                cheapest_hotel(world, "Lisbon", there, back),
            ]
        },
    ),
    (
        "three cities",
        "Fly Munich to Rome on 2 March, Rome to Athens on 6 March and Athens to Munich on 11 March, cheapest each time.",
        |world| {
            vec![
                flight(world, "Munich", "Rome", date(2027, 3, 2)),
                flight(world, "Rome", "Athens", date(2027, 3, 6)),
                flight(world, "Athens", "Munich", date(2027, 3, 11)),
            ]
        },
    ),
    ("hotel only", "Cheapest hotel in Graz from 14 December, 3 nights", |world| {
        vec![cheapest_hotel(world, "Graz", date(2026, 12, 14), date(2026, 12, 17))]
    }),
    ("train", "The earliest train from Paris to Lyon on 14 December", |world| {
        let found = world.search_trains(&TrainSearch::new("Paris", "Lyon", date(2026, 12, 14))).unwrap();
        vec![found.into_iter().min_by_key(|train| train.departs).expect("a train").train_id]
    }),
    ("look only", "Which flights are there from London to New York on 8 January? Do not book anything.", |_| vec![]),
    ("best rated", "Book the best rated hotel in Prague, 5 February to 8 February", |world| {
        let found = world.search_hotels(&HotelSearch::new("Prague", date(2027, 2, 5), date(2027, 2, 8))).unwrap();
        vec![found.into_iter().max_by(|a, b| a.rating.total_cmp(&b.rating)).expect("a hotel").offer_id]
    }),
];

/// A run of one request in a fresh inventory, everything approved: the run and what is booked afterwards.
pub(crate) async fn book(
    model: &(impl Model + Clone),
    request: &str,
    temperature: f64,
) -> (Result<Run, Error>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("travel.db");
    let desk = tools::Desk { world: World::open(&file, TODAY).unwrap(), traveller: world::OWNER.to_owned() };
    let settings = agent::Settings { today: TODAY, react: false, temperature };
    let agent = agent::build(model.clone(), desk, &settings)
        .unwrap()
        .memory(Sqlite::open(folder.path().join("runs.db")).unwrap())
        .approver(|_: PlannedCall| async { Verdict::Approve })
        .build()
        .unwrap();
    let run = agent.run(request).await;
    let bookings = World::open(&file, TODAY).unwrap().bookings(None).unwrap();
    (run, bookings.into_iter().map(|booking| booking.item).collect())
}
