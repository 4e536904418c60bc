//! Cases about what an entry may hold.

use std::sync::Arc;

use cicerone_core::{RunId, event::Entry, memory::Memory};
use serde_json::{Value, json};

use super::{
    failure::{Flaw, ensure},
    samples,
};

pub(super) async fn every_kind<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    // In one append, and one by one: backends tend to have two paths.
    let entries = samples::every_kind()?;
    come_back(&*memory, &entries).await?;
    let run = RunId::new();
    for (at, entry) in (0..).zip(&entries) {
        memory.append(&run, at, std::slice::from_ref(entry)).await?;
    }
    same(&entries, &memory.read(&run, 0).await?)
}

pub(super) async fn text<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let texts = [
        "",
        " \t\r\n ",
        "東京 → São Paulo ✈ 👩🏽‍✈️",
        "e\u{301} is not é",
        "العربية \u{202e}right to left",
        "quotes ' \" ` and \\ and %s ? $1 :name; DROP TABLE runs; --",
        "null \0 and \u{1} and \u{7f}",
        "\u{feff}\u{fffd}\u{ffff}\u{10ffff}",
        "{\"event\":\"run_started\"}",
    ];
    let mut entries: Vec<Entry> = texts.iter().map(|text| samples::output(json!({ *text: text }))).collect();
    for text in texts {
        entries.push(samples::started(text, 1)?);
    }
    come_back(&*memory, &entries).await
}

pub(super) async fn numbers<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let mut numbers = vec![
        json!(0),
        json!(i64::MIN),
        json!(u64::MAX),
        json!((1_u64 << 53) + 1),
        json!(0.0),
        json!(1.0),
        json!(0.1 + 0.2),
        json!(f64::MAX),
        json!(f64::MIN_POSITIVE),
        json!(5e-324),
    ];
    // A thousand floats of all sizes, the same each time: parsers that are off by one bit are so for few of them.
    let mut bits = 1_u64;
    numbers.extend((0..1000).map(|_| {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        json!(f64::from_bits(bits))
    }));
    let entries: Vec<Entry> = numbers.into_iter().map(samples::output).collect();
    come_back(&*memory, &entries).await?;
    let mut late = samples::output(Value::Null);
    late.time = u64::MAX;
    come_back(&*memory, &[late]).await
}

pub(super) async fn shapes<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let deep = (0..32).fold(Value::Null, |inner, _| json!([{ "": inner }]));
    let shapes = [json!(null), json!([]), json!({}), json!({ "a": null, "": [null] }), json!("null"), deep];
    let entries: Vec<Entry> = shapes.into_iter().map(samples::output).collect();
    come_back(&*memory, &entries).await
}

pub(super) async fn big<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let text = "Ein Flug für zwei, bitte. ".repeat(40_000);
    let many: Vec<u32> = (0..150_000).collect();
    come_back(&*memory, &[samples::output(json!(text)), samples::output(json!(many))]).await?;
    come_back(&*memory, &samples::numbered("many small ones", 2000)).await
}

async fn come_back(memory: &impl Memory, entries: &[Entry]) -> Result<(), Flaw> {
    let run = RunId::new();
    memory.append(&run, 0, entries).await?;
    same(entries, &memory.read(&run, 0).await?)
}

fn same(written: &[Entry], read: &[Entry]) -> Result<(), Flaw> {
    ensure(written.len() == read.len(), || format!("{} entries were written, and {} read", written.len(), read.len()))?;
    written.iter().zip(read).enumerate().try_for_each(|(position, (written, read))| {
        ensure(written == read, || {
            format!("event {position} was written as {} and read as {}", brief(written), brief(read))
        })
    })
}

fn brief(entry: &Entry) -> String {
    const ENOUGH: usize = 500;
    let all = format!("{entry:?}");
    match all.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}…", all.get(..end).unwrap_or_default()),
        None => all,
    }
}
