//! The folder with the airline's data and the recorded conversations.

use std::{fs, path::Path, sync::Arc};

use serde_json::Value;

use crate::{
    recording::Recording,
    tables::{Table, Tables},
};

/// What the folder holds.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) tables: Arc<Tables>,
    pub(crate) policy: String,
    pub(crate) recordings: Vec<Recording>,
}

impl Folder {
    /// Reads the folder.
    ///
    /// # Errors
    /// Which file can't be read, in which line, and why.
    pub(crate) fn read(place: &Path) -> Result<Self, String> {
        if !place.is_dir() {
            return Err(format!("{} is no folder; give the one that holds runs.jsonl", place.display()));
        }
        let tables = Tables {
            users: table(&place.join("users.json"), &["payment_methods", "reservations"])?,
            reservations: table(&place.join("reservations.json"), &["user_id", "flights", "passengers"])?,
            flights: table(&place.join("flights.json"), &["origin", "destination", "dates"])?,
        };
        let policy = text(&place.join("policy.md"))?;
        Ok(Self { tables: Arc::new(tables), policy, recordings: recordings(&place.join("runs.jsonl"))? })
    }
}

fn text(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("{} can't be read: {error}", file.display()))
}

/// A table whose records have at least these fields.
fn table(file: &Path, fields: &[&str]) -> Result<Table, String> {
    let place = file.display();
    // The error says line and column.
    let table: Table = serde_json::from_str(&text(file)?).map_err(|error| format!("{place}: {error}"))?;
    for (id, record) in &table {
        let lacks = fields.iter().find(|field| record.get(field).is_none_or(Value::is_null));
        if let Some(field) = lacks {
            return Err(format!("{place}: the record `{id}` has no field `{field}`"));
        }
    }
    Ok(table)
}

fn recordings(file: &Path) -> Result<Vec<Recording>, String> {
    let place = file.display();
    let text = text(file)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = lines.map(|(at, line)| Recording::read(line).map_err(|why| format!("{place}, line {}: {why}", at + 1)));
    let recordings = read.collect::<Result<Vec<_>, _>>()?;
    if recordings.is_empty() { Err(format!("{place} holds no recorded run")) } else { Ok(recordings) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    const RUN: &str = r#"{"task_id": 1, "trial": 0, "turns": [{"role": "user", "text": "Hi"}], "final_state": {}}"#;

    fn folder(files: &[(&str, &str)]) -> TempDir {
        let folder = TempDir::new().unwrap();
        let whole =
            [("users.json", "{}"), ("reservations.json", "{}"), ("flights.json", "{}"), ("policy.md", "Be kind.")];
        for (name, text) in whole.iter().chain([("runs.jsonl", RUN)].iter()).chain(files) {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn the_order_of_keys_and_the_kinds_of_numbers_are_kept() {
        let users = r#"{"z": {"payment_methods": {}, "reservations": [], "b": 1, "a": 1.0}, "a": {"payment_methods": {}, "reservations": []}}"#;
        let folder = folder(&[("users.json", users)]);
        let read = Folder::read(folder.path()).unwrap();
        assert_eq!(Value::Object(read.tables.users.clone()).to_string(), users.replace(": ", ":").replace(", ", ","));
        assert_eq!((read.policy.as_str(), read.recordings.len()), ("Be kind.", 1));
    }

    #[test]
    fn what_is_wrong_is_said_with_file_and_line() {
        for (file, text, why) in [
            ("users.json", "{\n\"a\": {,}}", "users.json: key must be a string at line 2 column 7"),
            ("flights.json", "[]", "flights.json: invalid type: sequence, expected a map at line 1 column 0"),
            ("flights.json", r#"{"F1": {"origin": "X"}}"#, "flights.json: the record `F1` has no field `destination`"),
            ("reservations.json", r#"{"R1": 7}"#, "reservations.json: the record `R1` has no field `user_id`"),
            ("runs.jsonl", "", "runs.jsonl holds no recorded run"),
            ("runs.jsonl", "{\"task_id\": 1}\n", "runs.jsonl, line 1: missing field `trial` at line 1 column 14"),
        ] {
            let folder = folder(&[(file, text)]);
            let said = Folder::read(folder.path()).unwrap_err();
            assert!(said.ends_with(why), "{said}");
        }
        let torn = folder(&[("runs.jsonl", &format!("{RUN}\n\n{}", RUN.split_at(40).0))]);
        let said = Folder::read(torn.path()).unwrap_err();
        assert!(said.contains("runs.jsonl, line 3: EOF while parsing"), "{said}");
        let lacking = TempDir::new().unwrap();
        let said = Folder::read(lacking.path()).unwrap_err();
        assert!(said.contains("users.json can't be read"), "{said}");
        let said = Folder::read(&lacking.path().join("none")).unwrap_err();
        assert!(said.ends_with("none is no folder; give the one that holds runs.jsonl"), "{said}");
    }
}
