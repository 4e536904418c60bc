//! What the agent can do: search, book, list, cancel.

use cicerone::{prelude::*, tool::IntoTools};
use jiff::civil::{Date, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::world::{
    Booking, BookingKind, BookingStatus, Flight, FlightSearch, HotelOffer, HotelSearch, Profile, Train, TrainSearch,
    World, WorldError, WorldErrorKind,
};

/// What the tools share: the inventory, and for whom they book.
#[derive(Debug)]
pub(crate) struct Desk {
    /// The inventory.
    pub(crate) world: World,
    /// The traveller, unless a request names another.
    pub(crate) traveller: String,
}

/// A first and a last name, perhaps with others or particles between them, so that no other words are taken for a name.
const FULL_NAME: &str = r"^\p{Lu}[\p{L}'-]+( (\p{Lu}[\p{L}'.-]*|von|van|de|der|den|da|di|del|la|le|bin|al|y))* \p{Lu}('\p{Lu})?\p{Ll}[\p{L}-]*$";

/// A word or two by which a booking can be known, and none of those that stand in every request.
const NAMED: &str = r"^(?!(?i:need|longer|drop|dropped|both|flights|hotels|tickets|ticket|them|that|this|one|ones|except|only|but|cancelled|canceled|cancellation|thanks|could|can|would|you|to|in|from|on|of|with|we|us|am|is|are|no|yes|won|don|want|trip|journey|room|reservation|reservations|reserve|keep|bitte|mein|meine|meinen|alle|buchung|buchungen|storniere|stornieren|den|die|das|flug|zug|nach|und|cancela|cancelar|anula|mi|mis|vuelo|tren|reserva|reservas|por|favor|todo|el|la|now|the|all|any|my|our|every|everything|moment|booking|bookings|booked|have|what|cancel|flight|hotel|train|trip|please|and|for|not|later|there|after|something|anything|going|keep|stays?)( |$))[\p{L}\d-]{2,}( \p{Lu}[\p{L}-]+)?$";

/// What a search found, for as many travellers or rooms as it was asked for: whoever books it books just that.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Offer<T> {
    #[serde(flatten)]
    what: T,
    /// Seats or rooms that are wanted.
    quantity: u32,
    /// EUR for all of them.
    #[schemars(extend("x-limit" = "budget", "x-unit" = "money"))]
    total: u32,
}

/// What was found, each for so many.
fn offers<T>(found: Vec<T>, quantity: u32, price: impl Fn(&T) -> u32) -> Vec<Offer<T>> {
    let offer = |what: T| Offer { quantity, total: price(&what).saturating_mul(quantity), what };
    found.into_iter().map(offer).collect()
}

/// All of them.
pub(crate) fn all() -> impl IntoTools {
    tools![
        search_flights,
        book_flight,
        search_trains,
        book_train,
        search_hotels,
        book_hotel,
        list_bookings,
        cancel_booking,
        traveller_profile
    ]
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
    #[schemars(extend("x-unit" = "person"))]
    travellers: Option<u32>,
    /// highest price in EUR
    #[schemars(extend("x-unit" = "money"))]
    max_price: Option<u32>,
    depart_after: Option<Time>,
    depart_before: Option<Time>,
) -> Result<Vec<Offer<Flight>>, ToolError> {
    let quantity = travellers.unwrap_or(1);
    let search = FlightSearch {
        travellers: quantity,
        max_price,
        depart_after,
        depart_before,
        ..FlightSearch::new(origin, destination, date)
    };
    let found = cx.state::<Desk>()?.world.search_flights(&search).map_err(explain)?;
    Ok(offers(found, quantity, |what| what.price))
}

/// Book a flight that a search found.
#[tool(effect = "idempotent", lookup = "find_booking", compensate = "release")]
pub(crate) async fn book_flight(
    cx: &ToolContext,
    #[grounded("search_flights[].flight_id")] flight: String,
    #[grounded("search_flights[].quantity")] travellers: u32,
    /// who flies, by full name
    #[schemars(extend("pattern" = FULL_NAME))]
    traveller: Option<String>,
) -> Result<Booking, ToolError> {
    let desk = cx.state::<Desk>()?;
    let traveller = traveller.as_deref().unwrap_or(&desk.traveller);
    desk.world.book_flight(cx.key().as_str(), &flight, traveller, travellers).map_err(explain)
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
    #[schemars(extend("x-unit" = "person"))]
    travellers: Option<u32>,
    /// highest price in EUR
    #[schemars(extend("x-unit" = "money"))]
    max_price: Option<u32>,
    depart_after: Option<Time>,
    depart_before: Option<Time>,
) -> Result<Vec<Offer<Train>>, ToolError> {
    let quantity = travellers.unwrap_or(1);
    let search = TrainSearch {
        travellers: quantity,
        max_price,
        depart_after,
        depart_before,
        ..TrainSearch::new(origin, destination, date)
    };
    let found = cx.state::<Desk>()?.world.search_trains(&search).map_err(explain)?;
    Ok(offers(found, quantity, |what| what.price))
}

/// Book a train that a search found.
#[tool(effect = "idempotent", lookup = "find_booking", compensate = "release")]
pub(crate) async fn book_train(
    cx: &ToolContext,
    #[grounded("search_trains[].train_id")] train: String,
    #[grounded("search_trains[].quantity")] travellers: u32,
    /// who travels, by full name
    #[schemars(extend("pattern" = FULL_NAME))]
    traveller: Option<String>,
) -> Result<Booking, ToolError> {
    let desk = cx.state::<Desk>()?;
    let traveller = traveller.as_deref().unwrap_or(&desk.traveller);
    desk.world.book_train(cx.key().as_str(), &train, traveller, travellers).map_err(explain)
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
    #[schemars(extend("x-unit" = "person"))] guests: Option<u32>,
    #[schemars(extend("x-unit" = "room"))] rooms: Option<u32>,
    /// highest price a night in EUR
    #[schemars(extend("x-unit" = "money"))]
    max_price_per_night: Option<u32>,
    /// lowest rating, of 10
    #[schemars(extend("x-unit" = "rating"))]
    min_rating: Option<f64>,
    #[schemars(extend("x-unit" = "star"))] min_stars: Option<u32>,
) -> Result<Vec<Offer<HotelOffer>>, ToolError> {
    // Somebody who asks for rooms and not for guests fills the rooms with as many as they like.
    let guests = guests.or(rooms).unwrap_or(1);
    let search = HotelSearch {
        guests,
        rooms,
        max_price_per_night,
        min_rating,
        min_stars,
        ..HotelSearch::new(city, check_in, check_out)
    };
    let quantity = search.rooms().map_err(explain)?;
    let found = cx.state::<Desk>()?.world.search_hotels(&search).map_err(explain)?;
    Ok(offers(found, quantity, |what| what.price))
}

/// Book a hotel that a search found.
#[tool(effect = "idempotent", lookup = "find_booking", compensate = "release")]
pub(crate) async fn book_hotel(
    cx: &ToolContext,
    #[grounded("search_hotels[].offer_id")] hotel: String,
    #[grounded("search_hotels[].quantity")] rooms: u32,
    /// who stays, by full name
    #[schemars(extend("pattern" = FULL_NAME))]
    traveller: Option<String>,
) -> Result<Booking, ToolError> {
    let desk = cx.state::<Desk>()?;
    let traveller = traveller.as_deref().unwrap_or(&desk.traveller);
    desk.world.book_hotel(cx.key().as_str(), &hotel, traveller, rooms).map_err(explain)
}

/// What was booked under the call's key, if it still stands.
async fn find_booking(cx: &ToolContext) -> Result<Lookup<Booking>, ToolError> {
    let booking = cx.state::<Desk>()?.world.booking_by_key(cx.key().as_str()).map_err(explain)?;
    let standing = booking.filter(|booking| booking.status == BookingStatus::Confirmed);
    Ok(standing.map_or(Lookup::NotDone, Lookup::Done))
}

/// Cancels what was booked, under a key of its own.
async fn release(cx: &ToolContext, booking: &Booking) -> Result<(), ToolError> {
    let key = format!("{}/release", cx.key().as_str());
    cx.state::<Desk>()?.world.cancel(&key, &booking.reference).map(drop).map_err(explain)
}

/// The traveller's bookings.
#[tool(effect = "read")]
pub(crate) async fn list_bookings(
    cx: &ToolContext,
    /// a city or reference that they name
    #[schemars(extend("pattern" = NAMED))]
    about: Option<String>,
    kind: Option<BookingKind>,
) -> Result<Vec<Booking>, ToolError> {
    let desk = cx.state::<Desk>()?;
    let mut bookings = desk.world.bookings(Some(&desk.traveller)).map_err(explain)?;
    if let Some(about) = about {
        let about = about.to_lowercase();
        bookings.retain(|booking| {
            let text = format!("{} {}", booking.description, booking.reference);
            text.to_lowercase().contains(&about)
        });
    }
    bookings
        .retain(|booking| booking.status == BookingStatus::Confirmed && kind.is_none_or(|kind| kind == booking.kind));
    Ok(bookings)
}

/// Cancel bookings.
#[tool(effect = "idempotent")]
pub(crate) async fn cancel_booking(
    cx: &ToolContext,
    #[grounded("list_bookings[].reference")] bookings: Vec<String>,
) -> Result<Vec<Booking>, ToolError> {
    let world = &cx.state::<Desk>()?.world;
    // Each has a key of its own, so that a cancellation that was cut off midway goes on where it stopped.
    let cancel = |reference: &String| world.cancel(&format!("{}/{reference}", cx.key().as_str()), reference);
    bookings.iter().map(|reference| cancel(reference).map_err(explain)).collect()
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
