//! Servers for tests, which small Python programs beside this one start.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use crate::python::python;

/// A running server. It ends with this value, since it watches its standard input.
pub(crate) struct Server {
    /// Where it answers.
    pub(crate) url: String,
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Server {
    /// Starts the program `script`, which is to say `listening URL` when the server answers.
    pub(crate) fn start(name: &str, script: &str, prepare: impl FnOnce(&mut Command)) -> Result<Self, String> {
        let mut python = python();
        python.arg(path(script));
        prepare(&mut python);
        python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        eprintln!("\nstarting {name}");
        let mut child = python.spawn().map_err(|error| format!("can't start python3: {error}"))?;
        let stdin = child.stdin.take();
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut line)
                .map_err(|error| format!("can't read what {name} says: {error}"))?;
        }
        let url = line.trim().strip_prefix("listening ").unwrap_or_default().to_owned();
        let mut server = Self { url, child, stdin };
        if server.url.is_empty() {
            let status = server.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
            let again = std::iter::once(python.get_program()).chain(python.get_args());
            let again: Vec<_> = again.map(|word| word.display().to_string()).collect();
            return Err(format!("{name} did not start ({status}); run `{}` to see why", again.join(" ")));
        }
        Ok(server)
    }

    /// Waits until the server ends, which it does when somebody stops it.
    pub(crate) fn wait(mut self) -> Result<(), String> {
        self.child.wait().map(|_| ()).map_err(|error| error.to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends when its input does.
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

fn path(script: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(script)
}
