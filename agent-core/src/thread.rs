//! A conversation's name.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, ErrorKind};

/// The longest name, in bytes.
const LONGEST: usize = 200;

/// The name of a conversation: runs that belong together, each of which knows what was said before.
///
/// A program that has names of its own, such as those of its users' chats, gives one; otherwise it is a UUID.
///
/// ```
/// use cicerone_core::ThreadId;
///
/// let chat = ThreadId::named("ada/holidays")?;
/// assert_eq!(chat.as_str(), "ada/holidays");
/// assert_ne!(ThreadId::new(), ThreadId::new());
/// assert!(ThreadId::named(" ").is_err());
/// # Ok::<(), cicerone_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ThreadId(Arc<str>);

impl ThreadId {
    /// A new name, which no other thread has.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "each call gives another name, which `Default` does not suggest")]
    pub fn new() -> Self {
        Self(Uuid::now_v7().as_hyphenated().to_string().into())
    }

    /// The thread of this name: 1 to 200 bytes, not blank, without control characters.
    ///
    /// # Errors
    /// [`ErrorKind::Request`] if the name is none.
    pub fn named(name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        let why = if name.trim().is_empty() {
            "is blank".to_owned()
        } else if name.len() > LONGEST {
            format!("has {} bytes, and may have {LONGEST}", name.len())
        } else if name.chars().any(char::is_control) {
            "has control characters".to_owned()
        } else {
            return Ok(Self(name.into()));
        };
        let error = Error::new(ErrorKind::Request, format!("the name of a thread {why}"));
        Err(error.with_hint("give it a short name, or let `ThreadId::new` make one"))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl FromStr for ThreadId {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::named(name)
    }
}

impl TryFrom<String> for ThreadId {
    type Error = Error;

    fn try_from(name: String) -> Result<Self, Error> {
        Self::named(name)
    }
}

impl From<ThreadId> for String {
    fn from(thread: ThreadId) -> Self {
        thread.0.as_ref().to_owned()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_printable() {
        for wrong in ["", "  ", "a\0b", "a\nb", &"x".repeat(LONGEST + 1)] {
            let error = ThreadId::named(wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Request, "{wrong:?}");
            assert!(serde_json::from_value::<ThreadId>(wrong.into()).is_err(), "{wrong:?}");
        }
        let name = "x".repeat(LONGEST);
        assert_eq!(ThreadId::named(name.as_str()).unwrap(), name.parse().unwrap());
        assert_eq!(serde_json::to_value(ThreadId::named("Zoë's trip").unwrap()).unwrap(), "Zoë's trip");
    }
}
