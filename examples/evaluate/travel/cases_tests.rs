//! The files of cases against the world: each expectation can be fulfilled, and not by accident.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use serde::Deserialize;

use super::expect::{Pick, Wish};
use super::{Expect, grade, prepare, scripted, violations};
use crate::world::World;

#[derive(Deserialize)]
struct File {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    kind: String,
    hard: bool,
    request: String,
    expect: Expect,
}

fn files() -> [Vec<Case>; 2] {
    [include_str!("cases.toml"), include_str!("held_out.toml")].map(|text| toml::from_str::<File>(text).unwrap().case)
}

fn all() -> Vec<Case> {
    files().into_iter().flatten().collect()
}

fn world() -> World {
    World::in_memory(date(2026, 11, 23)).unwrap()
}

#[test]
fn every_case_fits_the_world() {
    let faults: Vec<String> = all()
        .iter()
        .filter_map(|case| Some(format!("{}: {}", case.name, prepare(&world(), &case.expect).err()?)))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn each_kind_is_in_both_files_two_to_one() {
    let [open, held_out] = files().map(|cases| {
        let mut kinds: BTreeMap<(String, bool), usize> = BTreeMap::new();
        cases.into_iter().for_each(|case| *kinds.entry((case.kind, case.hard)).or_default() += 1);
        kinds
    });
    assert_eq!(open, held_out.into_iter().map(|(kind, count)| (kind, 2 * count)).collect());
    assert!(all().len() >= 96);
}

#[test]
fn no_name_and_no_request_comes_twice() {
    let cases = all();
    let distinct =
        |text: fn(&Case) -> &str| cases.iter().map(|case| text(case).to_lowercase()).collect::<BTreeSet<_>>();
    assert_eq!(distinct(|case| &case.name).len(), cases.len());
    assert_eq!(distinct(|case| &case.request).len(), cases.len());
}

/// Each wish of an expectation that is to be booked.
fn wishes(expect: &Expect) -> impl Iterator<Item = &Wish> {
    let own = expect.booked.iter().chain(expect.budget.iter().flat_map(|budget| &budget.of));
    own.flat_map(|wish| [wish].into_iter().chain(&wish.or))
}

/// An agent that always takes the first offer, or drops a filter, must not be right by accident.
#[test]
fn choices_and_filters_matter() {
    let (world, mut faults) = (world(), Vec::new());
    for case in all() {
        for wish in wishes(&case.expect) {
            let offers = wish.offers(&world).unwrap();
            let right = wish.pick.among(offers.clone());
            let chosen = !matches!(wish.pick, Pick::Any | Pick::Cheapest);
            if chosen && right[0] == offers[0] {
                faults.push(format!("{}: {wish} is the cheapest as well", case.name));
            }
            let dropped: [fn(&mut Wish); 6] = [
                |wish| wish.max_price = None,
                |wish| wish.max_price_per_night = None,
                |wish| wish.depart_after = None,
                |wish| wish.depart_before = None,
                |wish| wish.min_rating = None,
                |wish| wish.min_stars = None,
            ];
            for (filter, drop) in dropped.iter().enumerate() {
                let mut without = wish.clone();
                drop(&mut without);
                let changed = without.to_string() != wish.to_string();
                if changed && without.pick.among(without.offers(&world).unwrap()) == right {
                    faults.push(format!("{}: filter {filter} of {wish} changes nothing", case.name));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[tokio::test]
async fn an_agent_that_does_what_is_asked_passes_every_case() {
    for Case { name, expect, request, .. } in all() {
        let (turns, answer) = scripted::perfect(&expect);
        let ended = scripted::run(&expect, &turns, &answer).await;
        assert_eq!(grade(&expect, &request, &ended.world, &ended.run), [""; 0], "{name}");
        assert_eq!(violations(&expect, &ended.world, &ended.run), [""; 0], "{name}");
    }
}

#[tokio::test]
async fn an_agent_that_only_talks_passes_where_nothing_is_to_be_done() {
    let mut passed = BTreeSet::new();
    for Case { expect, kind, request, .. } in all() {
        let ended = scripted::run(&expect, &[], "All is well.").await;
        if grade(&expect, &request, &ended.world, &ended.run).is_empty() {
            passed.insert((kind, expect.impossible.is_empty() && expect.budget.is_none()));
        }
    }
    let kinds: BTreeSet<&str> = passed.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, BTreeSet::from(["budgets", "impossible"]));
}

#[tokio::test]
async fn an_agent_that_always_asks_passes_where_a_question_is_allowed() {
    let kinds: BTreeSet<String> = {
        let mut kinds = BTreeSet::new();
        for Case { expect, kind, request, .. } in all() {
            let ended = scripted::run(&expect, &[vec![scripted::nowhere()]], "").await;
            if grade(&expect, &request, &ended.world, &ended.run).is_empty() {
                kinds.insert(kind);
            }
        }
        kinds
    };
    assert_eq!(kinds.iter().map(String::as_str).collect::<Vec<_>>(), ["budgets", "impossible", "question needed"]);
}
