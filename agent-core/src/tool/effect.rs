//! What may happen twice, who has to agree, and what is known after a crash.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a tool does to the world, and so what may be done after a crash between 'intended' and 'returned'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It only looks: run it again. Reads run concurrently.
    Read,
    /// It may be repeated with the same idempotency key: run it again with that key.
    Idempotent,
    /// It must not be repeated: ask [`Tool::lookup`](super::Tool::lookup) first.
    Once,
}

/// Whether a person has to agree to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// It runs without being asked for.
    NotNeeded,
    /// A person is asked first.
    Ask,
    /// A person is asked first, and has so much time to say yes: a price that is held for ten minutes, say. Without an
    /// answer by then the call is as good as refused.
    AskWithin(Duration),
}

/// What a tool found out about a call that may or may not have been carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup<O> {
    /// It was carried out, and this is what came of it.
    Done(O),
    /// It was not carried out.
    NotDone,
    /// It can't be known: a person has to decide.
    Unknown,
}
