//! A llama.cpp server over the tests' model: a real server for the adapter of OpenAI-compatible ones.

use std::{path::PathBuf, process::Stdio};

use crate::{
    cargo::{built, command},
    python::{imports, package},
    server::Server,
};

/// The Python package that brings the server, without a compiler. Pinned: its server's answers are part of the tests.
const PACKAGE: &str = "xllamacpp==2026.10.11549";

/// Starts the server with a model of the catalogue, fetching what isn't there. Its address is such as
/// `http://127.0.0.1:40001/v1`.
pub(crate) fn start(model: &str) -> Result<Server, String> {
    let file = model_file(model)?;
    let packages = package(PACKAGE, "llama.cpp's server", |folder| imports("xllamacpp", folder))?;
    let name = format!("llama.cpp's server with {model}");
    let server = Server::start(&name, "llama_server.py", |python| {
        python.arg(&file).arg("0").env("PYTHONPATH", packages);
    })?;
    eprintln!("llama.cpp's server answers at {}", server.url);
    Ok(server)
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
