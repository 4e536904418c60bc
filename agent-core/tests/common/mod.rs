//! What the tests share.
#![allow(dead_code, unreachable_pub, reason = "each test file uses another part")]

pub mod gates;
pub mod journal;
pub mod means;
pub mod shapes;
pub mod trip;
pub mod world;
pub mod written;
