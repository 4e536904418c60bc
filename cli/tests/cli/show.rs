//! `cicerone show`.

use cicerone::event::Entry;
use insta::assert_snapshot;

use crate::world::{ASKED, BOOKED, OPEN, World, started};

#[test]
fn a_run_is_shown_step_by_step() {
    let said = World::with_runs().say(&["show", BOOKED]);
    assert_snapshot!(said.out, @r#"
    run 0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2a47, begun 2026-12-01 09:00:00 UTC
        0.00 s  task: Book the cheapest flight to Málaga
                on 3 December
                plan_execute with qwen2.5-coder-1.5b
        1.74 s  model 1: 40 of 812 prompt tokens computed, 96 out, 1.7 s
                  f = search_flights("AGP")
                  book_flight(f.lowest.id)
        2.04 s  book_flight(flight: "AB 1", seats: 2)
                  {"reference":"X7K2"} (240 ms)
        3.00 s  completed
                  Booked: X7K2.
    "#);
    assert_eq!((said.err.as_str(), said.code), ("", 0));
}

#[test]
fn the_end_or_the_beginning_of_an_id_will_do() {
    let world = World::with_runs();
    for (word, run) in [("5b8e2a47", BOOKED), ("8E2B48", ASKED), ("0193b", OPEN), ("last", OPEN)] {
        let said = world.say(&["show", word]);
        assert!(said.out.starts_with(&format!("run {run}")), "{word}: {}{}", said.out, said.err);
    }
}

#[test]
fn json_is_one_entry_a_line() {
    let said = World::with_runs().say(&["show", BOOKED, "--json"]);
    let entries: Vec<Entry> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries.len(), 6);
    assert!(said.out.starts_with(r#"{"time":1796115600000,"event":"run_started","#), "{}", said.out);
}

#[test]
fn a_word_that_fits_several_runs_is_refused() {
    let said = World::with_runs().say(&["show", "0193a5c1"]);
    assert_snapshot!(said.err, @"
    error: `0193a5c1` fits 2 runs; give more of the id:
      0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2b48  2026-12-01 09:00:00  Book a flight
      0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2a47  2026-12-01 09:00:00  Book the cheapest flight to Málaga on 3 December
    ");
    assert_eq!(said.code, 1);
}

#[test]
fn a_run_that_is_not_there_is_guessed() {
    let world = World::with_runs();
    assert_snapshot!(world.say(&["show", "0193b001"]).err, @"
    error: there is no run `0193b001` in `cicerone.db`; did you mean
      0193b000-0000-7aaa-8bbb-0123456789ab  2026-12-02 09:00:00  Find a hotel in Lisbon
    `cicerone runs` lists all of them, `last` is the newest
    ");
    assert_snapshot!(world.say(&["show", "3d1f5b8e2c47"]).err, @"
    error: there is no run `3d1f5b8e2c47` in `cicerone.db`; did you mean
      0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2a47  2026-12-01 09:00:00  Book the cheapest flight to Málaga on 3 December
    `cicerone runs` lists all of them, `last` is the newest
    ");
    assert_snapshot!(world.say(&["show", "my-trip"]).err, @"error: there is no run `my-trip` in `cicerone.db`; `cicerone runs` lists all of them, `last` is the newest");
}

#[test]
fn a_store_without_runs_has_no_last_one() {
    let world = World::empty();
    world.keep("cicerone.db", &[]);
    assert_snapshot!(world.say(&["show", "last"]).err, @"error: there are no runs in `cicerone.db` yet");
}

#[test]
fn a_task_can_not_write_to_the_terminal() {
    let world = World::empty();
    world.keep("cicerone.db", &[(OPEN, serde_json::json!([started(0, "Red\u{1b}[31m\r\nand \u{7}loud")]))]);
    for args in [&["show", "last"][..], &["runs"]] {
        let out = world.say(args).out;
        assert!(out.contains("Red") && out.contains("loud"), "{out}");
        assert!(!out.contains(['\u{1b}', '\r', '\u{7}']), "{out:?}");
    }
}
