//! What a run knows of those before it in its conversation.

mod exchange;
mod rolling;
mod window;

pub use rolling::{Rolling, Summary};
pub use window::Window;

pub(crate) use exchange::Exchange;
pub(crate) use rolling::QUESTION;

/// What a run of a thread is told of the runs before it.
///
/// It is put together once, when the run begins, and stands in its journal: a run that is resumed sees what it saw.
/// A run that has not ended is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum History {
    /// Nothing: each run stands for itself, and its thread only tells which runs belong together.
    Nothing,
    /// The last runs, as they were.
    Window(Window),
    /// The last runs as they were, and what was before them in short.
    Rolling(Rolling),
}

impl Default for History {
    /// The last six runs.
    fn default() -> Self {
        Self::Window(Window::default())
    }
}

impl From<Window> for History {
    fn from(window: Window) -> Self {
        Self::Window(window)
    }
}

impl From<Rolling> for History {
    fn from(rolling: Rolling) -> Self {
        Self::Rolling(rolling)
    }
}
