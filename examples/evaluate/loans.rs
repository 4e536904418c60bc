//! The librarian, in a fresh library for each case.

use cicerone::prelude::*;
use cicerone_eval::{Case, Domain, Grade, Metered, SetupError};
use jiff::civil::{Date, date};

use crate::{
    library::{self, Expect, Library},
    run::Files,
};

/// Where the cases are.
pub(crate) const FILES: Files = Files { open: "examples/evaluate/library/cases.toml", held_out: None };

/// The day on which all requests are made: a Monday.
const TODAY: Date = date(2026, 11, 23);

/// The librarian with this model.
pub(crate) struct Loans {
    pub(crate) model: Metered,
    pub(crate) react: bool,
}

impl Domain for Loans {
    type Expect = Expect;
    type World = Library;

    async fn set_up(&self, case: &Case<Expect>) -> Result<(Library, Agent), SetupError> {
        let library = Library::new(TODAY);
        library::prepare(&library, &case.expect)?;
        let mut agent = library::agent(self.model.clone(), library.clone(), TODAY)?
            .memory(InProcess::default())
            .approver(|_: PlannedCall| async { Verdict::Approve });
        if self.react {
            agent = agent.planner(ReAct::default());
        }
        Ok((library, agent.build()?))
    }

    fn grade(&self, case: &Case<Expect>, library: &Library, ended: &Result<Run, Error>) -> Grade {
        let (expect, request) = (&case.expect, &case.request);
        let violations = library::violations(expect, request, library, ended);
        Grade::new(library::grade(expect, request, library, ended)).violations(violations)
    }
}
