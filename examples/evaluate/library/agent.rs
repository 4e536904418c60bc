//! The librarian: its instructions, its worked examples, its tools.

use cicerone::{agent::AgentBuilder, model::Sampling, plan::Plan, prelude::*, prompts::Template, tools};
use jiff::civil::Date;

use super::{
    tools::{borrow_book, list_loans, opening_hours, renew_loan, reserve_book, return_book, search_books},
    world::Library,
};

const INSTRUCTIONS: &str = "You are a librarian. Search without borrowing when the reader only asks or says not to.";

/// Requests and their plans. Each shows something that the others don't: a choice by age and language, beside a
/// renewal; a look, between two years; a reservation, and a day; what is not said; a book chosen by its length, and one
/// that comes back; a look at loans.
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
        "Which books by Ines Falk from after 1950 and before 1960 do you have? Don't lend me any.",
        "# books by Ines Falk from after 1950 and before 1960\n\
         search_books(\"Ines Falk\",published_before=1960,published_after=1950)\n\
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
        "The shortest book on clocks please. And I bring back Tin Whistles.",
        "# The shortest book on clocks\n\
         borrow_book(shortest(search_books(\"clocks\")))\n\
         # bring back Tin Whistles\n\
         return_book(any(list_loans(about=\"Tin Whistles\")))\n\
         end",
    ),
    ("Which books have I got?", "# Which books have I got\nlist_loans()\nend"),
];

/// The words by which readers say what they want. What is not spoken of is not offered to the model.
fn words() -> Lexicon {
    Lexicon::new()
        .ordering("oldest", &["old*", "ältest*", "antigu*", "viejo", "ancien*", "最老", "最早"])
        .ordering("newest", &["new*", "latest", "recent*", "neu*", "nuev*", "récent*", "最新"])
        .ordering("shortest", &["short*", "thinnest", "kürzest*", "kurz*", "dünnst*", "cort*", "court*", "最短"])
        .ordering("longest", &["longest", "thickest", "längst*", "dickst*", "más largo", "plus long", "最长"])
        .ordering("best_rated", &["best", "highest rated", "top rated", "beste*", "bestbewertet*", "mejor*", "mieux"])
        .ordering("due_first", &["due first", "first", "soonest", "due next", "zuerst", "als erstes", "antes"])
        .ordering("due_last", &["due last", "last", "zuletzt", "als letztes", "último"])
        .meaning("list_loans", LOANS)
        .meaning("list_loans", RENEW)
        .meaning("list_loans", RETURN)
        .meaning("renew_loan", RENEW)
        .meaning("return_book", RETURN)
        .meaning("reserve_book", &["reserv*", "hold", "aside", "vormerk*", "vorbestell*", "apart*", "预约", "预订"])
        .meaning(
            "opening_hours",
            &["open*", "clos*", "hours", "geöffnet", "öffn*", "offen", "abr*", "abiert*", "cierr*", "horario*", "开"],
        )
        .meaning("search_books.available", &["available", "shelf", "now", "verfügbar*", "ausleihbar", "disponible*"])
        .meaning(
            "search_books.language",
            &[
                "german",
                "english",
                "spanish",
                "deutsch*",
                "englisch*",
                "spanisch*",
                "alemán",
                "alemana",
                "inglés",
                "inglesa",
                "español",
                "española",
                "allemand",
                "anglais",
                "espagnol",
                "德语",
                "英语",
                "西班牙语",
            ],
        )
        .meaning(
            "search_books.published_before",
            &["before", "until", "older", "earlier", "between", "vor", "bis", "antes", "hasta", "avant"],
        )
        .meaning(
            "search_books.published_after",
            &["after", "since", "newer", "later", "between", "from", "nach", "seit", "ab", "después", "desde", "après"],
        )
}

/// Who wants a book gets one: a search alone is not enough.
fn lends(plan: &Plan, request: &str) -> Result<(), ToolError> {
    let request = request.to_lowercase();
    let wants = WANTS.iter().any(|word| request.contains(word)) && !LOOKS.iter().any(|word| request.contains(word));
    let only_searches = plan.steps.iter().all(|step| step.tool == "search_books");
    if wants && only_searches {
        return Err(ToolError::retry("a book is asked for: borrow_book(any(search_books(…)))"));
    }
    Ok(())
}

const WANTS: &[&str] = &[
    "lend me",
    "borrow",
    "i want",
    "give me",
    "can i have",
    "can i take",
    "i'd like",
    "i'll take",
    "i'll have",
    "take home",
    "take out",
    "check out",
    "leihe",
    "ausleihen",
    "llevar",
    "préstame",
    "emprunter",
    "我要",
    "借",
];
const LOOKS: &[&str] = &[
    "don't",
    "do not",
    "not want",
    "just tell",
    "just look",
    "only look",
    "nicht",
    "nur ",
    "no quiero",
    "solo ",
    "不",
];

const LOANS: &[&str] = &[
    "loan*",
    "borrowed",
    "lent",
    "due",
    "my",
    "i got",
    "have i",
    "i have",
    "ve",
    "ausgeliehen",
    "meine",
    "fällig",
    "mis",
    "prestad*",
    "tengo",
    "我借",
];
const RENEW: &[&str] = &[
    "renew*",
    "extend*",
    "extension",
    "prolong*",
    "longer",
    "more time",
    "more weeks",
    "keep",
    "verlänger*",
    "länger",
    "renov*",
    "prorrog*",
    "ampli*",
    "prolonger",
    "续",
];
const RETURN: &[&str] = &[
    "return*", "back", "bring*", "brought", "hand in", "zurück*", "abgeben", "devolv*", "devuelv*", "rend*",
    "rapport*", "还",
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
        .reader(LookOnly)
        .reader(words())
        .rule(lends)
        .sampling(Sampling::default().max_tokens(400))
        .budget(Budget::default().steps(32).model_calls(8))
        .planner(PlanExecute::default().answer(Answer::Report(Some(report))));
    Ok(EXAMPLES.into_iter().fold(agent, |agent, (request, plan)| agent.example(request, plan)))
}
