//! What a person says to a call that waits for one.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a person says to a call that needs approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Decision {
    /// Make the call.
    Approve,
    /// Don't.
    Deny {
        /// Why, for the trace and the model.
        reason: String,
    },
    /// Make it with other arguments. They are checked like a model's: against the tool's schema, and that what has to
    /// have been seen was.
    Edit {
        /// All arguments, those that stay too.
        args: Value,
    },
    /// Don't: it is done already, or need not be, and this is what came of it.
    Answer {
        /// What the tool would have returned.
        output: Value,
    },
    /// Nobody said anything in time: as good as a no. Only a driver writes this, since only it has a clock.
    Expire,
}

/// What a person found out about a call of which its tool can't say whether it was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "resolution", rename_all = "snake_case")]
pub enum Resolution {
    /// It was carried out, and this is what the tool would have returned.
    Done {
        /// What.
        output: Value,
    },
    /// It was not carried out.
    NotDone,
}
