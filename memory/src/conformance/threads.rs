//! Cases about threads: listing and forgetting them.

use std::sync::Arc;

use cicerone_core::{
    RunId, ThreadId,
    event::End,
    memory::{Memory, Recall, RunFilter, RunStatus},
};

use super::{
    failure::{Flaw, ensure, ensure_conflict},
    samples,
};

pub(super) async fn by_thread<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let (thread, other) = (ThreadId::new(), ThreadId::new());
    let mut runs = Vec::new();
    for belongs in [Some(&thread), None, Some(&other), Some(&thread), Some(&thread)] {
        let run = RunId::new();
        memory.append(&run, 0, &[samples::started_in(belongs, "one of several")?]).await?;
        if belongs == Some(&thread) {
            runs.insert(0, run);
        } else if belongs.is_none() {
            let listed = memory.runs(&RunFilter::default()).await?;
            ensure(listed.iter().any(|summary| summary.run == run && summary.thread.is_none()), || {
                "a run of no thread is not listed as one".to_owned()
            })?;
        }
    }
    let newest: Vec<RunId> = runs.iter().copied().take(1).collect();
    let completed: Vec<RunId> = runs.iter().copied().skip(2).collect();
    for run in &completed {
        memory.append(run, 1, &[samples::ended(answer("done"), 9)]).await?;
    }
    let of_thread = RunFilter::default().thread(thread.clone());
    let cases = [
        (of_thread.clone(), &runs),
        (of_thread.clone().limit(1), &newest),
        (of_thread.clone().status(RunStatus::Completed), &completed),
    ];
    for (filter, expected) in cases {
        let listed = memory.runs(&filter).await?;
        let names: Vec<RunId> = listed.iter().map(|summary| summary.run).collect();
        ensure(names == *expected, || format!("{filter:?} lists {names:?}, not {expected:?}"))?;
        ensure(listed.iter().all(|summary| summary.thread.as_ref() == Some(&thread)), || {
            "a run of a thread is listed without it".to_owned()
        })?;
    }
    let listed = memory.runs(&RunFilter::default().thread(ThreadId::new())).await?;
    ensure(listed.is_empty(), || format!("a thread that has no runs lists {}", listed.len()))
}

pub(super) async fn names<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let unique = RunId::new();
    let names = ["'; DROP TABLE runs; --", "Zoë ✈ 東京", "100%_\\", "\"quoted\"", "Case"];
    for name in names {
        let thread = ThreadId::named(format!("{name} {unique}")).map_err(|error| Flaw::new(error.to_string()))?;
        let lower = ThreadId::named(thread.as_str().to_lowercase()).map_err(|error| Flaw::new(error.to_string()))?;
        let run = RunId::new();
        memory.append(&run, 0, &[samples::started_in(Some(&thread), "named")?]).await?;
        let listed = memory.runs(&RunFilter::default().thread(thread.clone())).await?;
        ensure(listed.iter().map(|summary| (summary.run, summary.thread.as_ref())).eq([(run, Some(&thread))]), || {
            format!("the thread {thread:?} lists {listed:?}")
        })?;
        let listed = memory.runs(&RunFilter::default().thread(lower.clone())).await?;
        ensure(lower == thread || listed.is_empty(), || format!("{lower:?} lists a run of {thread:?}"))?;
    }
    Ok(())
}

pub(super) async fn forget<M: Memory>(memory: Arc<M>) -> Result<(), Flaw> {
    let (thread, other) = (ThreadId::new(), ThreadId::new());
    let word = samples::word();
    let journal = |thread: Option<&ThreadId>| -> Result<_, Flaw> {
        let returned = samples::output(serde_json::json!({ "hotel": format!("near {word}") }));
        Ok([samples::started_in(thread, &format!("to {word}"))?, returned, samples::ended(answer(&word), 9)])
    };
    let (first, open, kept, unthreaded) = (RunId::new(), RunId::new(), RunId::new(), RunId::new());
    memory.append(&first, 0, &journal(Some(&thread))?).await?;
    memory.append(&open, 0, journal(Some(&thread))?.get(..2).unwrap_or_default()).await?;
    memory.append(&kept, 0, &journal(Some(&other))?).await?;
    memory.append(&unthreaded, 0, &journal(None)?).await?;

    let forgotten = memory.forget(&thread).await?;
    ensure(forgotten == 2, || format!("of a thread of 2 runs, {forgotten} were forgotten"))?;
    for run in [first, open] {
        let left = memory.read(&run, 0).await?.len();
        ensure(left == 0, || format!("of a run of a forgotten thread, {left} events are left"))?;
    }
    let listed = memory.runs(&RunFilter::default()).await?;
    ensure(listed.iter().all(|summary| ![first, open].contains(&summary.run)), || {
        "a run of a forgotten thread is listed".to_owned()
    })?;
    let found = memory.search(&Recall::new(&word).limit(100)).await?;
    ensure(found.iter().all(|found| [kept, unthreaded].contains(&found.run)), || {
        "an entry of a forgotten thread is found".to_owned()
    })?;
    ensure(found.len() == 6, || format!("of 6 entries that were not forgotten, {} are found", found.len()))?;
    for run in [kept, unthreaded] {
        let left = memory.read(&run, 0).await?.len();
        ensure(left == 3, || format!("of 3 events of a run that was not forgotten, {left} are left"))?;
    }
    let late = memory.append(&open, 2, &[samples::ended(answer("late"), 9)]).await;
    ensure_conflict(late, || "an append to a run whose thread was forgotten".to_owned())?;
    let forgotten = memory.forget(&thread).await?;
    ensure(forgotten == 0, || format!("of a thread that was forgotten before, {forgotten} runs were forgotten"))?;
    // The name can be used again.
    let again = RunId::new();
    memory.append(&again, 0, &journal(Some(&thread))?).await?;
    let listed = memory.runs(&RunFilter::default().thread(thread)).await?;
    ensure(listed.iter().map(|summary| summary.run).eq([again]), || {
        format!("a thread that was forgotten and begun again lists {} runs, not 1", listed.len())
    })
}

fn answer(text: &str) -> End {
    End::Completed { answer: text.to_owned(), output: None }
}
