//! What the tests share.
#![allow(dead_code, unreachable_pub, reason = "each test file uses another part")]

pub mod trip;
pub mod written;
