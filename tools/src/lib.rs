//! Ready-made tools and readers; each states its effect; network and files deny by default.
//!
//! - [`Dates`] is a reader: it finds dates, times, durations and numbers in a request and works them out by code, so
//!   that no model ever does sums with a calendar. It reads five languages and touches nothing but the text.

mod dates;

pub use dates::Dates;
