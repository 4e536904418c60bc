//! `cicerone runs`.

use insta::assert_snapshot;
use serde_json::Value;

use crate::world::{OPEN, World};

#[test]
fn runs_are_listed_newest_first() {
    let said = World::with_runs().say(&["runs"]);
    assert_snapshot!(said.out, @"
    RUN       STATUS       EVENTS  STARTED (UTC)        LASTED      TASK
    456789ab  open              1  2026-12-02 09:00:00       0.0 s  Find a hotel in Lisbon
    5b8e2b48  needs_input       2  2026-12-01 09:00:00  1 min 15 s  Book a flight
    5b8e2a47  completed         6  2026-12-01 09:00:00       3.0 s  Book the cheapest flight to Málaga on 3 December
    ");
    assert_eq!((said.err.as_str(), said.code), ("", 0));
}

#[test]
fn the_list_can_be_narrowed() {
    let world = World::with_runs();
    assert_snapshot!(world.say(&["runs", "--status", "needs-input"]).out, @"
    RUN       STATUS       EVENTS  STARTED (UTC)        LASTED      TASK
    5b8e2b48  needs_input       2  2026-12-01 09:00:00  1 min 15 s  Book a flight
    ");
    assert_snapshot!(world.say(&["runs", "--limit", "1"]).out, @"
    RUN       STATUS  EVENTS  STARTED (UTC)        LASTED  TASK
    456789ab  open         1  2026-12-02 09:00:00   0.0 s  Find a hotel in Lisbon
    ");
    assert_snapshot!(world.say(&["runs", "--status", "failed"]).out, @"no runs of this status in cicerone.db");
}

#[test]
fn json_is_one_object_a_line() {
    let said = World::with_runs().say(&["runs", "--json"]);
    let first: Value = serde_json::from_str(said.out.lines().next().unwrap()).unwrap();
    assert_eq!(said.out.lines().count(), 3);
    assert_eq!(first["run"], OPEN);
    assert_eq!(first["status"], "open");
    assert_eq!(first["task"], "Find a hotel in Lisbon");
}

#[test]
fn a_store_without_runs_is_no_failure() {
    let world = World::empty();
    world.keep("cicerone.db", &[]);
    let said = world.say(&["runs"]);
    assert_eq!((said.out.as_str(), said.code), ("no runs in cicerone.db\n", 0));
    assert_eq!(world.say(&["runs", "--json"]).out, "");
}

#[test]
fn colours_are_for_terminals() {
    assert!(!World::with_runs().say(&["runs"]).out.contains('\u{1b}'));
}
