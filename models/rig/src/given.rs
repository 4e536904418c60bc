//! The one place where a caller may hand over a model of rig.

use rig_core::{DynModel, operation::Completion};

/// A completion model of rig-core 0.44, such as those of its companion crates.
///
/// Every `rig_core::Model` of a completion endpoint is one, and every `rig_core::DynModel<Completion>`; nothing else
/// can be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a completion model of rig-core 0.44",
    label = "rig can't complete text with this",
    note = "pass what a client's `completion(…)` returns, and depend on rig-core `=0.44.0`, as this crate does",
    note = "for a hosted provider, `RigModel::anthropic(…)` and its like need no rig at all"
)]
pub trait CompletionModel: sealed::Erase {}

#[diagnostic::do_not_recommend]
impl<M: Into<DynModel<Completion>>> CompletionModel for M {}

mod sealed {
    use super::{Completion, DynModel};

    pub trait Erase {
        fn erased(self) -> DynModel<Completion>;
    }

    #[diagnostic::do_not_recommend]
    impl<M: Into<DynModel<Completion>>> Erase for M {
        fn erased(self) -> DynModel<Completion> {
            self.into()
        }
    }
}
