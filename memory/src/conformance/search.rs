//! Cases about finding entries by their words.

use std::sync::Arc;

use cicerone_core::{
    RunId, ThreadId,
    event::{CallId, End, Entry, Event, ToolResult},
    memory::{Found, Memory, Recall, Scope},
};
use serde_json::json;

use super::{
    failure::{Flaw, ensure},
    samples,
};

pub(super) async fn what<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let word = samples::word();
    let run = RunId::new();
    let failed = ToolResult::Failed { kind: cicerone_core::tool::ToolErrorKind::Fatal, message: word.clone() };
    let journal = [
        samples::started(&format!("Book the {word}!"), 1)?,
        samples::output(json!({ "rooms": [{ "name": format!("Casa {}", word.to_uppercase()) }] })),
        Entry { time: 2, event: Event::ToolReturned { call: CallId(2), result: failed, milliseconds: 1 } },
        samples::output(json!({ "name": "another one" })),
        samples::ended(End::Completed { answer: format!("({word}) is booked."), output: None }, 3),
    ];
    memory.append(&run, 0, &journal).await?;
    for asked in [word.clone(), word.to_uppercase(), format!("«{word}», {word}?")] {
        let found = memory.search(&Recall::new(&asked).limit(100)).await?;
        let mut positions: Vec<u64> = found.iter().map(|found| found.at).collect();
        positions.sort_unstable();
        ensure(positions == [0, 1, 4] && found.iter().all(|found| found.run == run), || {
            format!("{asked:?} stands in a task, an output and an answer, at 0, 1 and 4; found at {positions:?}")
        })?;
        ensure(found.iter().all(|found| found.excerpt.to_lowercase().contains(&word)), || {
            format!("{asked:?} is not in what was found of it: {found:?}")
        })?;
    }
    let part: String = word.chars().take(word.len() - 1).collect();
    let found = memory.search(&Recall::new(&part)).await?;
    ensure(found.is_empty(), || format!("{part:?}, the beginning of a word, was found"))
}

pub(super) async fn order<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let (left, right) = (samples::word(), samples::word());
    let mut runs = Vec::new();
    for task in [format!("{left} only"), format!("{left} {right}"), format!("{right} only"), "neither one".to_owned()] {
        let run = RunId::new();
        memory.append(&run, 0, &[samples::started(&task, 1)?]).await?;
        runs.push(run);
    }
    let both = format!("{right} or {left}");
    let found = memory.search(&Recall::new(&both)).await?;
    let found: Vec<Found> = found.into_iter().filter(|found| runs.contains(&found.run)).collect();
    let names: Vec<_> = found.iter().map(|found| runs.iter().position(|run| *run == found.run)).collect();
    ensure(names.len() == 3 && names.first() == Some(&Some(1)), || {
        format!("of two words, the entry with both should come first, then two with one each; found: {names:?}")
    })?;
    ensure(found.is_sorted_by(|left, right| left.score >= right.score), || {
        format!("what was found is not sorted by its score: {found:?}")
    })?;
    for limit in [0, 1, 2] {
        let found = memory.search(&Recall::new(&both).limit(limit)).await?.len();
        ensure(found == limit as usize, || format!("at most {limit} entries were asked for, {found} found"))?;
    }
    // Of equals the newest run's comes first.
    let word = samples::word();
    let (older, newer) = (RunId::new(), RunId::new());
    for run in [older, newer] {
        memory.append(&run, 0, &[samples::started(&word, 1)?]).await?;
    }
    let found = memory.search(&Recall::new(&word)).await?;
    ensure(found.iter().map(|found| found.run).eq([newer, older]), || {
        "of two entries that fit equally well, the older run's was found first".to_owned()
    })
}

pub(super) async fn scope<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let word = samples::word();
    let (thread, other) = (ThreadId::new(), ThreadId::new());
    let (inside, outside, none) = (RunId::new(), RunId::new(), RunId::new());
    for (run, thread) in [(inside, Some(&thread)), (outside, Some(&other)), (none, None)] {
        memory.append(&run, 0, &[samples::started_in(thread, &word)?]).await?;
    }
    let all = Recall::new(&word);
    let cases = [
        (all.clone(), vec![none, outside, inside]),
        (all.clone().except(outside), vec![none, inside]),
        (all.clone().thread(thread.clone()), vec![inside]),
        (all.clone().thread(thread).except(inside), vec![]),
        (all.clone().thread(ThreadId::new()), vec![]),
        (all.scope(Scope::Unthreaded), vec![none]),
    ];
    for (query, expected) in cases {
        let found: Vec<RunId> = memory.search(&query).await?.into_iter().map(|found| found.run).collect();
        ensure(found == expected, || format!("{query:?} found {found:?}, not {expected:?}"))?;
    }
    Ok(())
}

pub(super) async fn any_text<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let word = samples::word();
    let run = RunId::new();
    memory.append(&run, 0, &[samples::started(&word, 1)?]).await?;
    let long = "so many words ".repeat(20_000);
    let texts = [
        "",
        " ",
        "\"",
        "'",
        "*",
        "%",
        "\\",
        ":",
        "-",
        "^",
        "(",
        ")",
        "AND",
        "NOT",
        "NEAR(",
        "a:b",
        "\0",
        "𝕏 \u{301}",
        "'; DROP TABLE runs; --",
        "& | ! <-> :*",
        "text : x",
        "{a b} : c",
        "東京",
        "🙂",
        "\u{202e}",
        &long,
    ];
    for text in texts {
        memory.search(&Recall::new(text)).await?;
        // Whatever stands around it, the word is found.
        let found = memory.search(&Recall::new(format!("{text} {word} {text}"))).await?;
        let expected = text.len() > 1000 || found.iter().any(|found| found.run == run);
        ensure(expected, || format!("{word:?} was not found between two {text:?}"))?;
    }
    for nothing in ["", " ", "\"", "%", "*"] {
        let found = memory.search(&Recall::new(nothing)).await?.len();
        ensure(found == 0, || format!("{nothing:?}, which has no words, found {found} entries"))?;
    }
    Ok(())
}

pub(super) async fn not_what_was_refused<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let word = samples::word();
    let run = RunId::new();
    memory.append(&run, 0, &[samples::started("first", 1)?]).await?;
    let refused = memory.append(&run, 0, &[samples::started(&word, 1)?]).await;
    let found = memory.search(&Recall::new(&word)).await?.len();
    ensure(refused.is_err() && found == 0, || "what a conflict kept from being written is found".to_owned())
}
