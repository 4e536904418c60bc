//! What a tool is told besides its arguments.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    fmt,
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::ToolError;
use crate::{run::RunId, thread::ThreadId};

/// What a tool is told besides its arguments: which run calls it, under which key, and the agent's shared state.
///
/// ```
/// use cicerone_core::tool::{State, ToolContext};
///
/// struct Inventory(u32);
///
/// let mut state = State::default();
/// state.insert(Inventory(7));
/// let cx = ToolContext::detached(state);
/// assert_eq!(cx.state::<Inventory>()?.0, 7);
/// # Ok::<(), cicerone_core::tool::ToolError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ToolContext {
    run: RunId,
    thread: Option<ThreadId>,
    key: IdempotencyKey,
    cancelled: CancellationToken,
    state: State,
}

impl ToolContext {
    pub(crate) fn new(run: RunId, key: IdempotencyKey, cancelled: CancellationToken, state: State) -> Self {
        Self { run, thread: None, key, cancelled, state }
    }

    /// A context outside any run, to call a tool by hand or in a test.
    #[must_use]
    pub fn detached(state: State) -> Self {
        Self::new(
            RunId::new(),
            IdempotencyKey::new(format!("detached-{}", RunId::new())),
            CancellationToken::new(),
            state,
        )
    }

    /// The run that makes the call.
    #[must_use]
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// The conversation that the run belongs to, if it belongs to one.
    #[must_use]
    pub fn thread(&self) -> Option<&ThreadId> {
        self.thread.as_ref()
    }

    /// The same in a run of this thread.
    #[must_use]
    pub fn in_thread(self, thread: ThreadId) -> Self {
        self.within(Some(thread))
    }

    pub(crate) fn within(mut self, thread: Option<ThreadId>) -> Self {
        self.thread = thread;
        self
    }

    /// The call's key: the same for the same action of the same run, however often it is tried.
    #[must_use]
    pub fn key(&self) -> &IdempotencyKey {
        &self.key
    }

    /// Cancelled when nobody waits for the call any more.
    #[must_use]
    pub fn cancelled(&self) -> &CancellationToken {
        &self.cancelled
    }

    /// The value of type `S` that the agent was given with `state`.
    ///
    /// # Errors
    /// If it was given none: the message names the type.
    pub fn state<S: Send + Sync + 'static>(&self) -> Result<&S, ToolError> {
        self.state.get::<S>().ok_or_else(|| {
            let name = type_name::<S>();
            ToolError::fatal(format!("the agent has no state of type `{name}`; add `.state(…)` when you build it"))
        })
    }
}

/// What makes a repeated call recognisable.
///
/// Derived from what the action is: the run, the tool and the canonical arguments; not from its place in a plan. A
/// write is not made twice in one run, unless its tool is [`repeatable`](super::Tool::repeatable), and then the key has
/// the number of the time too: the same key always means the same action.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key as text: letters, digits and `-`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Values that an agent shares with its tools, one for each type; cheap to clone.
#[derive(Clone, Default)]
pub struct State(Arc<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl State {
    /// Adds a value, in place of an earlier one of the same type.
    pub fn insert<S: Send + Sync + 'static>(&mut self, value: S) {
        Arc::make_mut(&mut self.0).insert(TypeId::of::<S>(), Arc::new(value));
    }

    /// The value of this type.
    #[must_use]
    pub fn get<S: Send + Sync + 'static>(&self) -> Option<&S> {
        self.0.get(&TypeId::of::<S>())?.downcast_ref()
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("values", &self.0.len()).finish()
    }
}
