//! What every memory must do, as cases that any backend can be held against.
//!
//! [`run`] checks one handle, and [`run_shared`] checks that several handles on one store see each other and fence
//! each other off. A backend's test is a line each:
//!
//! ```
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
//! use cicerone_memory::{InProcess, conformance};
//!
//! conformance::run(async || Ok(InProcess::default())).await?;
//!
//! let store = InProcess::default();
//! conformance::run_shared(async || Ok(store.clone())).await?;
//! # Ok::<(), conformance::Failure>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The cases use runs of their own, so a store may hold others; but nothing else may add runs meanwhile. They need a
//! Tokio runtime, and find more on a multi-threaded one. What they can't check is that an append is on the disk when
//! it returns, and that it survives a crash.

mod contents;
mod failure;
mod fence;
mod handles;
mod listing;
mod race;
mod reading;
mod samples;
mod search;
mod threads;

use std::sync::Arc;

use cicerone_core::memory::{Memory, MemoryError};

pub use self::failure::Failure;
use self::failure::Flaw;

/// Checks a memory; `open` gives a store to each case, a new one or the same.
///
/// # Errors
/// The first case that fails, and what was seen in it.
///
/// A memory that forgets is found out:
///
/// ```
/// # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
/// use cicerone_core::{RunId, event::Entry, memory::{Memory, MemoryError, RunFilter, RunSummary}};
/// use cicerone_memory::conformance;
///
/// struct Sieve;
///
/// impl Memory for Sieve {
///     async fn append(&self, _: &RunId, _: u64, _: &[Entry]) -> Result<(), MemoryError> { Ok(()) }
///     async fn read(&self, _: &RunId, _: u64) -> Result<Vec<Entry>, MemoryError> { Ok(vec![]) }
///     async fn runs(&self, _: &RunFilter) -> Result<Vec<RunSummary>, MemoryError> { Ok(vec![]) }
/// }
///
/// let failure = conformance::run(async || Ok(Sieve)).await.unwrap_err();
/// assert_eq!(failure.case(), "every kind of event comes back as it was");
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn run<M: Memory>(open: impl AsyncFn() -> Result<M, MemoryError>) -> Result<(), Failure> {
    let open = &open;
    case("a run that was never written is empty", open, reading::unknown_run).await?;
    case("every kind of event comes back as it was", open, contents::every_kind).await?;
    case("text of all scripts comes back as it was", open, contents::text).await?;
    case("numbers come back as they were, to the last bit", open, contents::numbers).await?;
    case("nulls, empty and nested values come back as they were", open, contents::shapes).await?;
    case("events of a megabyte come back as they were", open, contents::big).await?;
    case("reading begins where it is asked to", open, reading::from_offset).await?;
    case("runs are kept apart", open, reading::runs_apart).await?;
    case("an append elsewhere than at the end is a conflict", open, fence::wrong_position).await?;
    case("an append of nothing is checked and leaves nothing", open, fence::nothing).await?;
    case("an append is seen whole or not at all", open, race::batches).await?;
    case("of two appends at one position one is made", open, race::one_position).await?;
    case("appends to different runs don't disturb each other", open, race::many_runs).await?;
    case("runs are listed with task, status, length and times", open, listing::summaries).await?;
    case("runs are listed newest first, up to the limit", open, listing::order_and_limit).await?;
    case("runs are listed by status", open, listing::by_status).await?;
    case("a clock that goes backwards changes no order", open, listing::clock).await?;
    case("runs are listed by thread", open, threads::by_thread).await?;
    case("any name of a thread comes back as it was", open, threads::names).await
}

/// Checks that a memory finds words and forgets threads: what [`Memory::search`] and [`Memory::forget`] promise.
///
/// Apart from [`run`], since a memory need not do either.
///
/// # Errors
/// The first case that fails, and what was seen in it.
///
/// ```
/// # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
/// use cicerone_memory::{InProcess, conformance};
///
/// conformance::run_recall(async || Ok(InProcess::default())).await?;
/// # Ok::<(), conformance::Failure>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn run_recall<M: Memory>(open: impl AsyncFn() -> Result<M, MemoryError>) -> Result<(), Failure> {
    let open = &open;
    case("tasks, answers and outputs are found by their words", open, search::what).await?;
    case("what fits best is found first, up to the limit", open, search::order).await?;
    case("only runs within the scope are looked into", open, search::scope).await?;
    case("any text can be looked for", open, search::any_text).await?;
    case("what was refused is not found", open, search::not_what_was_refused).await?;
    case("a forgotten thread is gone, and nothing else", open, threads::forget).await
}

/// Checks that several handles are handles on one store: each call of `open` must give one on the same.
///
/// Handles may be in several processes or on several machines; a test with two connections comes close.
///
/// # Errors
/// The first case that fails, and what was seen in it.
///
/// ```
/// # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
/// use cicerone_memory::{InProcess, conformance};
///
/// let failure = conformance::run_shared(async || Ok(InProcess::default())).await.unwrap_err();
/// assert_eq!(
///     failure.to_string(),
///     "case `a handle sees what another one wrote`: of 3 entries that one handle wrote, another one read 0",
/// );
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn run_shared<M: Memory>(open: impl AsyncFn() -> Result<M, MemoryError>) -> Result<(), Failure> {
    let open = &async || Ok(handles::Pair(Arc::new(open().await?), Arc::new(open().await?)));
    case("a handle sees what another one wrote", open, handles::sees).await?;
    case("a handle is fenced off by another one", open, handles::fences).await?;
    case("of two handles' appends at one position one is made", open, handles::race).await
}

async fn case<S>(
    name: &'static str,
    open: &impl AsyncFn() -> Result<S, MemoryError>,
    check: impl AsyncFn(Arc<S>) -> Result<(), Flaw>,
) -> Result<(), Failure> {
    let seen = match open().await {
        Ok(store) => check(Arc::new(store)).await,
        Err(error) => Err(Flaw::from(error)),
    };
    seen.map_err(|flaw| Failure::new(name, flaw))
}
