//! A part of the evaluation: cases of different kinds, run as `cargo xtask eval` runs them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

use std::{path::PathBuf, process::Command};

/// Kinds of the travel suite whose open cases together are at least eight.
const KINDS: [&str; 3] = ["one way", "cancellations", "question needed"];

/// The built example: cargo puts examples beside the folder of the tests.
fn evaluate() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let folder = own.parent().and_then(|deps| deps.parent()).expect("tests lie in `deps`");
    let program = folder.join("examples").join(format!("evaluate{}", std::env::consts::EXE_SUFFIX));
    assert!(program.is_file(), "{} is not built: test with `--all-targets`", program.display());
    program
}

#[test]
fn real_model_passes_cases_of_the_evaluation() {
    let folder = tempfile::tempdir().unwrap();
    let results = folder.path().join("results.json");
    let kinds = KINDS.iter().flat_map(|kind| ["--only", kind]);
    let run = Command::new(evaluate())
        .args(["travel", "--open", "--at-least", "80", "--json"])
        .arg(&results)
        .args(kinds)
        .output()
        .unwrap();
    let (said, told) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    println!("{said}\n{told}");
    assert!(run.status.success(), "too few cases passed");
    let results: serde_json::Value = serde_json::from_slice(&std::fs::read(&results).unwrap()).unwrap();
    let cases = results["cases"].as_array().unwrap();
    assert!(cases.len() >= 8, "{} cases", cases.len());
    // Whatever the model thinks: nothing malformed, invented, doubled or forbidden.
    let violations: Vec<_> = cases.iter().filter(|case| case["violations"] != serde_json::json!([])).collect();
    assert!(violations.is_empty(), "{violations:?}");
}
