//! `cicerone approve`, `deny` and `resolve`.

use insta::assert_snapshot;
use serde_json::Value;

use crate::world::{BOOKED, OPEN, Said, World, waiting};

fn last_entry(world: &World, run: &str) -> Value {
    let shown = world.say(&["show", run, "--json"]).out;
    let mut entry: Value = serde_json::from_str(shown.lines().last().unwrap()).unwrap();
    entry.as_object_mut().unwrap().remove("time");
    entry
}

#[test]
fn what_waits_is_shown_with_what_to_type() {
    let world = waiting();
    assert!(
        world
            .say(&["show", BOOKED])
            .out
            .ends_with(&format!("waits: call 1, book_flight(flight: \"AB 1\")\n       cicerone approve {BOOKED} 1\n"))
    );
    assert!(world.say(&["show", OPEN]).out.ends_with(&format!(
        "waits: call 1, book_flight(flight: \"AB 1\"): `book_flight` can't tell\n       cicerone resolve {OPEN} 1\n"
    )));
}

#[test]
fn the_one_call_that_waits_is_decided_on_once() {
    let world = waiting();
    let said = world.say(&["approve", BOOKED, "--by", "Ada"]);
    assert_eq!((said.err.as_str(), said.code), ("", 0));
    assert_eq!(
        said.out,
        format!("call 1 is approved\nnothing waits any more; go on with: cicerone resume {BOOKED} -- PROGRAM\n")
    );
    assert_eq!(last_entry(&world, BOOKED)["decision"]["decision"], "approve");
    assert_eq!(last_entry(&world, BOOKED)["by"], "Ada");
    let Said { out, err, code } = world.say(&["deny", BOOKED, "1"]);
    assert_eq!((out.as_str(), code), ("", 1));
    assert_snapshot!(err, @r#"error: call 1, book_flight(flight: "AB 1"), was approved already by Ada"#);
}

#[test]
fn other_arguments_an_answer_and_a_reason_are_kept() {
    for (args, decision) in [
        (&["approve", BOOKED, "--args", r#"{"flight":"AB 2"}"#][..], r#"{"args":{"flight":"AB 2"},"decision":"edit"}"#),
        (&["approve", BOOKED, "--output", r#"{"id":7}"#], r#"{"decision":"answer","output":{"id":7}}"#),
        (&["deny", BOOKED, "--reason", "too dear"], r#"{"decision":"deny","reason":"too dear"}"#),
    ] {
        let world = waiting();
        assert_eq!(world.say(args).code, 0, "{args:?}");
        let expected: Value = serde_json::from_str(decision).unwrap();
        assert_eq!(last_entry(&world, BOOKED)["decision"], expected);
    }
}

#[test]
fn what_became_of_a_call_is_resolved() {
    let world = waiting();
    assert_snapshot!(world.say(&["approve", OPEN]).err, @r#"
    error: nothing in run 0193b000-0000-7aaa-8bbb-0123456789ab waits for that
      call 1, book_flight(flight: "AB 1"): `book_flight` can't tell
    "#);
    let said = world.say(&["resolve", OPEN, "--not-done", "--json"]);
    let object: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&object["call"], object["waiting"].as_array().unwrap().len()), (&Value::from(1), 0));
    assert_eq!(last_entry(&world, OPEN)["resolution"]["resolution"], "not_done");
}

#[test]
fn a_call_that_is_not_there_is_an_error() {
    let world = waiting();
    let said = world.say(&["approve", BOOKED, "7"]);
    assert_eq!(said.code, 1);
    assert!(
        said.err.starts_with("error: run 0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2a47 has no call 7; what waits is call 1"),
        "{}",
        said.err
    );
}
