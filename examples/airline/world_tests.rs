//! What the file of writes keeps.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::tools::testing::{record, tables};

fn rename(name: &'static str) -> impl FnOnce(&mut Draft<'_>) -> Done {
    move |draft| {
        draft.put_user("ada", record(json!({ "name": name, "amount": 250.0 })));
        Ok(format!("now {name}"))
    }
}

fn open(folder: &TempDir) -> World {
    World::open(&tables(), &folder.path().join("writes")).unwrap()
}

#[test]
fn a_write_is_found_again_by_its_key() {
    let folder = TempDir::new().unwrap();
    let world = open(&folder);
    assert_eq!(world.write("k", rename("Ada L.")).unwrap(), Ok("now Ada L.".to_owned()));
    drop(world);
    let world = open(&folder);
    assert_eq!(world.done("k"), Some(Ok("now Ada L.".to_owned())));
    assert_eq!((world.done("l"), world.writes()), (None, 1));
    let amount = world.difference()["users"]["ada"]["amount"].clone();
    assert_eq!(amount, json!(250.0), "a float stays one");
    let again = world.write("k", rename("Eve")).unwrap_err();
    assert_eq!(again.to_string(), "the write k was made already");
}

#[test]
fn a_line_that_was_cut_off_is_a_write_that_was_not_made() {
    let folder = TempDir::new().unwrap();
    let world = open(&folder);
    world.write("1", rename("Ada L.")).unwrap().unwrap();
    let whole = fs::read(folder.path().join("writes")).unwrap();
    world.write("2", rename("Eve")).unwrap().unwrap();
    let both = fs::read(folder.path().join("writes")).unwrap();
    drop(world);
    for length in whole.len()..both.len() {
        fs::write(folder.path().join("writes"), &both[..length]).unwrap();
        let world = open(&folder);
        assert_eq!((world.writes(), world.done("2")), (1, None), "cut to {length} of {} bytes", both.len());
        world.write("2", rename("Eve")).unwrap().unwrap();
        assert_eq!(fs::read(folder.path().join("writes")).unwrap(), both);
    }
}

#[test]
fn a_line_that_is_no_write_is_named() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("writes"), "{}\n").unwrap();
    let error = World::open(&tables(), &folder.path().join("writes")).unwrap_err().to_string();
    assert!(error.contains("writes, line 1: missing field `key`"), "{error}");
}

#[test]
fn a_refusal_is_remembered_only_if_it_changed_something() {
    let folder = TempDir::new().unwrap();
    let world = open(&folder);
    let refused = world.write("1", |_| Err(Refusal::new("no"))).unwrap();
    assert_eq!((refused, world.done("1")), (Err(Refusal::new("no")), None));
    let halfway = |draft: &mut Draft<'_>| {
        rename("Ada L.")(draft)?;
        Err(Refusal::missing("P"))
    };
    assert_eq!(world.write("1", halfway).unwrap(), Err(Refusal::missing("P")));
    drop(world);
    let world = open(&folder);
    let unreached = |_: &mut Draft<'_>| Ok("made again".to_owned());
    assert_eq!(world.write("1", unreached).unwrap(), Err(Refusal::missing("P")));
    assert_eq!((world.writes(), world.difference()["users"]["ada"]["name"].clone()), (0, json!("Ada L.")));
}

#[test]
fn a_record_that_is_as_it_was_is_no_difference() {
    let folder = TempDir::new().unwrap();
    let world = open(&folder);
    let before = tables().users["ada"].clone();
    let same = |draft: &mut Draft<'_>| {
        draft.put_user("ada", record(before));
        Ok(String::new())
    };
    world.write("1", same).unwrap().unwrap();
    assert_eq!(world.difference(), json!({ "users": {}, "reservations": {}, "flights": {} }));
    assert!(matches!(world.look(|draft| Ok(draft.user("ada").is_some().to_string())), Ok(known) if known == "true"));
    assert_ne!(json!(5), Value::from(5.0), "kinds of numbers are told apart");
}
