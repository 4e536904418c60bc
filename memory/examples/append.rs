//! How long an append to an SQLite store takes, and how many bytes a run adds to it.
//!
//! `cargo run --release -p cicerone-memory --example append [folder]`

use std::{
    env, fs,
    path::Path,
    time::{Duration, Instant},
};

use cicerone_core::{RunId, event::Entry, memory::Memory};
use cicerone_memory::Sqlite;
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let folder = env::args_os().nth(1).map_or_else(env::temp_dir, Into::into).join("cicerone-append");
    println!("steps   append, ms   of a write, ms      bytes   bytes a step");
    let mut empty = 0;
    for steps in [0, 10, 100, 1000] {
        fs::create_dir_all(&folder)?;
        let measured = measure(&folder.join("runs.db"), steps).await;
        fs::remove_dir_all(&folder)?;
        let (every, writes, bytes) = measured?;
        if steps == 0 {
            empty = bytes;
            continue;
        }
        let bytes = bytes.saturating_sub(empty);
        let (every, writes) = (milliseconds(every), milliseconds(writes));
        println!("{steps:>5}   {every:>10.3}   {writes:>14.3}   {bytes:>8}   {:>12}", bytes / steps);
    }
    Ok(())
}

/// The median of all appends and of those of an intended write, and the bytes of a run of so many steps.
async fn measure(file: &Path, steps: u64) -> Result<(Duration, Duration, u64), Failure> {
    let store = Sqlite::open(file)?;
    let (run, mut at) = (RunId::new(), 0);
    let (mut every, mut writes) = (Vec::new(), Vec::new());
    for step in 1..=steps {
        // One step in ten writes, as in a trip that is searched for and then booked.
        let write = step % 10 == 0;
        for event in [intended(step, write), returned(step)] {
            let entry: Entry = serde_json::from_value(event)?;
            let begun = Instant::now();
            store.append(&run, at, &[entry]).await?;
            let took = begun.elapsed();
            every.push(took);
            if write && at % 2 == 0 {
                writes.push(took);
            }
            at += 1;
        }
    }
    drop(store);
    // The log is written into the file when the connection's thread has closed it.
    let log = file.with_extension("db-wal");
    while log.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok((median(every), median(writes), fs::metadata(file)?.len()))
}

fn intended(step: u64, write: bool) -> Value {
    let (tool, effect) = if write { ("book_flight", "once") } else { ("search_flights", "read") };
    json!({
        "time": step, "event": "tool_intended", "call": step, "step": null, "model_call": null, "tool": tool,
        "args": { "origin": "BER", "destination": "LIS", "date": "2026-12-03" }, "effect": effect, "key": "0123456789abcdef",
    })
}

fn returned(step: u64) -> Value {
    let flights: Vec<Value> = (0..5)
        .map(|flight| json!({ "flight_id": format!("LIS-{step}-{flight}"), "price": 100 + flight, "departs": "09:30" }))
        .collect();
    json!({
        "time": step, "event": "tool_returned", "call": step, "milliseconds": 3,
        "result": { "result": "output", "output": { "flights": flights } },
    })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
