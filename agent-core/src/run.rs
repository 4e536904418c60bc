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
