"""How a run is ended from outside: by Ctrl-C, by SIGTERM, or because its terminal closes."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_on_signals() -> None:
    """The first of these signals raises `KeyboardInterrupt`. Nothing interrupts the clean-up that follows.

    What is ignored, as SIGHUP is under `nohup`, stays ignored.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in SIGNALS:
        if signal.getsignal(each) != signal.SIG_IGN:
            signal.signal(each, interrupt)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignores these signals in the block, which ends something."""
    before = {each: signal.signal(each, signal.SIG_IGN) for each in SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def run_to_the_end(command: list[str], folder: Path, show: bool) -> str | None:
    """Runs a command that starts others, and ends all of them if it is interrupted.

    Returns nothing if it succeeds, or else what it wrote about its errors, unless that was shown.
    """
    with subprocess.Popen(
        command, cwd=folder, stderr=None if show else subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            _, errors = process.communicate()
        except BaseException:
            with uninterrupted(), suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    return None if process.returncode == 0 else errors or ""
