//! The librarian: its instructions, its worked examples, its tools.

use cicerone::{agent::AgentBuilder, model::Sampling, prelude::*, prompts::Template, tools};
use jiff::civil::Date;

use super::{
    tools::{borrow_book, list_loans, opening_hours, renew_loan, reserve_book, return_book, search_books},
    world::Library,
};

const INSTRUCTIONS: &str = "You are a librarian. Search without borrowing when the reader only asks or says not to.";

/// Requests and their plans. Each shows something that the others don't: a choice by age and language, beside a
/// renewal; a look, with a filter; a reservation, and a day; what is not said; a book chosen by its length, and a loan
/// by its date; a look at loans.
const EXAMPLES: [(&str, &str); 6] = [
    (
        "Lend me the newest German book about bridges and extend my loan of Harbour Lights.",
        "# the newest German book about bridges\n\
         borrow_book(newest(search_books(\"bridges\",language=\"german\")))\n\
         # extend my loan of Harbour Lights\n\
         renew_loan(any(list_loans(about=\"Harbour Lights\")))\n\
         end",
    ),
    (
        "Which books by Ines Falk from before 1960 do you have? Don't lend me any.",
        "# books by Ines Falk from before 1960\n\
         search_books(\"Ines Falk\",published_before=1960)\n\
         end",
    ),
    (
        "Please reserve The Paper Lighthouse. Are you open on 3 March?",
        "# reserve The Paper Lighthouse\n\
         reserve_book(any(search_books(\"The Paper Lighthouse\")))\n\
         # Are you open on 3 March\n\
         opening_hours(d1)\n\
         end",
    ),
    (
        "I want to take out a book.",
        "# take out a book\n\
         borrow_book(any(search_books(null)))\n\
         end",
    ),
    (
        "The shortest book on clocks please. And I bring back what is due first.",
        "# The shortest book on clocks\n\
         borrow_book(shortest(search_books(\"clocks\")))\n\
         # bring back what is due first\n\
         return_book(due_first(list_loans()))\n\
         end",
    ),
    ("Which books have I got?", "# Which books have I got\nlist_loans()\nend"),
];

/// The agent, all but its memory and who approves.
///
/// # Errors
/// If the template of the report can't be read.
pub(crate) fn agent(model: impl Model, library: Library, today: Date) -> Result<AgentBuilder, Error> {
    let report = Template::new("library_report", include_str!("report.md.j2"))
        .map_err(|error| Error::new(ErrorKind::Configuration, error.to_string()))?;
    let agent = Agent::builder(model)
        .system(INSTRUCTIONS)
        .tools(tools![search_books, borrow_book, reserve_book, list_loans, renew_loan, return_book, opening_hours])
        .state(library)
        .reader(Dates::new(today))
        .reader(Alternatives)
        .sampling(Sampling::default().max_tokens(400))
        .budget(Budget::default().steps(32).model_calls(8))
        .planner(PlanExecute::default().answer(Answer::Report(Some(report))));
    Ok(EXAMPLES.into_iter().fold(agent, |agent, (request, plan)| agent.example(request, plan)))
}
