//! The travel agent of the other example, in a fresh inventory for each case.

mod grade;

use cicerone::prelude::*;
use cicerone_eval::{Case, Domain, Grade, Metered, SetupError};
use jiff::civil::{Date, date};
use tempfile::TempDir;

use crate::{
    agent::{self, Settings},
    run::Files,
    tools::Desk,
    world::{OWNER, World},
};
use grade::Expect;

/// Where the cases are.
pub(crate) const FILES: Files =
    Files { open: "examples/evaluate/travel/cases.toml", held_out: Some("examples/evaluate/travel/held_out.toml") };

/// The day on which all requests are made: a Monday.
const TODAY: Date = date(2026, 11, 23);

/// The travel agent with this model.
pub(crate) struct Travel {
    pub(crate) model: Metered,
    pub(crate) react: bool,
}

/// An inventory that is gone when the case has been graded.
pub(crate) struct Inventory {
    world: World,
    _folder: TempDir,
}

impl Domain for Travel {
    type Expect = Expect;
    type World = Inventory;

    async fn set_up(&self, case: &Case<Expect>) -> Result<(Inventory, Agent), SetupError> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("travel.db");
        let world = World::open(&file, TODAY)?;
        grade::prepare(&world, &case.expect)?;
        // The agent has a connection of its own, as it has in the example.
        let desk = Desk { world: World::open(&file, TODAY)?, traveller: OWNER.to_owned() };
        let settings = Settings { today: TODAY, react: self.react, temperature: 0.0 };
        let agent = agent::build(self.model.clone(), desk, &settings)?
            .memory(InProcess::default())
            .approver(|_: PlannedCall| async { Verdict::Approve })
            .build()?;
        Ok((Inventory { world, _folder: folder }, agent))
    }

    fn grade(&self, case: &Case<Expect>, inventory: &Inventory, ended: &Result<Run, Error>) -> Grade {
        let world = &inventory.world;
        let violations = grade::violations(&case.expect, world, ended);
        Grade::new(grade::grade(&case.expect, &case.request, world, ended)).violations(violations)
    }
}
