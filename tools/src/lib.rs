//! Ready-made tools and readers; each states its effect; network and files deny by default.
//!
//! - [`Dates`] is a reader: it finds dates, times, durations and numbers in a request and works them out by code, so
//!   that no model ever does sums with a calendar. It reads five languages and touches nothing but the text.
//! - [`Alternatives`] is a reader that finds where a request leaves something open.
//! - [`Lexicon`] is a reader of a domain's own words: which choice is asked for, and what is not spoken of.
//! - [`LookOnly`] is a reader, too: it finds where a request says that nothing is to be changed, so that no tool which
//!   writes can be called, whatever a model thinks.
//! - [`RecallTool`] is a tool: it looks into what earlier runs said and saw.

mod alternatives;
mod dates;
mod lexicon;
mod look_only;
mod recall;

pub use alternatives::Alternatives;
pub use dates::Dates;
pub use lexicon::Lexicon;
pub use look_only::LookOnly;
pub use recall::RecallTool;
