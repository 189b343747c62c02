"""However `make demo` and `make local` are ended from outside, no process and no file is left."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from . import functions
from .deployment import FUNCTIONS, ROOT

GIVE_UP = 60
# What each prints when functions and emulator run.
IS_UP = {"demo": "five functions under cargo lambda", "local": "Ctrl-C ends everything"}
# Begins a command in a terminal of its own, as a shell does.
IN_TERMINAL = (
    "import fcntl, os, sys, termios; "
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


@dataclass(frozen=True)
class Run:
    """A run in a terminal. `master` is our end of it."""

    process: subprocess.Popen[bytes]
    master: int

    def interrupt(self) -> None:
        os.write(self.master, b"\x03")

    def terminate(self) -> None:
        self.process.terminate()

    def close_terminal(self) -> None:
        os.close(self.master)


WAYS: dict[str, Callable[[Run], None]] = {
    "ctrl-c": Run.interrupt,
    "sigterm": Run.terminate,
    "closed terminal": Run.close_terminal,
}


def descendants(root: int) -> set[int]:
    """The processes that a process has started, and those that these have started."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found, before = {root}, set[int]()
    while found != before:
        before = set(found)
        found |= {pid for pid, parent in pairs if parent in found}
    return found - {root}


def is_alive(pid: int) -> bool:
    """Whether a process runs. One that has ended and waits for its parent does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return state.stdout.strip()[:1] not in ("", "Z")


def read_until(master: int, text: str) -> str:
    """Reads what is printed until the text comes."""
    read, give_up = "", time.monotonic() + GIVE_UP
    while text not in read and select.select([master], [], [], give_up - time.monotonic())[0]:
        read += os.read(master, 65536).decode(errors="replace")
    assert text in read
    return read


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("program", IS_UP)
def test_nothing_is_left(program: str, way: str, tmp_path: Path) -> None:
    functions.build(show=False)
    master, slave = pty.openpty()
    run = Run(
        subprocess.Popen(
            [sys.executable, "-c", IN_TERMINAL, sys.executable, "-m", f"tests.e2e.{program}"],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(tmp_path), "COLUMNS": "200"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        ),
        master,
    )
    os.close(slave)
    started: set[int] = set()
    try:
        read_until(master, IS_UP[program])
        started = descendants(run.process.pid)
        assert len(started) > len(FUNCTIONS)
        assert [*tmp_path.iterdir()]
        WAYS[way](run)
        run.process.wait(GIVE_UP)
        assert [pid for pid in started if is_alive(pid)] == []
        assert [*tmp_path.iterdir()] == []
    finally:
        for pid in {run.process.pid, *started}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(OSError):
            os.close(master)
