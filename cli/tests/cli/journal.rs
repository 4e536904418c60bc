//! Files that can't be looked into, and how the file is named.

use std::fs;

use insta::assert_snapshot;

use crate::world::World;

#[test]
fn a_missing_file_is_named_and_not_created() {
    let world = World::empty();
    let said = world.say(&["runs"]);
    assert_snapshot!(said.err, @"error: there is no file `cicerone.db`; name the file with --db or CICERONE_DB");
    assert_eq!(said.code, 1);
    assert_eq!(world.say(&["show", "last", "--db", "sub/trips.db"]).code, 1);
    assert!(world.files().is_empty(), "{:?}", world.files());
}

#[test]
fn a_database_nearby_is_suggested() {
    let world = World::empty();
    world.keep("travel.db", &[]);
    assert_snapshot!(world.say(&["runs"]).err, @"error: there is no file `cicerone.db`; did you mean `--db travel.db`?");
}

#[test]
fn the_environment_names_the_file_and_the_option_wins() {
    let world = World::empty();
    world.keep("trips.db", &[]);
    let named = world.said(world.command().env("CICERONE_DB", "trips.db").arg("runs"));
    assert_eq!(named.out, "no runs in trips.db\n");
    let both = world.said(world.command().env("CICERONE_DB", "trips.db").args(["runs", "--db", "other.db"]));
    assert!(both.err.contains("no file `other.db`"), "{}", both.err);
}

#[test]
fn other_files_are_refused_and_left_alone() {
    let world = World::empty();
    fs::write(world.path("notes.txt"), "Málaga, perhaps? ".repeat(100)).unwrap();
    assert_snapshot!(world.say(&["runs", "--db", "notes.txt"]).err, @"error: can't open `notes.txt`: the file is no SQLite database; give another path, or restore the file if it was one");

    let other = rusqlite::Connection::open(world.path("shop.sqlite")).unwrap();
    other.execute_batch("CREATE TABLE orders (id INTEGER)").unwrap();
    drop(other);
    assert_snapshot!(world.say(&["runs", "--db", "shop.sqlite"]).err, @"error: can't open `[folder]/shop.sqlite`: it is another program's database; give another path");

    fs::write(world.path("empty"), "").unwrap();
    assert_snapshot!(world.say(&["runs", "--db", "empty"]).err, @"error: `empty` is empty: no agent has kept a journal in it; name the file with --db or CICERONE_DB");
    assert_eq!(fs::metadata(world.path("empty")).unwrap().len(), 0);

    assert_snapshot!(world.say(&["runs", "--db", "."]).err, @"error: can't open `.`: it is a folder; give a file in it, such as `./runs.db`");
}
