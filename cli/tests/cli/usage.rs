//! Exit codes, help and pipes.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::world::{OPEN, World, started};

#[test]
fn bad_usage_exits_with_2() {
    let world = World::empty();
    for args in [
        &[][..],
        &["resolve", "last"],
        &["replay", "last", "--speed", "-1"],
        &["approve", "last", "--args", "{"],
        &["fly"],
        &["show"],
        &["runs", "--status", "lost"],
        &["runs", "--limit", "0"],
    ] {
        let said = world.say(args);
        assert_eq!(said.code, 2, "{args:?}");
        assert!(said.out.is_empty() && !said.err.is_empty(), "{args:?}");
    }
}

#[test]
fn help_is_short() {
    assert_snapshot!(World::empty().say(&["--help"]).out, @"
    Models on this machine, and what agents have done

    Usage: cicerone <COMMAND>

    Commands:
      models    List, download and find models
      runs      List the runs of a journal, the newest first
      show      Show what a run did, step by step
      follow    Show what a run does while it does it, until it ends or waits for a person
      replay    Show what a run did in the time it took
      approve   Agree to a call that waits for it
      deny      Refuse a call that waits for approval
      resolve   Say what became of a call that was interrupted, and that its tool can't look up
      resume    Go on with a run, with the program that knows its tools
      rollback  Undo what a run did, with the program that knows its tools
      fork      Begin another run with the first events of a run, and something changed
      diff      Compare two runs; exits with 1 if they differ
      export    Write a run's journal as JSON Lines
      import    Keep a journal that was exported
      help      Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version
    ");
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let world = World::empty();
    // More than a pipe holds.
    let long = "a hotel, ".repeat(1000);
    let asked = |call: u32| {
        json!({
            "time": call, "event": "model_asked", "call": call, "purpose": "decide", "kept": 0,
            "messages": [{ "role": "user", "parts": [{ "type": "text", "text": long }] }],
        })
    };
    let entries: Vec<Value> = std::iter::once(started(0, "Find")).chain((1..100).map(asked)).collect();
    world.keep("cicerone.db", &[(OPEN, Value::from(entries))]);

    let mut child = Command::new(world.command().get_program())
        .args(["show", "last", "--json", "--db"])
        .arg(world.path("cicerone.db"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(line.starts_with('{'));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert!(output.status.success(), "{:?}", output.status);
}
