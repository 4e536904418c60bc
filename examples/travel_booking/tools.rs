//! What the agent can do: search, book, list, cancel.

use cicerone::prelude::*;
use jiff::civil::{Date, Time};

use crate::world::{
    Booking, Flight, FlightSearch, HotelOffer, HotelSearch, Profile, Train, TrainSearch, World, WorldError,
    WorldErrorKind,
};

/// What the tools share: the inventory, and for whom they book.
#[derive(Debug)]
pub(crate) struct Desk {
    /// The inventory.
    pub(crate) world: World,
    /// The traveller, unless a request names another.
    pub(crate) traveller: String,
}

/// The flights of a day, cheapest first.
#[tool(effect = "read")]
pub(crate) async fn search_flights(
    cx: &ToolContext,
    /// city of departure
    origin: String,
    /// city of arrival
    destination: String,
    /// day of departure
    date: Date,
    /// seats needed
    travellers: Option<u32>,
    /// highest price in EUR
    max_price: Option<u32>,
    depart_after: Option<Time>,
    depart_before: Option<Time>,
) -> Result<Vec<Flight>, ToolError> {
    let search = FlightSearch {
        travellers: travellers.unwrap_or(1),
        max_price,
        depart_after,
        depart_before,
        ..FlightSearch::new(origin, destination, date)
    };
    cx.state::<Desk>()?.world.search_flights(&search).map_err(explain)
}

/// Book a flight that a search found.
#[tool(effect = "idempotent")]
pub(crate) async fn book_flight(
    cx: &ToolContext,
    #[grounded("search_flights[].flight_id")] flight: String,
    /// who flies
    traveller: Option<String>,
    travellers: Option<u32>,
) -> Result<Booking, ToolError> {
    let desk = cx.state::<Desk>()?;
    let traveller = traveller.as_deref().unwrap_or(&desk.traveller);
    desk.world.book_flight(cx.key().as_str(), &flight, traveller, travellers.unwrap_or(1)).map_err(explain)
}

/// The trains of a day, cheapest first.
#[tool(effect = "read")]
pub(crate) async fn search_trains(
    cx: &ToolContext,
    /// city of departure
    origin: String,
    /// city of arrival
    destination: String,
    /// day of departure
    date: Date,
    /// seats needed
    travellers: Option<u32>,
    /// highest price in EUR
    max_price: Option<u32>,
    depart_after: Option<Time>,
    depart_before: Option<Time>,
) -> Result<Vec<Train>, ToolError> {
    let search = TrainSearch {
        travellers: travellers.unwrap_or(1),
        max_price,
        depart_after,
        depart_before,
        ..TrainSearch::new(origin, destination, date)
    };
    cx.state::<Desk>()?.world.search_trains(&search).map_err(explain)
}

/// Book a train that a search found.
#[tool(effect = "idempotent")]
pub(crate) async fn book_train(
    cx: &ToolContext,
    #[grounded("search_trains[].train_id")] train: String,
    /// who travels
    traveller: Option<String>,
    travellers: Option<u32>,
) -> Result<Booking, ToolError> {
    let desk = cx.state::<Desk>()?;
    let traveller = traveller.as_deref().unwrap_or(&desk.traveller);
    desk.world.book_train(cx.key().as_str(), &train, traveller, travellers.unwrap_or(1)).map_err(explain)
}

/// The hotels of a city for some nights, cheapest first.
#[tool(effect = "read")]
pub(crate) async fn search_hotels(
    cx: &ToolContext,
    city: String,
    /// day of arrival
    check_in: Date,
    /// day of departure
    check_out: Date,
    guests: Option<u32>,
    /// highest price a night in EUR
    max_price_per_night: Option<u32>,
    /// lowest rating, of 10
    min_rating: Option<f64>,
    min_stars: Option<u32>,
) -> Result<Vec<HotelOffer>, ToolError> {
    let search = HotelSearch {
        guests: guests.unwrap_or(1),
        max_price_per_night,
        min_rating,
        min_stars,
        ..HotelSearch::new(city, check_in, check_out)
    };
    cx.state::<Desk>()?.world.search_hotels(&search).map_err(explain)
}

/// Book a hotel that a search found.
#[tool(effect = "idempotent")]
pub(crate) async fn book_hotel(
    cx: &ToolContext,
    #[grounded("search_hotels[].offer_id")] hotel: String,
    /// who stays
    traveller: Option<String>,
    rooms: Option<u32>,
) -> Result<Booking, ToolError> {
    let desk = cx.state::<Desk>()?;
    let traveller = traveller.as_deref().unwrap_or(&desk.traveller);
    desk.world.book_hotel(cx.key().as_str(), &hotel, traveller, rooms.unwrap_or(1)).map_err(explain)
}

/// The traveller's bookings, or those that a word of theirs describes.
#[tool(effect = "read")]
pub(crate) async fn list_bookings(
    cx: &ToolContext,
    /// a city or reference that they name
    about: Option<String>,
) -> Result<Vec<Booking>, ToolError> {
    let desk = cx.state::<Desk>()?;
    let mut bookings = desk.world.bookings(Some(&desk.traveller)).map_err(explain)?;
    if let Some(about) = about {
        let about = about.to_lowercase();
        bookings.retain(|booking| {
            let text = format!("{} {} {}", booking.kind.as_str(), booking.description, booking.reference);
            text.to_lowercase().contains(&about)
        });
    }
    bookings.retain(|booking| booking.status == crate::world::BookingStatus::Confirmed);
    Ok(bookings)
}

/// Cancel a booking.
#[tool(effect = "idempotent")]
pub(crate) async fn cancel_booking(
    cx: &ToolContext,
    #[grounded("list_bookings[].reference")] booking: String,
) -> Result<Booking, ToolError> {
    cx.state::<Desk>()?.world.cancel(cx.key().as_str(), &booking).map_err(explain)
}

/// The traveller's name, home city and preferences.
#[tool(effect = "read")]
pub(crate) async fn traveller_profile(cx: &ToolContext) -> Result<Profile, ToolError> {
    let desk = cx.state::<Desk>()?;
    let known = desk.world.profile(&desk.traveller).map_err(explain)?;
    known.ok_or_else(|| ToolError::ask(format!("There is no profile of {}. Whose should it be?", desk.traveller)))
}

/// Who can mend an error of the inventory: the user what they said, the planner what has sold out, nobody the rest.
fn explain(error: WorldError) -> ToolError {
    match error.kind() {
        WorldErrorKind::UnknownCity
        | WorldErrorKind::SameCity
        | WorldErrorKind::Date
        | WorldErrorKind::Argument
        | WorldErrorKind::UnknownReference => ToolError::ask(error.to_string()),
        WorldErrorKind::SoldOut | WorldErrorKind::UnknownItem => ToolError::retry(error.to_string()),
        _ => error.into(),
    }
}
