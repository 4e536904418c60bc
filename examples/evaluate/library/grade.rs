//! What a case expects, and whether the library and the run's end are so.

use cicerone::prelude::*;
use serde::Deserialize;

use super::world::{Library, MEMBER, Snapshot};

/// What a case presupposes and expects. Books are written as their titles; what isn't written must not have happened.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Expect {
    /// Before: the member has these, too, for another week.
    has: Vec<String>,
    /// Before: others have every copy of these.
    taken: Vec<String>,
    /// Before: somebody else waits for these.
    awaited: Vec<String>,
    /// After: the member has borrowed exactly these.
    borrowed: Vec<String>,
    /// After: the member has brought back exactly these.
    returned: Vec<String>,
    /// After: exactly these loans are longer.
    renewed: Vec<String>,
    /// After: the member waits for exactly these.
    reserved: Vec<String>,
    /// The run ends with a question instead of an answer.
    question: bool,
    /// The titles that the answer names, besides those of books with which something was done.
    shown: Option<Vec<String>>,
    /// What the answer says.
    says: Vec<String>,
}

/// What has become of the register since the run began, as titles.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Changes {
    pub(super) borrowed: Vec<String>,
    pub(super) returned: Vec<String>,
    pub(super) renewed: Vec<String>,
    pub(super) reserved: Vec<String>,
}

/// Makes a fresh library what the case presupposes.
///
/// # Errors
/// If a case names a book that is not in the catalogue.
pub(crate) fn prepare(library: &Library, expect: &Expect) -> Result<(), String> {
    let titles = library.titles();
    let named = [&expect.borrowed, &expect.returned, &expect.renewed, &expect.reserved];
    let unknown = named.into_iter().chain(&expect.shown).flatten().find(|title| !titles.contains(&title.as_str()));
    if let Some(title) = unknown {
        return Err(format!(
            "the case expects `{title}`, which is no title of the catalogue; write one as it stands there"
        ));
    }
    expect.has.iter().try_for_each(|title| library.already_lent(title, 7))?;
    expect.taken.iter().try_for_each(|title| library.taken_by_others(title))?;
    expect.awaited.iter().try_for_each(|title| library.awaited_by_others(title))?;
    library.begin();
    Ok(())
}

/// What is wrong with the library and with the run's end; nothing if the case has passed.
pub(crate) fn grade(expect: &Expect, _request: &str, library: &Library, run: &Result<Run, Error>) -> Vec<String> {
    let mut wrong = Vec::new();
    let changes = changes(library);
    for (what, is, should) in [
        ("borrowed", &changes.borrowed, &expect.borrowed),
        ("returned", &changes.returned, &expect.returned),
        ("renewed", &changes.renewed, &expect.renewed),
        ("reserved", &changes.reserved, &expect.reserved),
    ] {
        let should = sorted(should.clone());
        if *is != should {
            wrong.push(format!("{what} {}, not {}", list(is), list(&should)));
        }
    }
    wrong.extend(match run {
        Err(error) => vec![format!("the run failed: {error}")],
        Ok(run) => match &run.outcome {
            Outcome::Completed(answer) if expect.question => {
                vec![format!("the run ended with an answer instead of a question: {answer}")]
            }
            Outcome::Completed(answer) => wrong_in(answer, expect, library, &changes),
            Outcome::NeedsInput(_) if expect.question => Vec::new(),
            other => vec![format!("the run ended with {other:?} instead of an answer")],
        },
    });
    wrong
}

/// What has become of the register since [`prepare`].
pub(super) fn changes(library: &Library) -> Changes {
    let (before, after) = (library.before(), library.snapshot());
    let title = |book: &str| library.title(book).unwrap_or(book).to_owned();
    let mut changes = Changes::default();
    for loan in after.loans.iter().filter(|loan| loan.member == MEMBER) {
        let known = before.loans.iter().find(|known| known.id == loan.id);
        if known.is_none() {
            changes.borrowed.push(title(&loan.book));
        }
        if loan.returned && !known.is_some_and(|known| known.returned) {
            changes.returned.push(title(&loan.book));
        }
        // A loan that was extended twice stands there twice.
        let renewals = loan.renewals.saturating_sub(known.map_or(0, |known| known.renewals));
        changes.renewed.extend((0..renewals).map(|_| title(&loan.book)));
    }
    changes.reserved = waiting(&after).filter(|book| waiting(&before).all(|known| known != *book)).map(title).collect();
    Changes {
        borrowed: sorted(changes.borrowed),
        returned: sorted(changes.returned),
        renewed: sorted(changes.renewed),
        reserved: sorted(changes.reserved),
    }
}

fn waiting(snapshot: &Snapshot) -> impl Iterator<Item = &str> {
    snapshot.reservations.iter().filter(|waiting| waiting.member == MEMBER).map(|waiting| waiting.book.as_str())
}

/// What is wrong with an answer: titles too few or too many, and what it doesn't say.
fn wrong_in(answer: &str, expect: &Expect, library: &Library, changes: &Changes) -> Vec<String> {
    let mut wrong = Vec::new();
    if let Some(shown) = &expect.shown {
        let done = [&changes.borrowed, &changes.returned, &changes.renewed, &changes.reserved];
        let is_done = |title: &str| done.iter().any(|titles| titles.iter().any(|done| done == title));
        let named = library.titles().into_iter().filter(|title| answer.contains(title) && !is_done(title));
        let (named, shown) = (sorted(named.map(str::to_owned).collect()), sorted(shown.clone()));
        if named != shown {
            wrong.push(format!("the answer names {}, not {}", list(&named), list(&shown)));
        }
    }
    let missing = expect.says.iter().filter(|text| !answer.contains(text.as_str()));
    wrong.extend(missing.map(|text| format!("the answer does not say `{text}`: {answer}")));
    wrong
}

fn sorted(mut titles: Vec<String>) -> Vec<String> {
    titles.sort();
    titles
}

fn list(titles: &[String]) -> String {
    if titles.is_empty() { "nothing".to_owned() } else { format!("`{}`", titles.join("`, `")) }
}

impl Expect {
    /// Whether the request is one after which the register must be as it was.
    pub(super) fn changes_nothing(&self) -> bool {
        [&self.borrowed, &self.returned, &self.renewed, &self.reserved].into_iter().all(Vec::is_empty)
    }
}
