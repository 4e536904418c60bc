//! A folder with a store of journals in it, and the command to look at it.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use cicerone::{
    RunId,
    event::Entry,
    memory::{Memory as _, Sqlite},
};
use serde_json::{Value, json};

/// Two runs of one moment, whose ids differ at the end alone, and a later one.
pub(crate) const BOOKED: &str = "0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2a47";
pub(crate) const ASKED: &str = "0193a5c1-7e2b-7c4e-9a0f-3d1f5b8e2b48";
pub(crate) const OPEN: &str = "0193b000-0000-7aaa-8bbb-0123456789ab";

/// 2026-12-01 09:00:00 UTC.
const NINE: u64 = 1_796_115_600_000;

/// The folder; it is gone when this is dropped.
pub(crate) struct World {
    folder: tempfile::TempDir,
}

/// What a command left.
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

impl World {
    /// A folder without a file.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder with three runs in `cicerone.db`.
    pub(crate) fn with_runs() -> Self {
        let world = Self::empty();
        world.keep("cicerone.db", &[(BOOKED, booked()), (ASKED, asked()), (OPEN, open())]);
        world
    }

    /// Keeps journals in a store of this folder.
    pub(crate) fn keep(&self, file: &str, journals: &[(&str, Value)]) {
        let store = Sqlite::open(self.path(file)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for (id, entries) in journals {
            let run: RunId = id.parse().unwrap();
            let entries: Vec<Entry> = serde_json::from_value(entries.clone()).unwrap();
            runtime.block_on(store.append(&run, 0, &entries)).unwrap();
        }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let files = self.folder.path().read_dir().unwrap();
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The command, in this folder, with nothing of the real user's.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::cargo_bin("cicerone").unwrap();
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("CICERONE_CACHE", self.folder.path())
            .env("HF_HUB_OFFLINE", "1");
        command
    }

    pub(crate) fn say(&self, args: &[&str]) -> Said {
        self.said(self.command().args(args))
    }

    pub(crate) fn said(&self, command: &mut Command) -> Said {
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| self.without_place(&String::from_utf8(bytes).unwrap());
        Said { out: text(output.stdout), err: text(output.stderr), code: output.status.code().unwrap() }
    }

    fn without_place(&self, text: &str) -> String {
        let place: &Path = self.folder.path();
        text.replace(&place.display().to_string(), "[folder]")
    }
}

/// A run in which a person is asked about a call, and one in which nobody knows what became of a call.
pub(crate) fn waiting() -> World {
    let world = World::empty();
    let call = |time, event: &str, effect: Option<&str>| {
        let mut entry = json!({
            "time": time, "event": event, "call": 1, "step": null, "model_call": null, "tool": "book_flight",
            "args": { "flight": "AB 1" }, "key": "0193a5c1",
        });
        entry["effect"] = json!(effect);
        entry
    };
    let asks = json!([started(NINE, "Book AB 1"), call(NINE + 5, "approval_asked", None)]);
    let unknown = json!([
        started(NINE, "Book AB 1 at last"),
        call(NINE + 5, "tool_intended", Some("once")),
        { "time": NINE + 9, "event": "outcome_unknown", "call": 1, "reason": "`book_flight` can't tell" },
    ]);
    world.keep("cicerone.db", &[(BOOKED, asks), (OPEN, unknown)]);
    world
}

/// The first entry of a run with this task.
pub(crate) fn started(time: u64, task: &str) -> Value {
    json!({
        "time": time, "event": "run_started", "format": 1, "task": task, "mentions": [], "history": [],
        "policy": "plan_execute", "tools": ["search_flights", "book_flight"], "output_schema": null,
        "model": {
            "name": "qwen2.5-coder-1.5b", "provider": "mistral.rs", "context_window": 32768,
            "grammar": true, "json_schema": true, "images": false,
        },
    })
}

fn booked() -> Value {
    json!([
        started(NINE, "Book the cheapest flight to Málaga\non 3 December"),
        {
            "time": NINE + 10, "event": "model_asked", "call": 1, "purpose": "plan", "kept": 0,
            "messages": [{ "role": "system", "parts": [{ "type": "text", "text": "Plan the calls." }] }],
        },
        {
            "time": NINE + 1740, "event": "model_answered", "call": 1,
            "response": {
                "parts": [{ "type": "text", "text": "f = search_flights(\"AGP\")\nbook_flight(f.lowest.id)" }],
                "usage": { "prompt_tokens": 812, "computed_prompt_tokens": 40, "output_tokens": 96, "milliseconds": 1730 },
                "finish": "stop", "means": "constrained",
            },
        },
        {
            "time": NINE + 1800, "event": "tool_intended", "call": 1, "step": null, "model_call": null,
            "tool": "book_flight", "args": { "flight": "AB 1", "seats": 2 }, "effect": "once", "key": "0193a5c1-7e2b-1",
        },
        {
            "time": NINE + 2040, "event": "tool_returned", "call": 1, "milliseconds": 240,
            "result": { "result": "output", "output": { "reference": "X7K2" } },
        },
        { "time": NINE + 3000, "event": "finished", "end": "completed", "answer": "Booked: X7K2.", "output": null },
    ])
}

fn asked() -> Value {
    let end = json!({ "time": NINE + 75_000, "event": "finished", "end": "needs_input", "questions": ["From where?"] });
    json!([started(NINE, "Book a flight"), end])
}

fn open() -> Value {
    json!([started(NINE + 86_400_000, "Find a hotel in Lisbon")])
}
