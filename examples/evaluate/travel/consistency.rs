//! Whether a case fits the world: what it expects is on offer, what it calls impossible is not.

use crate::world::World;

use super::expect::{Budget, Expect, Pick, Status, Wish};

/// Checks the whole case.
///
/// # Errors
/// What is wrong with it, for its author.
pub(super) fn check(expect: &Expect, world: &World) -> Result<(), String> {
    if expect.status.is_empty() {
        return Err("`status` is empty: name at least one way in which the run may end".to_owned());
    }
    for wish in &expect.booked {
        check_offered(wish, world)?;
    }
    if !expect.booked.is_empty() && expect.status != [Status::Completed] {
        return Err("a run that is to book must end as `completed`".to_owned());
    }
    for wish in &expect.impossible {
        if wish.right(world).is_ok_and(|right| !right.is_empty()) {
            return Err(format!("{wish} is called impossible, yet it is on offer"));
        }
    }
    for wish in &expect.searched {
        check_limits(wish, world)?;
    }
    for wish in expect.answer_names.iter().chain(expect.rename_hotel.iter().map(|rename| &rename.of)) {
        check_offered(wish, world)?;
    }
    if let Some(budget) = &expect.budget {
        check_budget(budget, world)?;
    }
    for wish in &expect.before {
        check_offered(wish, world)?;
        if wish.label.is_none() {
            return Err(format!("{wish} stands in `before` without a `label`; add one"));
        }
    }
    for label in expect.cancelled.iter().chain(&expect.listed) {
        if !expect.before.iter().any(|wish| wish.label.as_ref() == Some(label)) {
            return Err(format!("no booking in `before` has the label `{label}`"));
        }
    }
    Ok(())
}

fn check_offered(wish: &Wish, world: &World) -> Result<(), String> {
    check_limits(wish, world)?;
    if wish.right(world)?.is_empty() {
        return Err(format!("nothing is on offer for {wish}"));
    }
    if !wish.or.is_empty() && std::iter::once(wish).chain(&wish.or).any(|wish| wish.pick == Pick::Any) {
        return Err(format!("{wish}: of alternatives each needs a `pick`"));
    }
    Ok(())
}

/// Refuses an offer exactly on a limit: whether 'under 200' takes in 200 is no question to fail an agent by.
fn check_limits(wish: &Wish, world: &World) -> Result<(), String> {
    let unlimited =
        Wish { max_price: None, max_price_per_night: None, depart_after: None, depart_before: None, ..wish.clone() };
    for offer in unlimited.offers(world)? {
        let on_price = wish.max_price.is_some_and(|most| most == offer.price);
        let on_night = wish.max_price_per_night.is_some() && wish.max_price_per_night == offer.price_per_night;
        let on_time = [wish.depart_after, wish.depart_before].into_iter().flatten().any(|t| Some(t) == offer.departs);
        if on_price || on_night || on_time {
            return Err(format!("{wish}: {offer} lies exactly on the limit; choose another limit"));
        }
    }
    Ok(())
}

fn check_budget(budget: &Budget, world: &World) -> Result<(), String> {
    for wish in &budget.of {
        if wish.pick == Pick::Any {
            return Err(format!("{wish}: what a budget limits needs a `pick`, for its cost to be known"));
        }
        check_limits(wish, world)?;
    }
    match budget.cost(world)? {
        Some(cost) if cost == budget.most => {
            Err(format!("the cost is exactly the limit of {cost} EUR; choose another"))
        }
        cost if cost.is_some_and(|cost| cost < budget.most) == budget.met => Ok(()),
        Some(cost) => Err(format!("`met = {}`, yet it costs {cost} EUR of {} EUR", budget.met, budget.most)),
        None => Err(format!("`met = {}`, yet something of it is not on offer", budget.met)),
    }
}

impl Budget {
    /// What everything under the limit costs; `None` if some of it is not on offer.
    pub(super) fn cost(&self, world: &World) -> Result<Option<u32>, String> {
        let mut sum = 0;
        for wish in &self.of {
            match wish.right(world)?.iter().map(|offer| offer.total).min() {
                Some(total) => sum += total,
                None => return Ok(None),
            }
        }
        Ok(Some(sum))
    }
}
