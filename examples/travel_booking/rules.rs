//! What a trip has to keep to that no tool can see, since each sees one leg only.

use cicerone::{
    plan::{Arg, Plan, Step},
    prelude::*,
};

/// Nobody leaves a city before they get there.
///
/// Legs are taken in the order in which they were asked for.
pub(crate) fn in_order(plan: &Plan) -> Result<(), ToolError> {
    let legs: Vec<Leg<'_>> = plan.steps.iter().filter_map(leg).collect();
    for (at, arrival) in legs.iter().enumerate() {
        let onward = legs.iter().skip(at + 1).find(|leg| leg.origin.eq_ignore_ascii_case(arrival.destination));
        if let Some(onward) = onward.filter(|onward| onward.date < arrival.date) {
            return Err(ToolError::ask(format!(
                "You would leave {} on {}, before you get there on {}. Which days are right?",
                onward.origin, onward.date, arrival.date
            )));
        }
    }
    Ok(())
}

struct Leg<'p> {
    origin: &'p str,
    destination: &'p str,
    date: &'p str,
}

fn leg(step: &Step) -> Option<Leg<'_>> {
    let said = |name: &str| match step.args.get(name)? {
        Arg::Literal(value) => value.as_str(),
        _ => None,
    };
    let travels = matches!(step.tool.as_str(), "search_flights" | "search_trains");
    let leg = || Some(Leg { origin: said("origin")?, destination: said("destination")?, date: said("date")? });
    travels.then(leg).flatten()
}
