//! Cicerone: agents that plan with a small model, act through typed tools and write every step down.
//!
//! This crate is a facade: it re-exports the workspace's crates under one name. Features: `sqlite` (default) keeps
//! journals in a file, `postgres` on a server, `mistral` runs local models, `openai` talks to OpenAI-compatible servers, `rig` to the providers
//! of rig-core.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use cicerone::prelude::*;
//!
//! /// Tell how warm it is in a city, in degrees Celsius.
//! #[tool(effect = "read")]
//! async fn temperature(city: String) -> Result<f64, ToolError> {
//!     Ok(if city == "Lisbon" { 18.0 } else { 9.5 })
//! }
//!
//! let model = ScriptedModel::new()
//!     .reply("# How warm is it in Lisbon\ntemperature(\"Lisbon\")\nend")
//!     .reply("It is 18 °C in Lisbon.");
//! let agent = Agent::builder(model).tools(tools![temperature]).build()?;
//! let run = agent.run("How warm is it in Lisbon?").await?;
//! assert_eq!(run.output()?, "It is 18 °C in Lisbon.");
//! # Ok::<(), cicerone::Error>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[doc(hidden)]
pub use cicerone_core::__private;
pub use cicerone_core::{
    Agent, Budget, Error, ErrorKind, RunId, ThreadId, agent, budget, diff, difference, event, export, fork, history,
    machine, message, plan, policy, reading, replay, scripted, state, tool, tools, trace,
};

mod named;

/// The language model as the framework sees it, and models by name.
pub mod model {
    pub use crate::named::{Named, from_name};
    pub use cicerone_core::model::*;
}

/// Where journals are kept.
pub mod memory {
    pub use cicerone_core::memory::*;
    #[cfg(feature = "postgres")]
    pub use cicerone_memory::Postgres;
    #[cfg(feature = "sqlite")]
    pub use cicerone_memory::Sqlite;
    pub use cicerone_memory::{conformance, open};
}

/// Local models through mistral.rs.
#[cfg(feature = "mistral")]
pub mod mistral {
    pub use cicerone_mistral::*;
}

/// Models of OpenAI and of servers that speak its format.
#[cfg(feature = "openai")]
pub mod openai {
    pub use cicerone_openai::*;
}

/// Models of any provider that rig-core speaks to.
#[cfg(feature = "rig")]
pub mod rig {
    pub use cicerone_rig::*;
}

/// Prompts as minijinja templates.
pub mod prompts {
    pub use cicerone_prompts::*;
}

/// Ready-made tools and readers.
pub mod ready {
    pub use cicerone_tools::*;
}

/// What most programs use.
pub mod prelude {
    pub use cicerone_core::{
        Agent, Budget, Error, ErrorKind, RunId, ThreadId,
        agent::{Outcome, Run, Update, Verdict},
        event::PlannedCall,
        memory::{InProcess, Memory},
        model::{AnyModel, Model},
        policy::{Answer, PlanExecute, ReAct},
        scripted::ScriptedModel,
        tool,
        tool::{Approval, Effect, FunctionTool, Lookup, Tool, ToolContext, ToolError},
        tools,
    };
    #[cfg(feature = "postgres")]
    pub use cicerone_memory::Postgres;
    #[cfg(feature = "sqlite")]
    pub use cicerone_memory::Sqlite;
    #[cfg(feature = "mistral")]
    pub use cicerone_mistral::MistralModel;
    pub use cicerone_tools::{Alternatives, Dates, Lexicon, LookOnly};
}

// The README's code is compiled with the doctests.
#[cfg(all(doctest, feature = "mistral"))]
#[doc = include_str!("../README.md")]
struct Readme;
