//! Grades runs of the travel agent: by what stands in the inventory afterwards, and by what the run looked up.
//!
//! A case says what its user wants; which offer that is follows from an untouched copy of the inventory. A run passes
//! if exactly that is booked and cancelled, it ended as it may, and it looked up what was asked for.

#[path = "consistency.rs"]
mod consistency;
#[path = "expect.rs"]
mod expect;
#[path = "journal.rs"]
mod journal;
#[path = "offers.rs"]
mod offers;
#[path = "violations.rs"]
mod violations;
#[path = "wording.rs"]
mod wording;

pub(crate) use expect::Expect;
pub(crate) use violations::violations;

use cicerone::prelude::*;

use crate::world::{Booking, BookingKind, BookingStatus, World};

use expect::{Status, Wish};
use offers::Offer;

/// Makes the world ready for a run of the case: earlier bookings, and a hotel's other name.
///
/// # Errors
/// If the case does not fit the world, with what is wrong: something that it expects is not on offer, or the reverse.
pub(crate) fn prepare(world: &World, expect: &Expect) -> Result<(), String> {
    expect.alternatives().iter().try_for_each(|outcome| consistency::check(outcome, world))?;
    arrange(world, expect)
}

/// Why the run is not what the case expects, in plain words; empty if it is. Of several outcomes that are right, the
/// reasons are those of the first.
pub(crate) fn grade(expect: &Expect, request: &str, world: &World, ended: &Result<Run, Error>) -> Vec<String> {
    let reasons: Vec<Vec<String>> =
        expect.alternatives().iter().map(|outcome| compare(outcome, request, world, ended)).collect();
    if reasons.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    reasons.into_iter().next().unwrap_or_default()
}

/// Why the run is not this outcome.
fn compare(expect: &Expect, request: &str, world: &World, ended: &Result<Run, Error>) -> Vec<String> {
    let reasons = Grading::new(expect, world).and_then(|grading| {
        let mut reasons = grading.status(request, ended);
        reasons.extend(grading.bookings()?);
        reasons.extend(grading.cancellations()?);
        reasons.extend(grading.searches(ended)?);
        reasons.extend(grading.lists(ended)?);
        reasons.extend(grading.answer(ended)?);
        Ok(reasons)
    });
    reasons.unwrap_or_else(|fault| vec![format!("The case can't be graded: {fault}")])
}

/// Books what the case has booked before its run, and renames the hotel.
fn arrange(world: &World, expect: &Expect) -> Result<(), String> {
    for (number, wish) in expect.before.iter().enumerate() {
        let offer = wish.right(world)?.into_iter().next().ok_or_else(|| format!("nothing is on offer for {wish}"))?;
        let (key, id, name) = (before_key(number), offer.id.as_str(), wish.traveller());
        match wish.kind {
            BookingKind::Flight => world.book_flight(&key, id, name, wish.quantity()),
            BookingKind::Train => world.book_train(&key, id, name, wish.quantity()),
            BookingKind::Hotel => world.book_hotel(&key, id, name, wish.quantity()),
        }
        .map_err(|error| error.to_string())?;
    }
    let Some(rename) = &expect.rename_hotel else { return Ok(()) };
    for offer in rename.of.right(world)? {
        // `H-GRZ-2-20261203-20261207` is an offer of the hotel `H-GRZ-2`.
        let hotel: Vec<&str> = offer.id.split('-').take(3).collect();
        world.set_hotel_name(&hotel.join("-"), &rename.name).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn before_key(number: usize) -> String {
    format!("booked before the run, {number}")
}

/// A case, the world after the run, and that world as it was before.
struct Grading<'a> {
    expect: &'a Expect,
    after: &'a World,
    before: World,
}

impl<'a> Grading<'a> {
    fn new(expect: &'a Expect, after: &'a World) -> Result<Self, String> {
        let before = World::in_memory(after.today()).map_err(|error| error.to_string())?;
        arrange(&before, expect)?;
        Ok(Self { expect, after, before })
    }

    fn status(&self, request: &str, ended: &Result<Run, Error>) -> Vec<String> {
        let allowed = &self.expect.status;
        let (status, found) = match ended {
            Ok(run) => match &run.outcome {
                Outcome::Completed(answer) if answer.trim().is_empty() => (None, "it ended without a word".to_owned()),
                Outcome::Completed(answer) => (Some(Status::Completed), format!("it answered: {answer}")),
                Outcome::NeedsInput(questions) => {
                    let asks = |question: &String| !question.trim().is_empty() && question.trim() != request.trim();
                    if questions.iter().any(asks) {
                        (Some(Status::NeedsInput), format!("it asked: {}", questions.join(" ")))
                    } else {
                        (None, "it ended for want of input, but asked nothing".to_owned())
                    }
                }
                _ => (None, "it waits for a person".to_owned()),
            },
            Err(error) => (Some(Status::Failed), format!("it failed: {error}")),
        };
        if status.is_some_and(|status| allowed.contains(&status)) {
            return Vec::new();
        }
        vec![format!("The run was to end with {}; {found}", wording::any_of(allowed))]
    }

    /// What is to be booked, each with the offers that are right.
    fn wanted(&self) -> Result<Vec<(&Wish, Vec<Offer>)>, String> {
        let mut wishes: Vec<&Wish> = self.expect.booked.iter().collect();
        if let Some(budget) = &self.expect.budget
            && budget.cost(&self.before)?.is_some_and(|cost| cost <= budget.most)
        {
            wishes.extend(&budget.of);
        }
        wishes.into_iter().map(|wish| Ok((wish, wish.right(&self.before)?))).collect()
    }

    fn bookings(&self) -> Result<Vec<String>, String> {
        let wanted = self.wanted()?;
        let made = made(self.expect, self.after)?;
        let fulfils = |(wish, right): &(&Wish, Vec<Offer>), booking: &Booking| {
            booking.status == BookingStatus::Confirmed
                && right.iter().any(|offer| offer.id == booking.item)
                && booking.quantity == wish.quantity()
                && booking.traveller.eq_ignore_ascii_case(wish.traveller())
        };
        let mut open: Vec<&Booking> = made.iter().collect();
        let mut reasons = Vec::new();
        // Those with the fewest right offers choose first, so that `any` leaves them theirs.
        let mut order: Vec<&(&Wish, Vec<Offer>)> = wanted.iter().collect();
        order.sort_by_key(|(_, right)| right.len());
        for want in order {
            match open.iter().position(|booking| fulfils(want, booking)) {
                Some(place) => drop(open.remove(place)),
                None => reasons.push(format!("Not booked: {}", wording::wanted(want.0, &want.1))),
            }
        }
        let why = self.expect.impossible.first().filter(|_| !open.is_empty());
        reasons.extend(open.iter().map(|booking| match booking.status {
            BookingStatus::Confirmed => format!("Booked, but not asked for: {}", wording::booked(booking)),
            BookingStatus::Cancelled => format!("Booked and cancelled again: {}", wording::booked(booking)),
        }));
        reasons.extend(why.map(|wish| format!("What was asked for does not exist: {wish}")));
        Ok(reasons)
    }

    fn cancellations(&self) -> Result<Vec<String>, String> {
        let mut reasons = Vec::new();
        for (number, wish) in self.expect.before.iter().enumerate() {
            let earlier = earlier(self.after, number)?;
            let cancel = wish.label.as_ref().is_some_and(|label| self.expect.cancelled.contains(label));
            match earlier.status {
                BookingStatus::Confirmed if cancel => {
                    reasons.push(format!("Not cancelled: {}", wording::booked(&earlier)));
                }
                BookingStatus::Cancelled if !cancel => {
                    reasons.push(format!("Cancelled, but not asked for: {}", wording::booked(&earlier)));
                }
                _ => {}
            }
        }
        Ok(reasons)
    }

    fn searches(&self, ended: &Result<Run, Error>) -> Result<Vec<String>, String> {
        let mut reasons = Vec::new();
        for wish in &self.expect.searched {
            let found: Vec<Offer> = wish.offers(&self.before)?;
            if !journal::searched(ended, wish, &found)? {
                reasons.push(format!("Not searched as asked: {wish} ({} on offer)", found.len()));
            }
        }
        Ok(reasons)
    }

    fn lists(&self, ended: &Result<Run, Error>) -> Result<Vec<String>, String> {
        let mut reasons = Vec::new();
        for (number, wish) in self.expect.before.iter().enumerate() {
            if wish.label.as_ref().is_some_and(|label| self.expect.listed.contains(label)) {
                let earlier = earlier(self.after, number)?;
                if !journal::listed(ended, &earlier.reference) {
                    reasons.push(format!("Not looked up: {}", wording::booked(&earlier)));
                }
            }
        }
        Ok(reasons)
    }

    fn answer(&self, ended: &Result<Run, Error>) -> Result<Vec<String>, String> {
        let Some(wish) = &self.expect.answer_names else { return Ok(Vec::new()) };
        let Ok(Run { outcome: Outcome::Completed(answer), .. }) = ended else { return Ok(Vec::new()) };
        let right = wish.right(&self.before)?;
        if right.iter().any(|offer| names(answer, offer)) {
            return Ok(Vec::new());
        }
        Ok(vec![format!("The answer does not name {}: {answer}", wording::wanted(wish, &right))])
    }
}

/// What the run has booked: everything but what was booked before it.
fn made(expect: &Expect, after: &World) -> Result<Vec<Booking>, String> {
    let mut made = after.bookings(None).map_err(|error| error.to_string())?;
    for number in 0..expect.before.len() {
        let earlier = earlier(after, number)?;
        made.retain(|booking| booking.id != earlier.id);
    }
    Ok(made)
}

fn earlier(world: &World, number: usize) -> Result<Booking, String> {
    let found = world.booking_by_key(&before_key(number)).map_err(|error| error.to_string())?;
    found.ok_or_else(|| "an earlier booking of the case is missing; call `prepare` before the run".to_owned())
}

/// Whether the text has the offer's id, or one of its prices as a number of its own: `1,234` and `1234` alike.
fn names(answer: &str, offer: &Offer) -> bool {
    let prices =
        [Some(offer.price), Some(offer.total), offer.price_per_night].map(|price| price.map(|p| p.to_string()));
    let is_price = |number: &str| prices.iter().flatten().any(|price| price == number);
    let has = |text: &str| text.split(|c: char| !c.is_ascii_digit()).any(is_price);
    answer.contains(&offer.id) || has(answer) || has(&answer.replace([',', '.', '\u{a0}', '\u{202f}'], ""))
}

#[cfg(test)]
#[path = "cases_tests.rs"]
mod cases_tests;
#[cfg(test)]
#[path = "grade_tests.rs"]
mod grade_tests;
#[cfg(test)]
#[path = "scripted.rs"]
mod scripted;
