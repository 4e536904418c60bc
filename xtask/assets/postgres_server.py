"""A PostgreSQL server of its own for tests, in a temporary folder.

    postgres_server.py BIN

BIN is the folder of `initdb`, `postgres` and `pg_isready`. Prints `listening URL` once the server answers. Ends, and
leaves nothing behind, when standard input is closed, so that the server never outlives whoever started it. Two lines
are understood there: `kill` kills every process of the server, as a power failure would, and is answered by `killed`;
`start` starts it again over the same data, and is answered as in the beginning. What PostgreSQL itself has to say goes
to standard error.
"""

import os
import pathlib
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

READY_WITHIN = 60  # seconds
# What is neither of ours nor the administrator's: PostgreSQL refuses to run as root.
SOMEBODY = "nobody"
# The first that the system has: without UTF-8 in it, upper and lower case are told apart for ASCII only.
LOCALES = ("C.UTF-8", "en_US.UTF-8", "C")


class Server:
    def __init__(self, folder, bin):
        self.folder = folder
        self.data = folder / "data"
        self.user = {}
        if os.geteuid() == 0:
            somebody = pwd.getpwnam(SOMEBODY)
            self.user = {"user": somebody.pw_uid, "group": somebody.pw_gid, "extra_groups": []}
            os.chown(folder, somebody.pw_uid, somebody.pw_gid)
        self.bin = self.usable(bin)
        self.port = free_port()
        self.password = secrets.token_hex(8)
        self.process = None

    @property
    def url(self):
        return f"postgres://cicerone:{self.password}@127.0.0.1:{self.port}/postgres"

    def usable(self, bin):
        """The programs, or a copy of them if the user who has to run them can't get at them."""
        try:
            self.run(bin / "postgres", "--version")
            return bin
        except PermissionError:
            packages = self.folder / "packages"
            copy = packages / bin.parent.parent.name / bin.parent.name
            shutil.copytree(bin.parent, copy, ignore=shutil.ignore_patterns("*.a", "include"))
            # Where a Python wheel keeps the libraries that its programs need.
            for libraries in bin.parents[2].glob("*.libs"):
                shutil.copytree(libraries, packages / libraries.name)
            return copy / bin.name

    def run(self, *command):
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=2, cwd=self.folder, **self.user)

    def create(self):
        secret = self.folder / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)
        options = ["--username=cicerone", "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--no-sync"]
        for locale in LOCALES:
            try:
                self.run(self.bin / "initdb", f"--pgdata={self.data}", f"--locale={locale}", *options)
                break
            except subprocess.CalledProcessError:
                if locale == LOCALES[-1]:
                    raise
        secret.unlink()

    def start(self):
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": 200,
            # The tests kill processes, not machines: what the system holds is as good as what the disk holds.
            "fsync": "off",
            "full_page_writes": "off",
        }
        command = [self.bin / "postgres", "-D", self.data, "-p", str(self.port)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        is_ready = [self.bin / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={self.port}"]
        deadline = time.monotonic() + READY_WITHIN
        while True:
            # A session of its own: Ctrl-C at the terminal is for us alone, who then stop it.
            if self.process is None or self.process.poll() is not None:
                # After a kill it may take some attempts, until the system has cleared away the processes of before.
                self.process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=2,
                    cwd=self.folder,
                    start_new_session=True,
                    **self.user,
                )
            if subprocess.run(is_ready, cwd=self.folder, **self.user).returncode == 0:
                return
            if time.monotonic() > deadline:
                sys.exit(f"PostgreSQL did not answer within {READY_WITHIN} seconds")
            time.sleep(0.1)

    def kill(self):
        if self.process is None:
            return
        # Whom it has started would else finish what they are at: some even commit.
        started = children(self.process.pid)
        for process in [self.process.pid, *started]:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.process = None


def children(parent):
    listed = pathlib.Path(f"/proc/{parent}/task/{parent}/children")
    if listed.exists():
        return [int(process) for process in listed.read_text().split()]
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], check=True, capture_output=True, text=True).stdout
    pairs = (line.split() for line in listed.splitlines())
    return [int(process) for process, its_parent in pairs if int(its_parent) == parent]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: postgres_server.py BIN")
    bin = pathlib.Path(sys.argv[1]).resolve()
    if not (bin / "postgres").exists():
        sys.exit(f"there is no PostgreSQL in {bin}")
    # So that the server is stopped and the folder removed then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="cicerone-postgres-", ignore_cleanup_errors=True) as folder:
        server = Server(pathlib.Path(folder), bin)
        try:
            server.create()
            server.start()
            print("listening", server.url, flush=True)
            for line in sys.stdin:
                if line.strip() == "kill":
                    server.kill()
                    print("killed", flush=True)
                elif line.strip() == "start":
                    server.start()
                    print("listening", server.url, flush=True)
        except KeyboardInterrupt:
            pass
        finally:
            # There is nothing to save.
            server.kill()


if __name__ == "__main__":
    main()
