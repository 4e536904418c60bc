use std::collections::BTreeSet;
use std::thread;

use jiff::civil::date;

use super::super::{BookingStatus, Flight, FlightSearch, HotelSearch, OWNER, TrainSearch};
use super::*;

fn world() -> World {
    World::in_memory(date(2026, 11, 23)).unwrap()
}

fn flights(world: &World) -> Vec<Flight> {
    world.search_flights(&FlightSearch::new("Berlin", "Lisbon", date(2026, 12, 3))).unwrap()
}

#[test]
fn a_booking_says_what_it_is() {
    let world = world();
    let flight = flights(&world).into_iter().find(|flight| flight.seats_left >= 2).unwrap();
    let booking = world.book_flight("k1", &flight.flight_id.to_lowercase(), " Ada Winter ", 2).unwrap();
    assert_eq!(booking.kind, BookingKind::Flight);
    assert_eq!(booking.item, flight.flight_id);
    assert_eq!((booking.traveller.as_str(), booking.quantity), (OWNER, 2));
    assert_eq!(booking.price, flight.price * 2);
    assert_eq!((booking.from, booking.to), (flight.date, flight.arrival_date));
    assert_eq!(booking.status, BookingStatus::Confirmed);
    assert!(booking.description.starts_with("Flight from Berlin to Lisbon on 2026-12-03, "));
    assert_eq!(world.flight(&flight.flight_id).unwrap().seats_left, flight.seats_left - 2);
    assert_eq!(world.booking_by_key("k1").unwrap(), Some(booking.clone()));
    assert_eq!(world.booking(&booking.reference.to_lowercase()).unwrap(), Some(booking.clone()));
    let all = world.bookings(None).unwrap();
    assert_eq!(all, [booking]);
    assert_eq!(world.bookings(Some("ada winter")).unwrap(), all);
    assert!(world.bookings(Some("Nobody")).unwrap().is_empty());
}

#[test]
fn all_three_kinds_can_be_booked() {
    let world = world();
    let day = date(2026, 12, 3);
    let train = world.search_trains(&TrainSearch::new("Graz", "Vienna", day)).unwrap().remove(0);
    let hotel = world.search_hotels(&HotelSearch::new("Vienna", day, date(2026, 12, 5))).unwrap().remove(0);
    let train = world.book_train("t", &train.train_id, OWNER, 1).unwrap();
    let booked = world.book_hotel("h", &hotel.offer_id, OWNER, 1).unwrap();
    assert!(train.description.starts_with("Train from Graz to Vienna"));
    assert_eq!(booked.description, format!("{}, 2026-12-03 to 2026-12-05 (2 nights)", hotel.hotel));
    assert_eq!(booked.price, hotel.price);
    assert_eq!(world.bookings(None).unwrap(), [train, booked]);
    let error = world.book_flight("x", &hotel.offer_id, OWNER, 1).unwrap_err();
    assert_eq!(error.kind(), WorldErrorKind::UnknownItem);
    assert!(error.to_string().ends_with("is a hotel, not a flight. Book it as a hotel."), "{error}");
}

#[test]
fn the_same_key_books_once() {
    let world = world();
    let flight = &flights(&world)[0];
    let first = world.book_flight("k", &flight.flight_id, OWNER, 1).unwrap();
    world.sell_out(&flight.flight_id).unwrap();
    assert_eq!(world.book_flight("k", &flight.flight_id, OWNER, 1).unwrap(), first);
    assert_eq!(world.bookings(None).unwrap().len(), 1);
    let other = &flights(&world)[0];
    let error = world.book_flight("k", &other.flight_id, OWNER, 1).unwrap_err();
    assert_eq!(error.kind(), WorldErrorKind::KeyReused);
}

#[test]
fn too_many_travellers_are_told_what_is_left() {
    let world = world();
    let flight = &flights(&world)[0];
    let error = world.book_flight("k", &flight.flight_id, OWNER, 10).unwrap_err();
    assert_eq!(error.kind(), WorldErrorKind::SoldOut);
    assert!(error.to_string().contains(" left, and 10 were asked for: Flight from Berlin"), "{error}");
    world.sell_out(&flight.flight_id).unwrap();
    let error = world.book_flight("k", &flight.flight_id, OWNER, 1).unwrap_err();
    assert!(error.to_string().starts_with("Sold out: Flight from Berlin"), "{error}");
    assert!(world.booking_by_key("k").unwrap().is_none());
}

#[test]
fn senseless_orders_are_refused() {
    let world = world();
    let id = &flights(&world)[0].flight_id;
    let kind = |key, id, name, number| world.book_flight(key, id, name, number).unwrap_err().kind();
    assert_eq!(kind(" ", id, OWNER, 1), WorldErrorKind::Argument);
    assert_eq!(kind("k", id, " ", 1), WorldErrorKind::Argument);
    assert_eq!(kind("k", id, OWNER, 0), WorldErrorKind::Argument);
    assert_eq!(kind("k", "F-BERLIS-20261203-77", OWNER, 1), WorldErrorKind::UnknownItem);
    assert_eq!(kind("k", "F-BERLIS-20261101-1", OWNER, 1), WorldErrorKind::Date);
}

#[test]
fn the_last_seat_is_sold_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("travel.db");
    let world = World::open(&path, date(2026, 11, 23)).unwrap();
    let flight = flights(&world).remove(0);
    if flight.seats_left > 1 {
        world.book_flight("before", &flight.flight_id, "Somebody Else", flight.seats_left - 1).unwrap();
    }
    let worlds = [world, World::open(&path, date(2026, 11, 23)).unwrap()];
    let results = thread::scope(|scope| {
        let book = |(n, world): (usize, World)| {
            let id = flight.flight_id.clone();
            scope.spawn(move || world.book_flight(&format!("k{n}"), &id, OWNER, 1))
        };
        let running: Vec<_> = worlds.into_iter().enumerate().map(book).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let lost = results.into_iter().find_map(Result::err).unwrap();
    assert_eq!(lost.kind(), WorldErrorKind::SoldOut);
}

#[test]
fn one_key_in_many_threads_is_one_booking() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("travel.db");
    let first = World::open(&path, date(2026, 11, 23)).unwrap();
    let id = flights(&first).remove(0).flight_id;
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let world = World::open(&path, date(2026, 11, 23)).unwrap();
                world.book_flight("k", &id, OWNER, 1).unwrap()
            });
        }
    });
    assert_eq!(first.bookings(None).unwrap().len(), 1);
}

#[test]
fn references_are_short_readable_and_repeatable() {
    let all: BTreeSet<String> = (0..2_000).map(|n| reference(&format!("key {n}"), 0)).collect();
    assert!(all.len() >= 1_995, "{}", all.len());
    for reference in &all {
        assert_eq!(reference.len(), 6);
        assert!(!reference.contains(['0', 'O', '1', 'I', 'L', '5', 'S', '8', 'B', '2', 'Z']));
    }
    assert_eq!(reference("k", 0), reference("k", 0));
    assert_ne!(reference("k", 0), reference("k", 1));
}
