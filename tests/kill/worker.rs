//! A child as its parent sees it.

use std::{
    env,
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use cicerone::RunId;

use crate::watch::{MARK, ORDERS, Orders, Report, Said};

/// A process that works on a run. It ends with this value.
pub(crate) struct Worker {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// The run that it has begun.
    pub(crate) begun: Option<RunId>,
}

/// How far a worker has come.
#[derive(Debug)]
pub(crate) enum Heard {
    /// It waits at its place.
    Stopped,
    /// It has ended by itself.
    Done(Report),
}

impl Worker {
    /// Starts this program again, as a child.
    pub(crate) fn start(orders: &Orders) -> Self {
        Self::of(Command::new(env::current_exe().unwrap()), orders)
    }

    /// The same, in a shell that allows no file to grow beyond so many blocks.
    #[cfg(unix)]
    pub(crate) fn start_on_a_disk_of(blocks: u64, orders: &Orders) -> Self {
        // The signal of such a write would end the process; ignored, the write fails as one to a full disk does.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).arg(env::current_exe().unwrap());
        Self::of(shell, orders)
    }

    fn of(mut command: Command, orders: &Orders) -> Self {
        command.args(["child", "--exact", "--nocapture", "--test-threads=1"]);
        command.env(ORDERS, serde_json::to_string(orders).unwrap());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, stdin, lines: BufReader::new(stdout).lines(), begun: None }
    }

    /// Waits until it stops or is done.
    pub(crate) fn hear(&mut self) -> Heard {
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            let Some(said) = line.strip_prefix(MARK) else { continue };
            match serde_json::from_str(said).unwrap() {
                Said::Begins(run) => self.begun = Some(run),
                Said::Stopped => return Heard::Stopped,
                Said::Done(report) => {
                    let status = self.child.wait().unwrap();
                    assert!(status.success(), "a child that was done ended with {status}");
                    return Heard::Done(report);
                }
            }
        }
        panic!("a child ended without a word: {}", self.child.wait().unwrap());
    }

    /// What came of it, if it was told to stop nowhere.
    pub(crate) fn report(&mut self) -> Report {
        match self.hear() {
            Heard::Done(report) => report,
            Heard::Stopped => panic!("a child stopped where nobody told it to"),
        }
    }

    /// Lets it go on from its place.
    pub(crate) fn go_on(&mut self) {
        self.stdin.write_all(b"go on\n").unwrap();
        self.stdin.flush().unwrap();
    }

    /// Kills it, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert!(!status.success(), "it was done before it was killed");
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
