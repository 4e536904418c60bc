//! A run's name.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The name of one run, and of its journal: a UUID whose order is the order of creation.
///
/// ```
/// use cicerone_core::RunId;
///
/// let id = RunId::new();
/// assert_eq!(id.to_string().parse::<RunId>()?, id);
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(Uuid);

impl RunId {
    /// A new name.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "each call gives another name, which `Default` does not suggest")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// A new name that comes behind `other` in the order, even if the clock has gone back since.
    ///
    /// ```
    /// use cicerone_core::RunId;
    ///
    /// let tomorrow: RunId = "ffff0000-7e2b-7c4e-9a0f-3d1f5b8e2a47".parse()?;
    /// assert!(RunId::after(&tomorrow) > tomorrow);
    /// # Ok::<(), String>(())
    /// ```
    #[must_use]
    pub fn after(other: &Self) -> Self {
        let new = Self::new();
        if new > *other {
            return new;
        }
        // A UUID of version 7 begins with milliseconds in 48 bits. The next one makes it later, the rest unlike others.
        const BEHIND_THE_TIME: u32 = 80;
        let time = (other.0.as_u128() >> BEHIND_THE_TIME).saturating_add(1) << BEHIND_THE_TIME;
        let rest = new.0.as_u128() & ((1 << BEHIND_THE_TIME) - 1);
        Self(Uuid::from_u128(time | rest))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for RunId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| {
            format!("`{text}` is no run id; one looks like 0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2a47, and `cicerone runs` lists them")
        })
    }
}
