//! `cicerone follow` and `cicerone replay`.

use insta::assert_snapshot;

use crate::world::{BOOKED, World, waiting};

#[test]
fn a_run_that_has_ended_is_followed_to_its_end() {
    let world = World::with_runs();
    let shown = world.say(&["show", BOOKED]).out;
    let (_, steps) = shown.split_once('\n').unwrap();
    let followed = world.say(&["follow", BOOKED]);
    assert_eq!(followed.out.split_once('\n').unwrap().1, steps);
    assert_eq!(world.say(&["follow", BOOKED, "--json"]).out, world.say(&["show", BOOKED, "--json"]).out);
}

#[test]
fn a_run_that_waits_is_followed_to_there() {
    let said = waiting().say(&["follow", BOOKED]);
    assert_snapshot!(said.out, @r#"
    run 0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2a47
        0.00 s  task: Book AB 1
                plan_execute with qwen2.5-coder-1.5b
        0.01 s  asked: book_flight(flight: "AB 1")
    waits: call 1, book_flight(flight: "AB 1")
           cicerone approve 0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2a47 1
    "#);
}

#[test]
fn a_run_is_replayed_at_any_speed() {
    let world = World::with_runs();
    let steps = |args: &[&str]| world.say(args).out;
    let at_once = steps(&["replay", BOOKED, "--speed", "0"]);
    assert_eq!(at_once, steps(&["follow", BOOKED]));
    let begun = std::time::Instant::now();
    assert_eq!(steps(&["replay", BOOKED, "--speed", "10"]), at_once);
    assert!(begun.elapsed().as_millis() >= 290, "3 s, ten times as fast");
}
