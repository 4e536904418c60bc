//! The tools of the travel agent, each stopping its process around what it does.

use cicerone::{prelude::*, tool::AnyTool};

use crate::{
    desk,
    place::Place,
    watch::{self, note, reach},
};

pub(crate) use crate::desk::Desk;

/// All of them, in the example's order.
pub(crate) fn all() -> Vec<Result<AnyTool, Error>> {
    vec![
        watched(desk::search_flights {}),
        watched(desk::book_flight {}),
        watched(desk::search_trains {}),
        watched(desk::book_train {}),
        watched(desk::search_hotels {}),
        watched(desk::book_hotel {}),
        watched(desk::list_bookings {}),
        watched(desk::cancel_booking {}),
        watched(desk::traveller_profile {}),
    ]
}

/// A tool of the example, watched.
struct Watched<T>(T);

fn watched(tool: impl Tool) -> Result<AnyTool, Error> {
    AnyTool::new(Watched(tool))
}

impl<T: Tool> Watched<T> {
    /// Does something between the two places of a use.
    async fn between<R>(&self, what: &str, cx: &ToolContext, act: impl Future<Output = R>) -> R {
        let number = watch::using();
        reach(Place::BeforeTool(number));
        note(&format!("{what} {} {}", self.0.name(), cx.key()));
        let done = act.await;
        reach(Place::AfterTool(number));
        done
    }
}

impl<T: Tool> Tool for Watched<T> {
    type Args = T::Args;
    type Output = T::Output;

    fn name(&self) -> &str {
        self.0.name()
    }

    fn description(&self) -> &str {
        self.0.description()
    }

    fn effect(&self) -> Effect {
        let once = watch::orders().is_some_and(|orders| orders.journey.books_once());
        match self.0.effect() {
            Effect::Idempotent if once => Effect::Once,
            as_it_is => as_it_is,
        }
    }

    fn repeatable(&self) -> bool {
        self.0.repeatable()
    }

    fn checks_itself(&self) -> bool {
        self.0.checks_itself()
    }

    fn approval(&self, args: &T::Args) -> Approval {
        self.0.approval(args)
    }

    async fn call(&self, cx: &ToolContext, args: T::Args) -> Result<T::Output, ToolError> {
        let closed = watch::orders().is_some_and(|orders| orders.journey.fails_at(self.name()));
        let call =
            async { if closed { Err(ToolError::fatal("the desk is closed")) } else { self.0.call(cx, args).await } };
        self.between("call", cx, call).await
    }

    async fn lookup(&self, cx: &ToolContext, args: &T::Args) -> Result<Lookup<T::Output>, ToolError> {
        self.between("lookup", cx, self.0.lookup(cx, args)).await
    }

    async fn compensate(&self, cx: &ToolContext, args: &T::Args, output: &T::Output) -> Result<(), ToolError> {
        self.between("undo", cx, self.0.compensate(cx, args, output)).await
    }
}
