"""The command line on a terminal: colors, pages, and what it says of what is going on."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from .deployment import environment
from .emulator import Emulator
from .people import named
from .test_plan import binary

__all__ = ["binary"]

ROWS = 12
ESCAPE = b"\x1b["
# Shows what it got, and ends once it is told to.
PAGER = """#!/bin/sh
trap 'echo interrupted' INT
while IFS= read -r line; do printf 'page: %s\\n' "$line"; done
echo ready
until read -r _ < "$1"; do :; done
"""


class Terminal:
    """A report of one user on a terminal of a few lines."""

    def __init__(self, binary: str, aws: Emulator, *arguments: str, **variables: str) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, 100, 0, 0))
        given = environment(aws.url, "plan") | {"TERM": "xterm", "PAGER": "cat", **variables}
        if not variables.get("NO_COLOR"):
            del given["NO_COLOR"]
        # Whoever opens a terminal first in a new session gets its Ctrl-C.
        opened = ["sh", "-c", 'exec "$@" <> "$0" >&0 2>&0', os.ttyname(theirs)]
        self.process = subprocess.Popen(
            [*opened, binary, "report", *arguments], env=given, stdin=theirs, start_new_session=True
        )
        os.close(theirs)
        self.said = b""

    def until(self, words: bytes) -> None:
        while words not in self.said:
            assert self._more(), self.said

    def ended(self) -> bytes:
        """All that it said, once it has ended."""
        while self._more():
            pass
        os.close(self._ours)
        assert self.process.wait(timeout=60) == 0, self.said
        return self.said

    def press_ctrl_c(self) -> None:
        os.write(self._ours, b"\x03")

    def _more(self) -> bool:
        try:
            more = os.read(self._ours, 10_000)
        except OSError:
            # Nobody has the terminal any more.
            return False
        self.said += more
        return bool(more)


@pytest.fixture
def account(aws: Emulator) -> Emulator:
    aws.account.fill(named("bob"))
    return aws


@pytest.mark.parametrize(
    ("arguments", "no_color", "colored"),
    [((), "", True), ((), "1", False), (("--color", "never"), "", False), (("--color", "always"), "1", True)],
)
def test_terminal_has_colors(
    arguments: tuple[str, ...], no_color: str, colored: bool, binary: str, account: Emulator
) -> None:
    said = Terminal(binary, account, *arguments, NO_COLOR=no_color).ended()
    assert b"bob" in said
    assert (ESCAPE in said) == colored


def test_quiet_command_says_nothing_but_its_result(binary: str, account: Emulator) -> None:
    assert b"Reading account" in Terminal(binary, account).ended()
    assert b"Reading account" not in Terminal(binary, account, "--quiet").ended()


def test_long_table_is_paged(binary: str, account: Emulator, tmp_path: Path) -> None:
    pager, gate = tmp_path / "pager", tmp_path / "gate"
    pager.write_text(PAGER)
    pager.chmod(0o755)
    os.mkfifo(gate)
    end = os.open(gate, os.O_RDWR)
    terminal = Terminal(binary, account, PAGER=f"{pager} {gate}")
    terminal.until(b"ready")
    assert b"page: Account" in terminal.said
    # It is for the pager, which ends when its reader says so.
    terminal.press_ctrl_c()
    terminal.until(b"interrupted")
    assert terminal.process.poll() is None
    os.write(end, b"\n")
    terminal.ended()
    os.close(end)


# The last two begin, and fail.
@pytest.mark.parametrize("pager", ["no-such-pager", "cat", "", "false", "sh -c 'less -R'"])
def test_table_is_printed_where_nothing_shows_pages(pager: str, binary: str, account: Emulator) -> None:
    assert b"bob" in Terminal(binary, account, PAGER=pager).ended()


def test_nobody_has_to_page(binary: str, account: Emulator) -> None:
    assert b"bob" in Terminal(binary, account, "--no-pager", PAGER="false").ended()
