//! Servers and databases for tests.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

/// The address of a database on the server of all tests.
pub(crate) fn url() -> String {
    set("CICERONE_TEST_POSTGRES_URL")
}

fn set(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|_| {
        panic!("`{variable}` names no PostgreSQL server; `cargo xtask test` and `cargo xtask postgres` start one")
    })
}

/// Runs SQL as only a test would.
pub(crate) async fn sql(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Gives `body` the address of a new database, and removes it afterwards.
pub(crate) async fn with_database(body: impl AsyncFnOnce(&str)) {
    with_database_like("", body).await;
}

/// Likewise, with options of `CREATE DATABASE`.
pub(crate) async fn with_database_like(options: &str, body: impl AsyncFnOnce(&str)) {
    let server = url();
    let name = format!("test_{}", Uuid::new_v4().simple());
    sql(&server, &format!("CREATE DATABASE {name} {options}")).await;
    let (host, _) = server.rsplit_once('/').unwrap();
    body(&format!("{host}/{name}")).await;
    sql(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

/// A server of one test's own, to be killed.
pub(crate) struct Server {
    pub(crate) url: String,
    child: Child,
    stdin: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../xtask/assets/postgres_server.py");
        let mut python = Command::new("python3");
        python.arg(script).arg(set("CICERONE_TEST_POSTGRES_BIN"));
        let mut child = python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let stdin = child.stdin.take();
        let mut server = Self { url: String::new(), child, stdin, answers };
        server.url = server.answer().strip_prefix("listening ").unwrap().to_owned();
        server
    }

    /// Kills every process of the server, as a power failure would.
    pub(crate) fn kill(&mut self) {
        assert_eq!(self.tell("kill"), "killed");
    }

    /// Starts it again over the same data.
    pub(crate) fn restart(&mut self) {
        assert!(self.tell("start").starts_with("listening "));
    }

    fn tell(&mut self, what: &str) -> String {
        writeln!(self.stdin.as_mut().unwrap(), "{what}").unwrap();
        self.answer()
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends when its input does.
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}
