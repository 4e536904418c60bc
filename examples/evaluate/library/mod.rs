//! A public library's loans: a second domain, to see whether an agent plans as well where its authors did not tune it.
//!
//! Everything is invented and lives in this process: a fresh [`Library`] for each case. What is right is read off the
//! register and the run's end, never off what the agent says of itself.

mod agent;
mod catalogue;
mod grade;
mod hours;
mod matching;
mod tools;
mod violations;
mod world;

#[cfg(test)]
mod tests;

pub(crate) use agent::agent;
pub(crate) use grade::{Expect, grade, prepare};
pub(crate) use violations::violations;
pub(crate) use world::Library;
