//! What the searches share: their arguments' checks, and their defaults.

use super::cities::City;
use super::error::{WorldError, WorldErrorKind};
use super::find::find_city;

/// The number of travellers, guests or rooms that is meant when none is named.
pub(super) fn one() -> u32 {
    1
}

/// Finds both cities.
pub(super) fn pair(origin: &str, destination: &str) -> Result<(&'static City, &'static City), WorldError> {
    let (origin, destination) = (find_city(origin)?, find_city(destination)?);
    if origin.code == destination.code {
        return Err(WorldError::new(
            WorldErrorKind::SameCity,
            format!("Origin and destination are both {}. Name two different cities.", origin.name),
        ));
    }
    Ok((origin, destination))
}

/// Refuses a party of nobody.
pub(super) fn at_least_one(what: &str, number: u32) -> Result<(), WorldError> {
    if number > 0 {
        return Ok(());
    }
    Err(WorldError::new(WorldErrorKind::Argument, format!("The number of {what} is 0. Give at least 1.")))
}
