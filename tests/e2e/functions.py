"""The functions, built and run by cargo-lambda on this machine.

One `cargo lambda watch` serves them all on one port of the loopback interface and starts each when it is
first invoked. It runs in a process group of its own, so that it ends when this says so and not before.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from .answer import Answer, from_cli, from_http
from .deployment import EVENTS, FUNCTIONS, ROOT, environment

START_SECONDS = 60
INVOKE_SECONDS = 60
STOP_SECONDS = 10
# An event that every function ignores: a sign-in with MFA.
IGNORED = (EVENTS / "ConsoleLogin" / "mfa-used-dave.json").read_bytes()


class FunctionsFailed(Exception):
    """The functions could not be built, started or reached."""


def cargo_lambda() -> list[str]:
    """The command `cargo lambda`, from the environment that runs this."""
    beside = Path(sys.executable).parent / ("cargo-lambda.exe" if os.name == "nt" else "cargo-lambda")
    if not beside.exists():
        raise FunctionsFailed(
            f"cargo-lambda is not beside {sys.executable}; `pip install -r requirements.txt` brings it"
        )
    return [str(beside), "lambda"]


def build(show: bool) -> None:
    """Builds the functions; with `show`, cargo's own progress is seen."""
    command = ["cargo", "build", *(part for name in FUNCTIONS for part in ("--bin", name))]
    try:
        done = subprocess.run(command, cwd=ROOT, stderr=None if show else subprocess.PIPE, check=False)
    except FileNotFoundError as error:
        raise FunctionsFailed(
            "cargo is not on the PATH, and Rust is needed to build the functions"
        ) from error
    if done.returncode != 0:
        said = "" if show else done.stderr.decode("utf-8", "replace")
        raise FunctionsFailed(f"the functions do not build\n{said}")


class Functions:
    """The running functions. Use as a context manager, after `build`."""

    def __init__(self, endpoint_url: str, log: Path) -> None:
        self._environment = environment(endpoint_url)
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def __enter__(self) -> Functions:
        try:
            self._start()
            with ThreadPoolExecutor(len(FUNCTIONS)) as pool:
                answers = list(pool.map(lambda name: self.invoke(name, IGNORED), FUNCTIONS))
            for name, answer in zip(FUNCTIONS, answers, strict=True):
                if answer.report.get("outcome") != "ignored":
                    raise FunctionsFailed(f"{name} does not run: {answer}\n{self.log_tail()}")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _start(self) -> None:
        self.port = _free_port()
        command = [*cargo_lambda(), "watch", "--ignore-changes"]
        command += ["--invoke-address", "127.0.0.1", "--invoke-port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        give_up = time.monotonic() + START_SECONDS
        while not _answers(self.port):
            if self._process.poll() is not None or time.monotonic() > give_up:
                raise FunctionsFailed(f"cargo lambda watch does not listen\n{self.log_tail()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Ends `cargo lambda watch`, which ends the functions."""
        process, self._process = self._process, None
        if process is None:
            return
        with _undisturbed():
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                # The functions end by themselves when they can no longer ask for events.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def invoke(self, function: str, payload: bytes) -> Answer:
        """Invokes a function as AWS would, over HTTP."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=INVOKE_SECONDS)
        try:
            connection.request(
                "POST",
                f"/2015-03-31/functions/{function}/invocations",
                payload,
                {"Content-Type": "application/json"},
            )
            response = connection.getresponse()
            return from_http(response.status, response.read())
        except OSError as error:
            raise FunctionsFailed(f"{function} does not answer: {error}\n{self.log_tail()}") from error
        finally:
            connection.close()

    def invoke_by_cli(self, function: str, data_file: Path) -> Answer:
        """Invokes a function as a person would, with `cargo lambda invoke`."""
        command = [*cargo_lambda(), "invoke", function, "--data-file", str(data_file)]
        command += ["--invoke-address", "127.0.0.1", "--invoke-port", str(self.port)]
        done = subprocess.run(
            [*command, "--output-format", "json"],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            timeout=INVOKE_SECONDS,
            check=False,
        )
        if self._process is None or self._process.poll() is not None:
            raise FunctionsFailed(f"cargo lambda watch has ended\n{self.log_tail()}")
        return from_cli(done.returncode, done.stdout, done.stderr)

    def log_text(self) -> str:
        """Everything that cargo-lambda and the functions wrote."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def log_tail(self, lines: int = 12, width: int = 500) -> str:
        """The last of it, for a person who has to find out what went wrong."""
        last = [line[:width] for line in self.log_text().splitlines()[-lines:]]
        return "\n".join(["The log of the functions ends with:", *last])


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C does not break off the cleaning up after the first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
