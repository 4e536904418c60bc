//! Cases, graders and tables: how good an agent is.
//!
//! A [`Case`] is a request and what must come of it, read from TOML files. A [`Domain`] knows what the cases are about:
//! it sets up a fresh world with an agent in it, and grades what came of the run by that world. A [`Suite`] runs the
//! cases, one after another or several at once, and gives [`Results`]: whether each passed and why not, and what it
//! cost. Results are shown as a table, kept as JSON, handed to CI systems as JUnit XML, and [compared](compare()).
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use cicerone_core::{Agent, Error, agent::Run, policy::ReAct, scripted::ScriptedModel};
//! use cicerone_eval::{Case, Domain, Grade, SetupError, Suite};
//!
//! /// Questions whose answer has to contain a word.
//! struct Quiz;
//!
//! impl Domain for Quiz {
//!     type Expect = String;
//!     type World = ();
//!
//!     async fn set_up(&self, _: &Case<String>) -> Result<((), Agent), SetupError> {
//!         // A real domain takes a real model, and puts tools that change the world beside it.
//!         let model = ScriptedModel::new().reply("Hello! It is 18 °C.");
//!         Ok(((), Agent::builder(model).planner(ReAct::default()).build()?))
//!     }
//!
//!     fn grade(&self, case: &Case<String>, _: &(), ended: &Result<Run, Error>) -> Grade {
//!         match ended.as_ref().map(|run| run.output().cloned()) {
//!             Ok(Ok(answer)) if answer.contains(&case.expect) => Grade::passed(),
//!             _ => Grade::failed(format!("the answer must contain {:?}", case.expect)),
//!         }
//!     }
//! }
//!
//! let cases = [Case::new("greeting", "small talk", "Hello", "18 °C".to_owned())];
//! let results = Suite::new("quiz", Quiz, cases).run(|_| {}).await;
//! assert!(results.to_string().ends_with("1 passed, 0 failed\n"), "{results}");
//! # Ok::<(), Error>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing here knows what an agent is for. What is right is worked out from the world by the domain, never from what
//! the agent says about itself, and never by another model.

mod case;
mod compare;
mod domain;
mod figures;
mod junit;
mod markdown;
mod meter;
mod results;
mod suite;
mod table;

pub use case::{Case, CaseError, Cases};
pub use compare::{Comparison, compare};
pub use domain::{Domain, Grade, SetupError};
pub use figures::Figures;
pub use meter::Metered;
pub use results::{CaseResult, Results, Status, WarmUp};
pub use suite::{Progress, Suite};
