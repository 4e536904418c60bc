//! Running a suite, and writing down what came of it.

use std::{
    fmt, fs,
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use cicerone_eval::{Case, Cases, Domain, Metered, Results, Suite};
use serde::de::DeserializeOwned;

use crate::{failure::Failure, options::SuiteOptions};

/// Where a suite's own cases are, from the root of the repository.
pub(crate) struct Files {
    pub(crate) open: &'static str,
    pub(crate) held_out: Option<&'static str>,
}

/// The cases that the options choose.
pub(crate) fn chosen<E: DeserializeOwned>(files: &Files, options: &SuiteOptions) -> Result<Cases<E>, Failure> {
    for file in options.files() {
        // Results are written at the end, which may be an hour from now.
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() || file.is_dir() {
            let message = format!("{} can't be written; give a file in a folder that exists", file.display());
            return Err(Failure::usage(message));
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cases = Cases::new();
    for file in &options.cases {
        cases = cases.file(file).map_err(Failure::usage)?;
    }
    if options.cases.is_empty() && !options.held_out {
        cases = cases.file(root.join(files.open)).map_err(Failure::usage)?;
    }
    if options.cases.is_empty() && !options.open {
        cases = match files.held_out {
            Some(held_out) if options.show_held_out => cases.file(root.join(held_out)),
            Some(held_out) => cases.held_out_file(root.join(held_out)),
            None if options.held_out => return Err(Failure::usage("this suite has no cases that are held out")),
            None => Ok(cases),
        }
        .map_err(Failure::usage)?;
    }
    let unknown = options.only.iter().find(|only| !cases.iter().any(|case| is(only, case)));
    if let Some(only) = unknown {
        let mut kinds: Vec<&str> = cases.iter().map(|case| case.kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let message = format!("no case is called {only:?} or of that kind; the kinds are: {}", kinds.join(", "));
        return Err(Failure::usage(message));
    }
    Ok(cases)
}

fn is<E>(only: &str, case: &Case<E>) -> bool {
    only == case.shown_name() || only == case.kind
}

/// Runs the cases, shows the table, writes the files, and says whether enough have passed.
pub(crate) async fn evaluate<D: Domain>(
    name: &str,
    domain: D,
    cases: Cases<D::Expect>,
    model: &Metered,
    options: &SuiteOptions,
) -> Result<ExitCode, Failure> {
    let mut suite = Suite::new(name, domain, cases)
        .concurrency(options.concurrency.into())
        .timeout(options.timeout())
        .filter(|case| options.only.is_empty() || options.only.iter().any(|only| is(only, case)));
    eprintln!("cases: {}; computing the prompt that they share", suite.cases().len());
    suite.warm_up(model).await.map_err(Failure::new)?;

    let results = suite.run(|progress| {
        let (done, of, case) = (progress.done, progress.of, progress.result);
        let passed = if case.passed { "passed" } else { "FAILED" };
        eprintln!("{done:>4} of {of}  {passed}  {:>6.1} s  {}", case.seconds, case.name);
    });
    let results = results.await;
    eprintln!();
    // Whatever becomes of one of these, the others are done.
    let written = write(&results, options);
    show(&results)?;
    written?;
    let enough = results.figures().percent() >= usize::from(options.at_least);
    Ok(if enough { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write(results: &Results, options: &SuiteOptions) -> Result<(), Failure> {
    if let Some(file) = &options.json {
        store(file, &results.to_json().map_err(Failure::new)?)?;
    }
    if let Some(file) = &options.junit {
        store(file, &results.to_junit().map_err(Failure::new)?)?;
    }
    if let Some(file) = &options.markdown {
        store(file, &results.to_markdown())?;
    }
    Ok(())
}

fn store(file: &Path, text: &str) -> Result<(), Failure> {
    fs::write(file, text).map_err(|error| Failure::new(format!("{} can't be written: {error}", file.display())))
}

/// Shows text on standard output, whose reader may have gone.
pub(crate) fn show(text: impl fmt::Display) -> Result<(), Failure> {
    let shown = write!(io::stdout().lock(), "{text}").and_then(|()| io::stdout().flush());
    shown.map_err(|error| Failure::new(format!("standard output can't be written: {error}")))
}

/// Results that `--json` kept.
pub(crate) fn read(file: &Path) -> Result<Results, Failure> {
    let place = file.display();
    let text = fs::read_to_string(file).map_err(|error| Failure::usage(format!("{place} can't be read: {error}")))?;
    Results::from_json(&text)
        .map_err(|error| Failure::usage(format!("{place} holds no results: {error}; give a file that `--json` wrote")))
}
