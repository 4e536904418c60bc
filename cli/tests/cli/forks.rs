//! `cicerone fork`, `diff`, `export`, `import`, `resume` and `rollback`.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::world::{ASKED, BOOKED, World};

#[test]
fn a_run_is_forked_and_compared() {
    let world = World::with_runs();
    let places = world.say(&["fork", BOOKED, "--json"]);
    assert_eq!(places.out, format!("{{\"run\":\"{BOOKED}\",\"positions\":[1,2,3,5]}}\n"));
    assert!(world.say(&["fork", BOOKED]).out.ends_with("it can be forked after so many events: 1, 2, 3, 5\n"));

    let said = world.say(&["fork", BOOKED, "--at", "2", "--answer", "nothing", "--json"]);
    let forked: Value = serde_json::from_str(&said.out).unwrap();
    let run = forked["run"].as_str().unwrap();
    let entries: Vec<Value> =
        world.say(&["show", run, "--json"]).out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries.len(), 3);
    assert_eq!(entries[0]["forked_from"]["run"], BOOKED);
    assert_eq!(entries[2]["response"]["parts"][0]["text"], "nothing");

    let compared = world.say(&["diff", BOOKED, run]);
    assert_eq!(compared.code, 1);
    assert!(compared.out.contains("the same in 2 events, then"), "{}", compared.out);
    let same = world.say(&["diff", BOOKED, BOOKED, "--json"]);
    assert_eq!(same.code, 0);
    assert!(serde_json::from_str::<Value>(&same.out).unwrap()["first"].is_null());
}

#[test]
fn where_a_run_can_not_be_forked_is_said() {
    let world = World::with_runs();
    let said = world.say(&["fork", BOOKED, "--at", "4"]);
    assert_eq!(said.code, 1);
    assert_snapshot!(said.err, @"error: run 0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2a47 can't be forked at 4: call 1 (book_flight) is being made there, under that run's key; it can be at 3 and at 5");
    assert_eq!(world.say(&["fork", BOOKED, "--at", "4", "--output", "1={\"reference\":\"Q\"}"]).code, 0);
}

#[test]
fn a_journal_is_exported_and_imported() {
    let world = World::with_runs();
    let said = world.say(&["export", BOOKED, "--to", "trip.jsonl"]);
    assert_eq!(said.out, format!("6 events of run {BOOKED} in trip.jsonl\n"));
    assert_eq!(world.say(&["export", BOOKED]).out, fs::read_to_string(world.path("trip.jsonl")).unwrap());
    assert_eq!(world.say(&["import", "trip.jsonl", "--db", "other.db"]).out, format!("run {BOOKED}, 6 events\n"));
    assert_eq!(
        world.say(&["show", BOOKED, "--json", "--db", "other.db"]).out,
        world.say(&["show", BOOKED, "--json"]).out
    );
    let twice = world.say(&["import", "trip.jsonl", "--db", "other.db"]);
    assert_eq!((twice.out.as_str(), twice.code), ("", 1));
    fs::write(world.path("notes.txt"), "Málaga, perhaps?\n").unwrap();
    let wrong = world.say(&["import", "notes.txt", "--db", "third.db"]);
    assert!(wrong.err.starts_with("error: `notes.txt`, line 1: "), "{}", wrong.err);
    assert_eq!(wrong.code, 1);
}

#[test]
fn the_program_of_a_run_goes_on_with_it() {
    let world = World::with_runs();
    let said = world.say(&["resume", ASKED]);
    assert_eq!(said.code, 1);
    assert_snapshot!(said.err, @"error: the tools of run 0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2b48 (search_flights, book_flight) are its program's: name it, as in `cicerone resume 0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2b48 -- PROGRAM`, and it is started with `--resume 0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2b48` behind its arguments");
    let program =
        |args: &[&str]| world.say(&[args, &["--", "/bin/sh", "-c", "echo \"$@\"; exit 3", "trip", "--yes"]].concat());
    let resumed = program(&["resume", ASKED]);
    assert_eq!((resumed.out, resumed.code), (format!("--yes --resume {ASKED}\n"), 3));
    let undone = program(&["rollback", "8E2B48"]);
    assert_eq!((undone.out, undone.code), (format!("--yes --rollback {ASKED}\n"), 3));
    let missing = world.say(&["resume", ASKED, "--", "no-such-program"]);
    assert!(missing.err.starts_with("error: `no-such-program` can't be started"), "{}", missing.err);
}
