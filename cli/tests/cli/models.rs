//! `cicerone models`.

use std::fs;

use insta::assert_snapshot;

use crate::world::World;

const FILE: &str = "models/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf";

#[test]
fn the_list_says_what_is_here() {
    let world = World::empty();
    assert_snapshot!(world.say(&["models", "list"]).out, @"
    MODEL               SIZE     LICENCE     STATUS  PATH
    qwen2.5-coder-1.5b  1.12 GB  Apache-2.0  absent  [folder]/models/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf
    ");

    fs::create_dir(world.path("models")).unwrap();
    fs::write(world.path(&format!("{FILE}.partial")), vec![0; 12_000_000]).unwrap();
    assert!(world.say(&["models", "list"]).out.contains("  partial, 1 %  "));

    fs::write(world.path(FILE), "").unwrap();
    assert!(world.say(&["models", "list"]).out.contains("  in the cache, not verified yet  "));
}

#[test]
fn the_path_is_printed_of_what_is_here() {
    let world = World::empty();
    let absent = world.say(&["models", "path", "default"]);
    assert_snapshot!(absent.err, @"error: the model `qwen2.5-coder-1.5b` is not here; `cicerone models pull qwen2.5-coder-1.5b` downloads it");
    assert_eq!((absent.out.as_str(), absent.code), ("", 1));

    fs::create_dir(world.path("models")).unwrap();
    fs::write(world.path(&format!("{FILE}.partial")), vec![0; 12_000_000]).unwrap();
    assert_snapshot!(world.say(&["models", "path", "default"]).err, @"error: only 1 % of the model `qwen2.5-coder-1.5b` is here; `cicerone models pull qwen2.5-coder-1.5b` downloads the rest");

    fs::write(world.path(FILE), "").unwrap();
    assert_eq!(world.say(&["models", "path", "default"]).out, format!("[folder]/{FILE}\n"));
}

#[test]
fn a_name_that_is_not_in_the_list_is_guessed() {
    let world = World::empty();
    for command in ["path", "pull"] {
        let said = world.say(&["models", command, "qwen2.5-codr-1.5b"]);
        assert_eq!(said.err, "error: unknown model `qwen2.5-codr-1.5b`; did you mean `qwen2.5-coder-1.5b`?\n");
        assert_eq!(said.code, 1);
    }
}

#[test]
fn a_pull_that_finds_no_source_says_why() {
    let world = World::empty();
    // Neither the hub nor a Python.
    let said = world.said(world.command().env("PATH", "").args(["models", "pull", "default"]));
    assert_eq!((said.out.as_str(), said.code), ("", 1));
    assert!(said.err.contains("error: no source has the model `qwen2.5-coder-1.5b`"), "{}", said.err);
    assert!(said.err.contains("HF_HUB_OFFLINE"), "{}", said.err);
}
