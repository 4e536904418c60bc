//! Journals of each released format: they are read, replay, and go on.
//!
//! The files are not written anew when the code changes; what they hold has to stay readable. To add those of shapes
//! that have none: `GOLDEN=write cargo test -p cicerone-core --test golden`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test may panic"
)]

mod common;

use std::{fs, path::PathBuf};

use cicerone_core::{
    ErrorKind, RunId,
    agent::Outcome,
    event::{Entry, Event, FORMAT_VERSION},
    export::{Journal, read_journal, write_journal},
    memory::InProcess,
    state::key_of,
    tool::Effect,
    trace::Trace,
};
use common::{
    journal::assert_sound,
    shapes::{self, Shape},
    world::{World, yes},
};
use serde_json::Value;

/// The shapes whose runs do not depend on chance.
fn golden() -> Vec<Shape> {
    shapes::all().into_iter().filter(|shape| shape.name != "plan_cancelled").collect()
}

fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("v{FORMAT_VERSION}"));
    folder.join(format!("{name}.jsonl"))
}

fn read(name: &str) -> Journal {
    let path = file(name);
    let text =
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; write it with GOLDEN=write", path.display()));
    read_journal(name, &text[..]).unwrap_or_else(|error| panic!("{error}"))
}

/// The same run, as if it had been made at a fixed time under a fixed name.
fn settled(trace: &Trace, number: usize) -> Trace {
    let run: RunId = format!("0193a5c1-7e2b-7c4e-9a0f-{number:012}").parse().unwrap();
    let mut begun: Vec<(String, Value)> = Vec::new();
    let settle = |(at, entry): (usize, &Entry)| {
        let mut event = entry.event.clone();
        match &mut event {
            Event::ToolIntended { planned, key, effect } => {
                let action = (planned.tool.clone(), planned.args.clone());
                let before = begun.iter().filter(|known| **known == action).count();
                *key = key_of(&run, &planned.tool, &planned.args, if *effect == Effect::Read { before } else { 0 });
                begun.push(action);
            }
            Event::ApprovalAsked { planned, key, .. } => *key = Some(key_of(&run, &planned.tool, &planned.args, 0)),
            Event::ApprovalGiven { key: Some(key), call, .. } => {
                let asked = trace.entries().iter().find_map(|entry| match &entry.event {
                    Event::ApprovalAsked { planned, .. } if planned.call == *call => Some(planned),
                    _ => None,
                });
                *key = asked.map(|planned| key_of(&run, &planned.tool, &planned.args, 0)).unwrap();
            }
            Event::ToolReturned { milliseconds, .. } => *milliseconds = 7,
            Event::ModelAnswered { response, .. } => response.usage.milliseconds = 900,
            _ => {}
        }
        Entry { time: 1_796_115_600_000 + 250 * at as u64, event }
    };
    Trace::new(run, trace.entries().iter().enumerate().map(settle).collect())
}

/// Writes the files that are missing, if it is told to.
async fn write() {
    if std::env::var_os("GOLDEN").is_none_or(|what| what != "write") {
        return;
    }
    for (number, shape) in golden().iter().enumerate() {
        let path = file(shape.name);
        if !path.exists() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let (trace, ..) = shape.run().await;
            write_journal(&settled(&trace, number), &mut fs::File::create(path).unwrap()).unwrap();
        }
    }
}

#[tokio::test]
async fn each_journal_is_read_replayed_and_goes_on() {
    write().await;
    let mut open = 0;
    for shape in golden() {
        let journal = read(shape.name);
        let entries = journal.trace().entries();
        assert_sound(entries);
        let memory = InProcess::default();
        let run = journal.keep_in(&memory).await.unwrap();
        let replay = shape.mute(memory.clone()).replay(run).await.unwrap();
        assert_eq!(replay.divergence, None, "{}: {replay}", shape.name);

        // What was written by the process that is gone is in the world; of what it was about to write the tool knows
        // nothing.
        let agent = shape.builder(shape.model(shapes::answered(entries)), &World::default(), memory).approver(yes);
        let went_on = agent.build().unwrap().resume(run).await;
        if shape.name == "plan_failed" {
            assert_eq!(went_on.unwrap_err().kind(), ErrorKind::Tool);
            continue;
        }
        let went_on = went_on.unwrap_or_else(|error| panic!("{}: {error}", shape.name));
        assert_eq!(went_on.trace.entries()[..entries.len()], *entries, "{}", shape.name);
        match went_on.outcome {
            Outcome::NeedsInput(_) => assert_eq!(shape.name, "plan_needs_input"),
            Outcome::Completed(_) => {}
            outcome => panic!("{}: {outcome:?}", shape.name),
        }
        open += usize::from(!matches!(entries.last().unwrap().event, Event::Finished(_)));
        common::journal::entries(&went_on);
    }
    assert_eq!(open, 5, "journals of runs that have not ended are among them");
}

#[test]
fn each_journal_is_written_back_as_it_is() {
    // A field that is new in this version stays away where it says nothing, so older versions can read it still.
    for shape in golden() {
        let mut written = Vec::new();
        write_journal(read(shape.name).trace(), &mut written).unwrap();
        let (written, file) = (String::from_utf8(written).unwrap(), fs::read_to_string(file(shape.name)).unwrap());
        for (line, (written, file)) in written.lines().zip(file.lines()).enumerate() {
            assert_eq!(written, file, "{}, line {}", shape.name, line + 1);
        }
    }
}

#[tokio::test]
async fn a_journal_of_a_newer_format_is_refused() {
    let text = fs::read_to_string(file("react")).unwrap();
    let newer = text.replacen("\"cicerone_journal\":1", "\"cicerone_journal\":2", 1);
    let error = read_journal("react.jsonl", newer.as_bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`react.jsonl`, line 1: a newer version wrote it, in format 2; this one reads up to 1; update to import it"
    );

    // One that a newer version wrote into a memory.
    let journal = read("react");
    let mut entries = journal.trace().entries().to_vec();
    let Event::RunStarted(started) = &mut entries[0].event else { panic!("{:?}", entries[0]) };
    started.format = 2;
    let (memory, run) = (InProcess::default(), *journal.trace().run());
    cicerone_core::memory::Memory::append(&memory, &run, 0, &entries).await.unwrap();
    let agent = shapes::shape("react").mute(memory);
    let replayed = agent.replay(run).await.unwrap_err();
    let forked = agent.fork(run, 1).await.unwrap_err();
    let resumed = agent.resume(run).await.unwrap_err();
    for error in [replayed, forked, resumed] {
        assert_eq!(error.kind(), ErrorKind::Memory);
        assert!(error.to_string().contains("was written by a newer version, in format 2"), "{error}");
    }
}
