"""The functions, built and run by cargo-lambda on this machine.

One `cargo lambda watch` serves them all on one port of the loopback interface and starts each when it is
first invoked. It runs in a process group of its own, so that it ends when this says so and not before.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from .answer import Answer, from_cli, from_http
from .deployment import EVENTS, FUNCTIONS, ROOT, environment

START_SECONDS = 60
INVOKE_SECONDS = 60
STOP_SECONDS = 10
# An event that every function ignores: a sign-in with MFA.
IGNORED = (EVENTS / "ConsoleLogin" / "mfa-used-dave.json").read_bytes()
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class FunctionsFailed(Exception):
    """The functions could not be built, started or reached."""


def build(show: bool) -> None:
    """Builds the functions; with `show`, cargo's own progress is seen."""
    command = ["cargo", "build", *(part for name in FUNCTIONS for part in ("--bin", name))]
    try:
        subprocess.run(command, cwd=ROOT, stderr=None if show else subprocess.PIPE, text=True, check=True)
    except FileNotFoundError as error:
        raise FunctionsFailed(
            "cargo is not on the PATH, and Rust is needed to build the functions"
        ) from error
    except subprocess.CalledProcessError as error:
        raise FunctionsFailed(f"the functions do not build\n{error.stderr or ''}") from error


class Functions:
    """The running functions."""

    def __init__(self, endpoint_url: str, log: Path) -> None:
        self._environment = environment(endpoint_url)
        self._log = log
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                self._cargo_lambda("watch", "--ignore-changes"),
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Waits until every function answers."""
        give_up = time.monotonic() + START_SECONDS
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > give_up:
                raise FunctionsFailed(f"cargo lambda watch does not listen\n{self.log_tail()}")
            time.sleep(0.02)
        with ThreadPoolExecutor(len(FUNCTIONS)) as pool:
            answers = pool.map(lambda name: self.invoke(name, IGNORED), FUNCTIONS)
        for name, answer in zip(FUNCTIONS, answers, strict=True):
            if answer.outcome != "ignored":
                raise FunctionsFailed(f"{name} does not run: {answer}\n{self.log_tail()}")

    def stop(self) -> None:
        """Ends `cargo lambda watch`, which ends the functions."""
        # A second Ctrl-C does not break off the cleaning up after the first.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            # The functions end by themselves when they can no longer ask for events.
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        signal.signal(signal.SIGINT, before)

    def invoke(self, function: str, payload: bytes) -> Answer:
        """Invokes a function as AWS would, over HTTP."""
        url = f"http://127.0.0.1:{self.port}/2015-03-31/functions/{function}/invocations"
        request = urllib.request.Request(url, payload, {"Content-Type": "application/json"})
        try:
            with _DIRECTLY.open(request, timeout=INVOKE_SECONDS) as response:
                return from_http(response.status, response.read())
        except urllib.error.HTTPError as response:
            return from_http(response.code, response.read())
        except OSError as error:
            raise FunctionsFailed(f"{function} does not answer: {error}\n{self.log_tail()}") from error

    def invoke_by_cli(self, function: str, payload: bytes) -> Answer:
        """Invokes a function as a person would, with `cargo lambda invoke`."""
        data_file = self._log.with_name("event.json")
        data_file.write_bytes(payload)
        done = subprocess.run(
            self._cargo_lambda("invoke", function, "--data-file", str(data_file), "--output-format", "json"),
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            timeout=INVOKE_SECONDS,
            check=False,
        )
        if self._process.poll() is not None:
            raise FunctionsFailed(f"cargo lambda watch has ended\n{self.log_tail()}")
        return from_cli(done.returncode, done.stdout, done.stderr)

    def log_text(self) -> str:
        """Everything that cargo-lambda and the functions wrote."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def log_tail(self, lines: int = 12, width: int = 500) -> str:
        """The last of it, for a person who has to find out what went wrong."""
        last = [line[:width] for line in self.log_text().splitlines()[-lines:]]
        return "\n".join(["The log of the functions ends with:", *last])

    def _cargo_lambda(self, *arguments: str) -> list[str]:
        """A command of cargo-lambda, from the environment that runs this."""
        program = Path(sys.executable).with_name("cargo-lambda")
        if not program.exists():
            raise FunctionsFailed(f"{program.name} is not beside {sys.executable}; requirements.txt has it")
        address = ("--invoke-address", "127.0.0.1", "--invoke-port", str(self.port))
        return [str(program), "lambda", *arguments, *address]

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


@contextmanager
def functions(endpoint_url: str, log: Path) -> Iterator[Functions]:
    """The functions, running until the block ends. They have to be built before."""
    running = Functions(endpoint_url, log)
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()
