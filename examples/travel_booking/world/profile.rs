//! Whom the agent books for.

use rusqlite::{OptionalExtension, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::World;
use super::error::{WorldError, WorldErrorKind};
use super::find::find_city;

/// The person that a new file knows.
pub const OWNER: &str = "Ada Winter";

/// Where somebody likes to sit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Seat {
    /// By the aisle.
    Aisle,
    /// By the window.
    Window,
    /// Anywhere.
    Any,
}

impl Seat {
    fn as_str(self) -> &'static str {
        match self {
            Self::Aisle => "aisle",
            Self::Window => "window",
            Self::Any => "any",
        }
    }

    fn from_word(word: &str) -> Self {
        [Self::Aisle, Self::Window].into_iter().find(|seat| seat.as_str() == word).unwrap_or(Self::Any)
    }
}

/// What is known about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// Full name, as it stands on bookings.
    pub name: String,
    /// City where journeys start unless another is named.
    pub home_city: String,
    /// Where the person likes to sit.
    pub seat: Seat,
    /// Currency to show, as a three-letter code. All prices are EUR.
    pub currency: String,
}

impl World {
    /// The person with this name, in any case; `None` if nobody has it.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn profile(&self, name: &str) -> Result<Option<Profile>, WorldError> {
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Profile {
                name: row.get("name")?,
                home_city: row.get("home_city")?,
                seat: Seat::from_word(&row.get::<_, String>("seat")?),
                currency: row.get("currency")?,
            })
        };
        Ok(self.lock().query_row("SELECT * FROM profiles WHERE name = ?1", [name.trim()], read).optional()?)
    }

    /// Adds a person, or replaces what is known about one. The home city may be written in any language; the stored
    /// profile, which is returned, has its English name.
    ///
    /// # Errors
    /// For an empty name, an unknown city, or a currency that is no three-letter code.
    pub fn set_profile(&self, profile: &Profile) -> Result<Profile, WorldError> {
        let stored = Profile {
            name: profile.name.trim().to_owned(),
            home_city: find_city(&profile.home_city)?.name.clone(),
            seat: profile.seat,
            currency: profile.currency.trim().to_ascii_uppercase(),
        };
        let wrong = |sentence: &str| Err(WorldError::new(WorldErrorKind::Argument, sentence));
        if stored.name.is_empty() {
            return wrong("The profile has no name. Give the full name.");
        }
        if stored.currency.len() != 3 || !stored.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return wrong("The currency must be a code of three letters, such as EUR.");
        }
        self.lock().execute(
            "INSERT INTO profiles (name, home_city, seat, currency) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name) DO UPDATE SET name = ?1, home_city = ?2, seat = ?3, currency = ?4",
            params![stored.name, stored.home_city, stored.seat.as_str(), stored.currency],
        )?;
        Ok(stored)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_new_file_knows_its_owner() {
        let world = World::in_memory(date(2026, 11, 23)).unwrap();
        let owner = world.profile("ada winter").unwrap().unwrap();
        assert_eq!((owner.name.as_str(), owner.home_city.as_str()), (OWNER, "Berlin"));
        assert_eq!((owner.seat, owner.currency.as_str()), (Seat::Aisle, "EUR"));
        assert_eq!(world.profile("Nobody").unwrap(), None);
    }

    #[test]
    fn a_profile_can_be_added_and_replaced() {
        let world = World::in_memory(date(2026, 11, 23)).unwrap();
        let mut profile = world.profile(OWNER).unwrap().unwrap();
        profile.home_city = "Lissabon".into();
        profile.seat = Seat::Window;
        assert_eq!(world.set_profile(&profile).unwrap().home_city, "Lisbon");
        assert_eq!(world.profile(OWNER).unwrap().unwrap().seat, Seat::Window);
        profile.home_city = "Atlantis".into();
        assert_eq!(world.set_profile(&profile).unwrap_err().kind(), WorldErrorKind::UnknownCity);
        profile = Profile { name: " ".into(), home_city: "Rome".into(), ..profile };
        assert_eq!(world.set_profile(&profile).unwrap_err().kind(), WorldErrorKind::Argument);
    }
}
