//! The nouns of Cicerone, the pure planner machine and its driver.
//!
//! A run is a journal: a list of [`Event`](event::Event)s in a [`Memory`](memory::Memory). The planner is a pure
//! state [`Machine`](machine::Machine) over it; an [`Agent`] drives one on tokio against a [`Model`](model::Model)
//! and [`Tool`](tool::Tool)s. Nothing here knows HTTP, inference or databases.

#[doc(hidden)]
pub mod __private;
pub mod agent;
pub mod budget;
pub mod diff;
pub mod difference;
mod error;
pub mod event;
pub mod export;
pub mod fork;
pub mod history;
pub mod machine;
pub mod memory;
pub mod message;
pub mod model;
pub mod plan;
pub mod policy;
pub mod reading;
pub mod replay;
mod run;
pub mod scripted;
pub mod state;
mod thread;
pub mod tool;
pub mod trace;

pub use agent::Agent;
pub use budget::Budget;
/// A function and its twin:
///
/// ```
/// use cicerone_core::{tool, tool::{Tool, ToolContext, ToolError}};
///
/// /// Convert an amount of money, at today's rate.
/// #[tool(effect = "read")]
/// async fn exchange(
///     cx: &ToolContext,
///     /// How much, in the currency `from`.
///     amount: f64,
///     /// Three letters, such as "EUR".
///     from: String,
///     to: Option<String>,
/// ) -> Result<f64, ToolError> {
///     match (from.as_str(), to.as_deref().unwrap_or("EUR")) {
///         ("USD", "EUR") => Ok(amount * 0.9),
///         (from, to) => Err(ToolError::retry(format!("no rate from `{from}` to `{to}`; only from USD to EUR"))),
///     }
/// }
///
/// let twin = exchange {};
/// assert_eq!(twin.name(), "exchange");
/// assert_eq!(twin.description(), "Convert an amount of money, at today's rate.");
///
/// # futures::executor::block_on(async {
/// let cx = ToolContext::detached(Default::default());
/// assert_eq!(exchange(&cx, 100.0, "USD".into(), None).await?, 90.0);
/// # Ok::<(), ToolError>(())
/// # })?;
/// # Ok::<(), ToolError>(())
/// ```
pub use cicerone_macros::tool;
pub use error::{Error, ErrorKind};
pub use run::RunId;
pub use thread::ThreadId;

// `#[tool]` names the crate from outside; so it works in the crate's own tests too.
extern crate self as cicerone_core;

/// Tools for an agent, by the names of their functions, which stand under [`#[tool]`](macro@crate::tool).
///
/// Types without fields that implement [`Tool`](crate::tool::Tool) may be among them.
///
/// ```
/// use cicerone_core::{tool, tool::{IntoTools, ToolError}, tools};
///
/// /// Tell how warm it is, in degrees Celsius.
/// #[tool(effect = "read")]
/// async fn temperature(city: String) -> Result<f64, ToolError> {
///     Ok(city.len() as f64)
/// }
///
/// let tools = tools![temperature].into_tools()?;
/// assert_eq!(tools[0].spec().name, "temperature");
/// # Ok::<(), cicerone_core::Error>(())
/// ```
#[macro_export]
macro_rules! tools {
    ($($($name:ident)::+),* $(,)?) => {
        $crate::__private::tools([
            $($crate::tool::AnyTool::new($crate::__is_there_a_tool_attribute_above_the_function!($($name)::+))),*
        ])
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "`tools![…]` takes the names of functions under `#[tool]`, such as `tools![search_flights, travel::book_flight]`; \
             give an agent other tools with `.tools(value)`"
        )
    };
}

// The name stands in the compiler's message when a name in `tools![…]` is only a function.
#[doc(hidden)]
#[macro_export]
macro_rules! __is_there_a_tool_attribute_above_the_function {
    ($($name:ident)::+) => { $($name)::+ {} };
}
