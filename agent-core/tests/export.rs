//! Journals that leave a memory, and come back or become examples.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test may panic"
)]

mod common;

use std::collections::BTreeMap;

use cicerone_core::{
    ErrorKind, RunId,
    event::{CallId, End, Entry, Event, ToolResult},
    export::{FineTuning, Place, each_text, read_journal, write_journal},
    memory::{InProcess, Memory, RunFilter},
    trace::Trace,
};
use common::{
    journal::assert_sound,
    shapes::{self, shape},
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn exported(trace: &Trace) -> String {
    let mut file = Vec::new();
    write_journal(trace, &mut file).unwrap();
    String::from_utf8(file).unwrap()
}

#[tokio::test]
async fn each_shape_of_journal_comes_back_as_it_was() {
    for shape in shapes::all() {
        let (trace, ..) = shape.run().await;
        let file = exported(&trace);
        assert_eq!(file.lines().count(), trace.entries().len() + 1);
        let journal = read_journal("run.jsonl", file.as_bytes()).unwrap();
        assert_eq!(*journal.trace(), trace);
        assert_eq!(exported(journal.trace()), file, "byte for byte");
        let memory = InProcess::default();
        assert_eq!(journal.keep_in(&memory).await.unwrap(), *trace.run());
        assert_eq!(memory.read(trace.run(), 0).await.unwrap(), trace.entries());
        let replay = shape.mute(memory.clone()).replay(*trace.run()).await.unwrap();
        assert_eq!(replay.divergence, None);

        let again = journal.keep_in(&memory).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::Conflict);
        let expected = format!("run {} is in this memory already; nothing was imported", trace.run());
        assert_eq!(again.to_string(), expected);
        assert_eq!(memory.read(trace.run(), 0).await.unwrap().len(), trace.entries().len());
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_imported_says_which_line_and_why() {
    let (trace, ..) = shape("plan_interrupted_while_asking").run().await;
    let file = exported(&trace);
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines.len(), 3);
    let [header, started, asked] = lines[..] else { panic!("{file}") };
    let read = |text: String| {
        let error = read_journal("trips.jsonl", text.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Memory);
        let said = error.to_string().replace(&trace.run().to_string(), "R");
        // Not all kinds of events, of which there will be more.
        match said.split_once(", expected one of ").and_then(|(said, kinds)| Some((said, kinds.rsplit_once(" at ")?.1)))
        {
            Some((said, place)) => format!("{said} at {place}"),
            None => said,
        }
    };
    let newer = header.replace("\"cicerone_journal\":1", "\"cicerone_journal\":2").replace("\"events\"", "\"entries\"");
    let newer_run = started.replace("\"format\":1", "\"format\":3");
    let all = [
        read(String::new()),
        read("\n".to_owned()),
        read(format!("{started}\n{asked}\n")),
        read(format!("{newer}\n{started}\nwhatever a newer version writes\n")),
        read(format!("{header}\n{newer_run}\n{asked}\n")),
        read(format!("{header}\n{started}\n")),
        read(format!("{header}\n")),
        read(format!("{header}\n{started}\n{}", &asked[..40])),
        read(format!("{header}\n{started}\n{}\n", asked.replace("model_asked", "model_questioned"))),
        read(format!("{header}\n{started}\n{asked}\n{asked}\n")),
        read(format!("{header}\n{asked}\n{started}\n")),
        read(format!("{header}\n{started}\n{started}\n")),
        read(format!("{header}\n{started}\n\n{asked}\n")),
    ];
    insta::assert_snapshot!(all.join("\n"), @r"
    `trips.jsonl`, line 1: the file is empty
    `trips.jsonl`, line 1: this is not the first line of an exported journal: EOF while parsing a value at line 1 column 0; a journal begins with its version, its run and its length
    `trips.jsonl`, line 1: this is not the first line of an exported journal: missing field `cicerone_journal` at line 1 column 334; a journal begins with its version, its run and its length
    `trips.jsonl`, line 1: a newer version wrote it, in format 2; this one reads up to 1; update to import it
    `trips.jsonl`, line 2: run R was written by a newer version, in format 3; this one reads formats up to 1; update to read it
    `trips.jsonl`, line 2: the file ends after 1 of 2 events: it was cut off; export the run again
    `trips.jsonl`, line 1: the file ends after 0 of 2 events: it was cut off; export the run again
    `trips.jsonl`, line 3: this is no event of a journal: EOF while parsing a string at line 1 column 40
    `trips.jsonl`, line 3: this is no event of a journal: unknown variant `model_questioned` at line 1 column 257
    `trips.jsonl`, line 4: the journal has 2 events, and this is one more
    `trips.jsonl`, line 2: a journal begins with `run_started`, and has it once
    `trips.jsonl`, line 3: a journal begins with `run_started`, and has it once
    `trips.jsonl`, line 3: this is no event of a journal: EOF while parsing a value at line 1 column 0
    ");

    let bytes = read_journal("trips.jsonl", &b"\xff\xfe\n"[..]).unwrap_err().to_string();
    assert!(bytes.starts_with("`trips.jsonl`, line 1: it can't be read: "), "{bytes}");
}

#[tokio::test]
async fn wherever_a_file_is_cut_nothing_is_imported() {
    let (trace, ..) = shape("react").run().await;
    let file = exported(&trace);
    // The last line's own end may be missing: nothing is lost with it.
    for cut in (0..file.len() - 1).step_by(13) {
        let error = read_journal("torn.jsonl", &file.as_bytes()[..cut]).unwrap_err();
        assert!(error.to_string().starts_with("`torn.jsonl`, line "), "cut at {cut}: {error}");
    }
    assert!(read_journal("whole.jsonl", &file.as_bytes()[..file.len() - 1]).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_stands_in_a_journal_comes_back(values in proptest::collection::vec(value(), 1..8), time: u64) {
        let first = started();
        let entries = [first].into_iter().chain(values.into_iter().enumerate().map(|(at, (text, output))| {
            let event = if at % 2 == 0 {
                let result = ToolResult::Output { output };
                Event::ToolReturned { call: CallId(at as u32), result, milliseconds: time }
            } else {
                // `null` is how a journal says that there is no typed output.
                Event::Finished(End::Completed { answer: text, output: Some(output).filter(|output| !output.is_null()) })
            };
            Entry { time, event }
        }));
        let trace = Trace::new(RunId::new(), entries.collect());
        let file = exported(&trace);
        let read = read_journal("any.jsonl", file.as_bytes()).unwrap();
        prop_assert_eq!(read.trace(), &trace);
        prop_assert_eq!(exported(read.trace()), file);
    }
}

/// A text with whatever characters, and a JSON value with such texts and any number.
fn value() -> impl Strategy<Value = (String, Value)> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    (any::<String>(), value)
}

fn started() -> Entry {
    let model = json!({"name": "m", "provider": "p", "context_window": null, "grammar": false, "json_schema": false, "images": false});
    serde_json::from_value(json!({
        "time": 0, "event": "run_started", "format": 1, "task": "Rome", "mentions": [], "history": [],
        "policy": "react", "model": model, "tools": [], "output_schema": null,
    }))
    .unwrap()
}

/// Each call of an example has exactly one result, right behind the message that it stands in.
fn assert_calls_are_answered(example: &Value) {
    let mut open: BTreeMap<String, u32> = BTreeMap::new();
    for message in example["messages"].as_array().unwrap() {
        match message["role"].as_str().unwrap() {
            "tool" => {
                let id = message["tool_call_id"].as_str().unwrap();
                assert_eq!(open.remove(id), Some(0), "{message}");
                assert!(message["content"].is_string());
            }
            role => {
                assert!(open.is_empty(), "{open:?} before {message}");
                let calls =
                    message.get("tool_calls").map(|calls| calls.as_array().unwrap().clone()).unwrap_or_default();
                assert!(calls.is_empty() || role == "assistant");
                assert!(!calls.is_empty() || message["content"].is_string());
                for call in calls {
                    assert_eq!(call["type"], "function");
                    let args: Value = serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
                    assert!(args.is_object());
                    let id = call["id"].as_str().unwrap().to_owned();
                    assert!(open.insert(id, 0).is_none());
                }
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[tokio::test]
async fn a_run_becomes_an_example_whatever_planned_it() {
    for name in ["plan_approved", "react"] {
        let shape = shape(name);
        let (trace, memory, _) = shape.run().await;
        let agent = shape.mute(memory);
        let training = FineTuning::new(agent.kit().tools.specs()).system("You book flights.");
        let example = training.example(&trace).unwrap().unwrap();
        assert_calls_are_answered(&example);
        assert_eq!(example["tools"].as_array().unwrap().len(), 3);
        assert_eq!(example["tools"][1]["function"]["name"], "book");
        assert_eq!(example["tools"][1]["function"]["parameters"]["required"], json!(["flight", "passenger"]));
        insta::assert_json_snapshot!(format!("the_example_of_{name}"), example["messages"]);
    }
}

#[tokio::test]
async fn what_was_tried_in_vain_is_no_example() {
    let (trace, memory, _) = shape("plan_at_the_second_try").run().await;
    let (straight, ..) = shape("plan_approved").run().await;
    let training = FineTuning::new(shape("react").mute(memory).kit().tools.specs());
    assert_eq!(training.example(&trace).unwrap(), training.example(&straight).unwrap());
}

#[tokio::test]
async fn runs_that_ended_with_an_answer_are_taken_or_those_that_are_wanted() {
    let memory = InProcess::default();
    let mut specs = Vec::new();
    for shape in shapes::all() {
        let (trace, ..) = shape.run().await;
        assert_sound(trace.entries());
        memory.append(trace.run(), 0, trace.entries()).await.unwrap();
        specs = shape.mute(InProcess::default()).kit().tools.specs().to_vec();
    }
    let export = async |training: FineTuning| {
        let mut file = Vec::new();
        let count = training.export(&memory, &RunFilter::default(), &mut file).await.unwrap();
        let lines: Vec<Value> =
            String::from_utf8(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        lines.iter().for_each(assert_calls_are_answered);
        assert_eq!(lines.len() as u64, count);
        lines
    };
    let well = export(FineTuning::new(&specs)).await;
    assert_eq!(well.len(), 5);
    let all = export(FineTuning::new(&specs).keep(|_| true)).await;
    assert_eq!(all.len(), shapes::all().len());
    let asked =
        |trace: &Trace| matches!(&trace.entries().last().unwrap().event, Event::Finished(End::NeedsInput { .. }));
    let asked = export(FineTuning::new(&specs).keep(asked)).await;
    assert_eq!(asked.len(), 1);
    let last = asked[0]["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(last["role"], "assistant");
    assert!(last["content"].as_str().unwrap().contains("found nothing"), "{last}");

    let fewer = FineTuning::new(&specs[..1]);
    let error = fewer.export(&memory, &RunFilter::default(), &mut Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("called `book`, which is not among the tools; give the tools of"), "{error}");
}

#[tokio::test]
async fn nothing_leaves_that_is_redacted() {
    let (trace, memory, _) = shape("react").run().await;
    let training = FineTuning::new(shape("react").mute(memory).kit().tools.specs())
        .system("Ask Ada.")
        .redact(|place, value| match place {
            Place::Argument { tool: "book", name: "passenger" } => *value = json!("PASSENGER"),
            Place::Output { tool: "book" } => *value = json!({"reference": "REFERENCE"}),
            _ => {}
        })
        .redact(|_, value| {
            each_text(value, &mut |text| *text = text.replace("Ada", "NAME").replace("Athens", "PLACE"))
        });
    let example = training.example(&trace).unwrap().unwrap();
    assert_calls_are_answered(&example);
    let text = example["messages"].to_string();
    assert!(!text.contains("Ada") && !text.contains("Athens") && !text.contains("[book"), "{text}");
    for expected in ["PASSENGER", "REFERENCE", "Ask NAME.", "Rome to PLACE"] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}
