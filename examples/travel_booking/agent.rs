//! The travel agent: its instructions, its worked examples, its tools.

use cicerone::{agent::AgentBuilder, model::Sampling, prelude::*, prompts::Template};
use jiff::civil::Date;

use crate::reading::{dates, means, party, wishes};
use crate::rules::{complete, in_order};
use crate::tools::{self, Desk};

const INSTRUCTIONS: &str = "You plan trips. Search without booking when the user only asks or says not to book.";

/// Requests and their plans. Each shows something that the others don't: a return trip with a hotel whose nights are
/// the days in between; a first and a last train, two calls for one thing; a look, with filters; what is not said; a
/// cancellation. The last three are shown only to requests that can use them: one of two days, for two; one of two
/// means; a budget.
const EXAMPLES: [(&str, &str); 9] = [
    (
        "Rome to Athens on 2 May, home on the 9th, and the best rated hotel for the nights. The cheapest flights.",
        "# Rome to Athens on 2 May\n\
         book_flight(cheapest(search_flights(\"Rome\",\"Athens\",d1)))\n\
         # home on the 9th\n\
         book_flight(cheapest(search_flights(\"Athens\",\"Rome\",d2)))\n\
         # the best rated hotel for the nights\n\
         book_hotel(best_rated(search_hotels(\"Athens\",d1,d2)))\n\
         end",
    ),
    (
        "Vienna to Graz, 4 to 6 June: the first train there and the last one back, and a hotel",
        "# the first train there and the last one back\n\
         book_train(earliest(search_trains(\"Vienna\",\"Graz\",d1)))\n\
         book_train(latest(search_trains(\"Graz\",\"Vienna\",d2)))\n\
         # a hotel\n\
         book_hotel(any(search_hotels(\"Graz\",d1,d2)))\n\
         end",
    ),
    (
        "What flights are there to Oslo from Nice on 1 July after 17:00 under 200 EUR? Don't book.",
        "# flights are there to Oslo from Nice on 1 July after 17:00 under 200 EUR\n\
         search_flights(\"Nice\",\"Oslo\",d1,max_price=200,depart_after=t1)\n\
         end",
    ),
    (
        "Fly me to Lima.",
        "# Fly me to Lima\n\
         book_flight(any(search_flights(null,\"Lima\",null)))\n\
         end",
    ),
    ("What have I booked?", "# What have I booked\nlist_bookings()\nend"),
    (
        "Cancel my hotel in Porto.",
        "# Cancel my hotel in Porto\n\
         cancel_booking(all(list_bookings(about=\"Porto\",kind=\"hotel\")))\n\
         end",
    ),
    (
        "Two of us fly from Bonn to Lyon on 3 or 4 May, the cheaper day.",
        "# Two of us fly from Bonn to Lyon on 3 or 4 May, the cheaper day\n\
         book_flight(cheapest(search_flights(\"Bonn\",\"Lyon\",d1|d2,travellers=2)))\n\
         end",
    ),
    (
        "Bern to Genoa on 7 June by train or plane, whichever is cheaper",
        "# Bern to Genoa on 7 June by train or plane, whichever is cheaper\n\
         either_cheapest(book_train(cheapest(search_trains(\"Bern\",\"Genoa\",d1))),book_flight(cheapest(search_flights(\"Bern\",\"Genoa\",d1))))\n\
         end",
    ),
    (
        "Flight from Malta to Turin on 2 May and a hotel till the 4th. If it is over 300 EUR book nothing.",
        "# Flight from Malta to Turin on 2 May\n\
         book_flight(any(search_flights(\"Malta\",\"Turin\",d1)))\n\
         # a hotel till the 4th\n\
         book_hotel(any(search_hotels(\"Turin\",d1,d2)))\n\
         # If it is over 300 EUR book nothing\n\
         budget(300)\n\
         end",
    ),
];

/// How the agent is to work.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The day on which "tomorrow" is said.
    pub(crate) today: Date,
    /// Whether to think, act and observe instead of planning ahead.
    pub(crate) react: bool,
    /// How freely the model's tokens are chosen.
    pub(crate) temperature: f64,
}

/// The agent, all but its memory and who approves.
pub(crate) fn build(model: impl Model, desk: Desk, settings: &Settings) -> Result<AgentBuilder, Error> {
    let mut agent = Agent::builder(model)
        .system(INSTRUCTIONS)
        .tools(tools::all())
        .state(desk)
        .reader(party)
        .reader(dates(settings.today))
        .reader(means)
        .reader(wishes())
        .reader(LookOnly)
        .reader(Alternatives)
        .rule(in_order)
        .rule(complete)
        .sampling(Sampling::default().temperature(settings.temperature).max_tokens(600))
        .budget(Budget::default().steps(48).model_calls(16));
    for (request, plan) in EXAMPLES {
        agent = agent.example(request, plan);
    }
    if settings.react {
        return Ok(agent.planner(ReAct::default()));
    }
    let report = Template::new("report", include_str!("report.md.j2"))
        .map_err(|error| Error::new(ErrorKind::Configuration, error.to_string()))?;
    Ok(agent.planner(PlanExecute::default().answer(Answer::Report(Some(report)))))
}
