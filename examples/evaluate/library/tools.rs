//! What the agent can do: search, borrow, list, renew, take back, reserve, tell the opening hours.

use cicerone::prelude::*;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    catalogue::Language,
    hours::{self, OpeningHours},
    matching,
    world::{Library, Receipt, Refusal, Search},
};

/// What can be a title or an author, and none of the words that stand in every request.
const NAMED: &str = r"^(?!(?i:my|the|that|who|on|a|an|all|any|what|which|whichever|one|loans?|books?|borrowed|borrow|due|first|last|have|got|is|are|at|moment|please|pls|thx|renew|extend|return|returning|take|back|bring|here|lend|me|i|i'm|of|and|for)( |$))[\p{L}\d].*(?<! (?i:back|please|pls|thx|and|due|for|is|longer))$";

/// A book that a search finds.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Book {
    book_id: String,
    title: String,
    author: String,
    #[schemars(extend("x-lowest" = "oldest", "x-highest" = "newest"))]
    year: u32,
    language: Language,
    #[schemars(extend("x-lowest" = "shortest", "x-highest" = "longest"))]
    pages: u32,
    /// of five
    #[schemars(extend("x-highest" = "best_rated"))]
    rating: f64,
    /// copies that can be taken home
    available: usize,
}

/// A book that the member has at home.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Loan {
    loan_id: String,
    title: String,
    author: String,
    #[schemars(extend("x-lowest" = "due_first", "x-highest" = "due_last"))]
    due: Date,
    renewals: u32,
}

/// What was done with a book.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Done {
    title: String,
    author: String,
    /// the day by which it has to be back
    due: Option<Date>,
}

/// The books of a title, an author or a subject.
#[tool(effect = "read")]
pub(crate) async fn search_books(
    cx: &ToolContext,
    /// title, author or subject
    text: String,
    language: Option<Language>,
    /// published before this year
    published_before: Option<u32>,
    /// published after this year
    published_after: Option<u32>,
    /// only what can be taken home now
    available: Option<bool>,
) -> Result<Vec<Book>, ToolError> {
    let search = Search {
        text,
        language,
        before: published_before,
        after: published_after,
        available_only: available.unwrap_or(false),
    };
    let found = cx.state::<Library>()?.search(&search).map_err(explain)?;
    let book = |(book, available): (super::catalogue::Entry, usize)| Book {
        book_id: book.id,
        title: book.title.to_owned(),
        author: book.author.to_owned(),
        year: book.year,
        language: book.language,
        pages: book.pages,
        rating: book.rating,
        available,
    };
    Ok(found.into_iter().map(book).collect())
}

/// Lend the member a book that a search found.
#[tool(effect = "idempotent")]
pub(crate) async fn borrow_book(
    cx: &ToolContext,
    #[grounded("search_books[].book_id")] book: String,
) -> Result<Done, ToolError> {
    cx.state::<Library>()?.borrow(cx.key().as_str(), &book).map(done).map_err(explain)
}

/// Keep a book for the member as soon as a copy is there.
#[tool(effect = "idempotent")]
pub(crate) async fn reserve_book(
    cx: &ToolContext,
    #[grounded("search_books[].book_id")] book: String,
) -> Result<Done, ToolError> {
    cx.state::<Library>()?.reserve(cx.key().as_str(), &book).map(done).map_err(explain)
}

/// The member's loans, or those that a word of theirs describes.
#[tool(effect = "read")]
pub(crate) async fn list_loans(
    cx: &ToolContext,
    /// a title or author that they name
    #[schemars(extend("pattern" = NAMED))]
    about: Option<String>,
) -> Result<Vec<Loan>, ToolError> {
    let wanted = matching::words(about.as_deref().unwrap_or_default());
    let loans = cx.state::<Library>()?.loans().into_iter();
    let described = loans.filter(|(_, book)| {
        matching::all_in(&wanted, &format!("{} {} {}", book.title, book.author, book.subject.headings()))
    });
    let loan = |(loan, book): (super::world::LoanRecord, super::catalogue::Entry)| Loan {
        loan_id: loan.id,
        title: book.title.to_owned(),
        author: book.author.to_owned(),
        due: loan.due,
        renewals: loan.renewals,
    };
    Ok(described.map(loan).collect())
}

/// Extend a loan.
#[tool(effect = "idempotent")]
pub(crate) async fn renew_loan(
    cx: &ToolContext,
    #[grounded("list_loans[].loan_id")] loan: String,
) -> Result<Done, ToolError> {
    cx.state::<Library>()?.renew(cx.key().as_str(), &loan).map(done).map_err(explain)
}

/// Take a book back.
#[tool(effect = "idempotent")]
pub(crate) async fn return_book(
    cx: &ToolContext,
    #[grounded("list_loans[].loan_id")] loan: String,
) -> Result<Done, ToolError> {
    cx.state::<Library>()?.take_back(cx.key().as_str(), &loan).map(done).map_err(explain)
}

/// When the library is open on a day.
#[tool(effect = "read")]
pub(crate) async fn opening_hours(date: Date) -> Result<OpeningHours, ToolError> {
    Ok(hours::of(date))
}

fn done(receipt: Receipt) -> Done {
    Done { title: receipt.book.title.to_owned(), author: receipt.book.author.to_owned(), due: receipt.due }
}

/// An id that no search has found may be mended by another plan; a rule, only by the member.
fn explain(refusal: Refusal) -> ToolError {
    match refusal {
        Refusal::Unknown(sentence) => ToolError::retry(sentence),
        Refusal::Rule(sentence) => ToolError::ask(sentence),
    }
}
