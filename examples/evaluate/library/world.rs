//! The library: what is on its shelves, who has borrowed what, who waits for what.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{ToSpan, civil::Date};

use super::{
    catalogue::{self, Entry, Language},
    matching,
};

/// The member whom the agent serves.
pub(super) const MEMBER: &str = "Robin Hale";
/// Somebody else, who has what the member can't have.
pub(super) const SOMEBODY: &str = "another member";

const LOAN_DAYS: i64 = 28;
const MOST_LOANS: usize = 8;
const MOST_RENEWALS: u32 = 2;

/// A library of sixty books and its register, in this process. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Library(Arc<Mutex<Register>>);

#[derive(Debug)]
struct Register {
    today: Date,
    books: Vec<Entry>,
    loans: Vec<LoanRecord>,
    reservations: Vec<Reservation>,
    /// The key of each action that was carried out, and what came of it.
    done: Vec<(String, Receipt)>,
    /// What it was when the member came in.
    before: Snapshot,
}

/// A loan, from the day on which it began; it stays in the register when the book is back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LoanRecord {
    pub(super) id: String,
    pub(super) book: String,
    pub(super) member: &'static str,
    pub(super) due: Date,
    pub(super) renewals: u32,
    pub(super) returned: bool,
}

/// Somebody waits for a book.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reservation {
    pub(super) book: String,
    pub(super) member: &'static str,
}

/// The state of the register at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Snapshot {
    pub(super) loans: Vec<LoanRecord>,
    pub(super) reservations: Vec<Reservation>,
}

/// What a search asks for.
#[derive(Debug, Default)]
pub(super) struct Search {
    pub(super) text: String,
    pub(super) language: Option<Language>,
    pub(super) before: Option<u32>,
    pub(super) after: Option<u32>,
    pub(super) available_only: bool,
}

/// What an action has done.
#[derive(Clone, Debug)]
pub(super) struct Receipt {
    pub(super) book: Entry,
    /// The day by which the book has to be back; none if it is not with the member.
    pub(super) due: Option<Date>,
}

/// Why the library does not do something.
#[derive(Debug, PartialEq)]
pub(super) enum Refusal {
    /// There is no such book or loan.
    Unknown(String),
    /// Its rules forbid it; the member has to decide what now.
    Rule(String),
}

impl Library {
    /// The library on this day, with the member's three loans and one book that others have taken.
    pub(crate) fn new(today: Date) -> Self {
        let register = Register {
            today,
            books: catalogue::books(),
            loans: Vec::new(),
            reservations: Vec::new(),
            done: Vec::new(),
            before: Snapshot::default(),
        };
        let library = Self(Arc::new(Mutex::new(register)));
        for (title, days) in [("Branch Lines", 4), ("Crust and Patience", 9), ("Nebel über Altona", 17)] {
            library.with(|register| register.lend(title, MEMBER, days));
        }
        library.with(|register| register.lend("Der stille Krater", SOMEBODY, 12));
        library.begin();
        library
    }

    /// The books that match, and how many copies of each can be taken home: first those whose title matches, then the
    /// rest, each in the order of the catalogue.
    pub(super) fn search(&self, search: &Search) -> Result<Vec<(Entry, usize)>, Refusal> {
        let wanted = matching::words(&search.text);
        if wanted.is_empty() {
            return Err(Refusal::Rule(format!(
                "`{}` describes no book. Which title, author or subject should it be?",
                search.text
            )));
        }
        Ok(self.with(|register| {
            let fits = |book: &&Entry| {
                let described = format!("{} {} {}", book.title, book.author, book.subject.headings());
                matching::all_in(&wanted, &described)
                    && search.language.is_none_or(|language| book.language == language)
                    && search.before.is_none_or(|year| book.year < year)
                    && search.after.is_none_or(|year| book.year > year)
                    && (!search.available_only || register.free(book) > 0)
            };
            let found = register.books.iter().filter(fits);
            let (titled, others): (Vec<&Entry>, Vec<&Entry>) =
                found.partition(|book| matching::all_in(&wanted, book.title));
            titled.into_iter().chain(others).map(|book| (book.clone(), register.free(book))).collect()
        }))
    }

    /// The member's loans, the one that is due first at the front.
    pub(super) fn loans(&self) -> Vec<(LoanRecord, Entry)> {
        self.with(|register| {
            let of_member = register.loans.iter().filter(|loan| loan.member == MEMBER && !loan.returned);
            let with_book = of_member.filter_map(|loan| Some((loan.clone(), register.book(&loan.book).ok()?.clone())));
            let mut loans: Vec<_> = with_book.collect();
            loans.sort_by_key(|(loan, _)| loan.due);
            loans
        })
    }

    /// Lends the book to the member.
    pub(super) fn borrow(&self, key: &str, book: &str) -> Result<Receipt, Refusal> {
        self.once(key, |register| {
            let book = register.book(book)?.clone();
            if register.open_loan(&book.id, MEMBER).is_some() {
                return Err(Refusal::Rule(format!("You have `{}` already. Should it be renewed?", book.title)));
            }
            if register.loans.iter().filter(|loan| loan.member == MEMBER && !loan.returned).count() >= MOST_LOANS {
                return Err(Refusal::Rule(format!(
                    "You have {MOST_LOANS} books, as many as one may. Which of them do you bring back?"
                )));
            }
            if register.free(&book) == 0 {
                return Err(Refusal::Rule(format!(
                    "All copies of `{}` are lent. Should it be reserved for you?",
                    book.title
                )));
            }
            register.reservations.retain(|waiting| waiting.member != MEMBER || waiting.book != book.id);
            let due = register.lend(book.title, MEMBER, LOAN_DAYS);
            Ok(Receipt { book, due })
        })
    }

    /// Gives the member another four weeks.
    pub(super) fn renew(&self, key: &str, loan: &str) -> Result<Receipt, Refusal> {
        self.once(key, |register| {
            let book = register.book_of_loan(loan)?.clone();
            if register.reservations.iter().any(|waiting| waiting.book == book.id && waiting.member != MEMBER) {
                return Err(Refusal::Rule(format!(
                    "`{}` can't be renewed, somebody waits for it. Do you want to bring it back?",
                    book.title
                )));
            }
            let loan = register.loan_mut(loan)?;
            if loan.renewals >= MOST_RENEWALS {
                return Err(Refusal::Rule(format!(
                    "`{}` was renewed {MOST_RENEWALS} times, as often as one may. Do you want to bring it back?",
                    book.title
                )));
            }
            loan.renewals += 1;
            loan.due = loan.due.saturating_add(LOAN_DAYS.days());
            Ok(Receipt { due: Some(loan.due), book })
        })
    }

    /// Takes the book back.
    pub(super) fn take_back(&self, key: &str, loan: &str) -> Result<Receipt, Refusal> {
        self.once(key, |register| {
            let book = register.book_of_loan(loan)?.clone();
            register.loan_mut(loan)?.returned = true;
            Ok(Receipt { book, due: None })
        })
    }

    /// Puts the member on the book's list.
    pub(super) fn reserve(&self, key: &str, book: &str) -> Result<Receipt, Refusal> {
        self.once(key, |register| {
            let book = register.book(book)?.clone();
            let reservation = Reservation { book: book.id.clone(), member: MEMBER };
            if register.reservations.contains(&reservation) {
                return Err(Refusal::Rule(format!(
                    "`{}` is reserved for you already. Is there another book that you want?",
                    book.title
                )));
            }
            register.reservations.push(reservation);
            Ok(Receipt { book, due: None })
        })
    }

    /// The titles of all books.
    pub(super) fn titles(&self) -> Vec<&'static str> {
        self.with(|register| register.books.iter().map(|book| book.title).collect())
    }

    /// The title of a book, by its id.
    pub(super) fn title(&self, book: &str) -> Option<&'static str> {
        self.with(|register| register.book(book).ok().map(|book| book.title))
    }

    /// How many copies of the book there are, by its id.
    pub(super) fn copies(&self, book: &str) -> Option<usize> {
        self.with(|register| register.book(book).ok().map(|book| book.copies))
    }

    /// Lends a book to the member as if that had happened before.
    pub(super) fn already_lent(&self, title: &str, days: i64) -> Result<(), String> {
        self.with(|register| register.lend(title, MEMBER, days)).map(|_| ()).ok_or_else(|| no_such_title(title))
    }

    /// Lends every copy of a book to others.
    pub(super) fn taken_by_others(&self, title: &str) -> Result<(), String> {
        self.with(|register| {
            let book = register.titled(title).ok_or_else(|| no_such_title(title))?;
            for _ in 0..register.free(&book) {
                register.lend(title, SOMEBODY, LOAN_DAYS);
            }
            Ok(())
        })
    }

    /// Puts somebody else on a book's list.
    pub(super) fn awaited_by_others(&self, title: &str) -> Result<(), String> {
        self.with(|register| {
            let book = register.titled(title).ok_or_else(|| no_such_title(title))?;
            register.reservations.push(Reservation { book: book.id, member: SOMEBODY });
            Ok(())
        })
    }

    /// From now on, what the register becomes is the agent's doing.
    pub(super) fn begin(&self) {
        let now = self.snapshot();
        self.with(|register| register.before = now);
    }

    /// The register as it was when the agent began.
    pub(super) fn before(&self) -> Snapshot {
        self.with(|register| register.before.clone())
    }

    /// The register as it is now.
    pub(super) fn snapshot(&self) -> Snapshot {
        self.with(|register| Snapshot { loans: register.loans.clone(), reservations: register.reservations.clone() })
    }

    /// Carries an action out, unless it was: then says again what came of it.
    fn once(
        &self,
        key: &str,
        action: impl FnOnce(&mut Register) -> Result<Receipt, Refusal>,
    ) -> Result<Receipt, Refusal> {
        self.with(|register| {
            if let Some((_, receipt)) = register.done.iter().find(|(known, _)| known == key) {
                return Ok(receipt.clone());
            }
            let receipt = action(register)?;
            register.done.push((key.to_owned(), receipt.clone()));
            Ok(receipt)
        })
    }

    fn with<R>(&self, body: impl FnOnce(&mut Register) -> R) -> R {
        let mut register: MutexGuard<'_, Register> = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        body(&mut register)
    }
}

fn no_such_title(title: &str) -> String {
    format!("the catalogue has no book `{title}`; write a title of catalogue.rs")
}

impl Register {
    fn book(&self, id: &str) -> Result<&Entry, Refusal> {
        self.books
            .iter()
            .find(|book| book.id == id)
            .ok_or_else(|| Refusal::Unknown(format!("there is no book `{id}`; take one that search_books finds")))
    }

    fn titled(&self, title: &str) -> Option<Entry> {
        self.books.iter().find(|book| book.title == title).cloned()
    }

    fn loan_mut(&mut self, id: &str) -> Result<&mut LoanRecord, Refusal> {
        self.loans
            .iter_mut()
            .find(|loan| loan.id == id && loan.member == MEMBER && !loan.returned)
            .ok_or_else(|| Refusal::Unknown(format!("you have no loan `{id}`; take one that list_loans finds")))
    }

    fn book_of_loan(&mut self, id: &str) -> Result<&Entry, Refusal> {
        let book = self.loan_mut(id)?.book.clone();
        self.book(&book)
    }

    fn open_loan(&self, book: &str, member: &str) -> Option<&LoanRecord> {
        self.loans.iter().find(|loan| loan.book == book && loan.member == member && !loan.returned)
    }

    /// How many copies the member could take home: those neither lent nor kept for others.
    fn free(&self, book: &Entry) -> usize {
        let lent = self.loans.iter().filter(|loan| loan.book == book.id && !loan.returned).count();
        let kept = self.reservations.iter().filter(|waiting| waiting.book == book.id && waiting.member != MEMBER);
        book.copies.saturating_sub(lent + kept.count())
    }

    /// Enters a loan, and says when it is due; nothing if there is no such title.
    fn lend(&mut self, title: &str, member: &'static str, days: i64) -> Option<Date> {
        let book = self.titled(title)?.id;
        let due = self.today.saturating_add(days.days());
        let id = format!("L-{:03}", self.loans.len() + 1);
        self.loans.push(LoanRecord { id, book, member, due, renewals: 0, returned: false });
        Some(due)
    }
}
