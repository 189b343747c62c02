"""The functions on this machine, each with the environment and the identity of its own role.

One `cargo lambda watch` serves the APIs of Lambda for all of them on one loopback port. Every process has its
own process group, so that Ctrl-C does not end it before `stop` does.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from .deployment import DEFAULT, EVENTS, FUNCTIONS, ROOT, Deployment, environment, function_environment
from .ending import run_to_the_end

START_SECONDS = 60
INVOKE_SECONDS = 60
STOP_SECONDS = 10
# An event that every function ignores: a sign-in with MFA.
IGNORED = (EVENTS / "ConsoleLogin" / "mfa-used-dave.json").read_bytes()


class FunctionsFailed(Exception):
    """The functions could not be built, started or reached."""


@cache
def build(show: bool, *also: str) -> None:
    """Builds the functions, and these binaries, once a process; with `show`, cargo's own progress is seen.

    With the whole workspace and an example, cargo takes the dependencies as `cargo test` needs them.
    Otherwise it would compile the whole SDK a second time, with other features.
    """
    bins = (part for name in (*FUNCTIONS, *also) for part in ("--bin", name))
    command = ["cargo", "build", "--workspace", *bins, "--example", "read"]
    try:
        errors = run_to_the_end(command, ROOT, show)
    except FileNotFoundError as error:
        raise FunctionsFailed(
            "cargo is not on the PATH, and Rust is needed to build the functions"
        ) from error
    if errors is not None:
        raise FunctionsFailed(f"the functions do not build\n{errors}")


@dataclass(frozen=True)
class Answer:
    """An answer: either `report` is filled, or the two parts of an error."""

    report: dict[str, Any] = field(default_factory=dict)
    error_type: str = ""
    error_message: str = ""

    @property
    def outcome(self) -> str:
        """`acted`, `nothing`, `ignored`, or `error`."""
        return str(self.report.get("outcome", "error"))

    @property
    def reason(self) -> str:
        """Code of the reason, or type of the error."""
        return str(self.report.get("reason", self.error_type))

    def written(self) -> bytes:
        """As the function wrote it."""
        error = {"errorType": self.error_type, "errorMessage": self.error_message}
        return json.dumps(error if self.error_type else self.report).encode()

    def __str__(self) -> str:
        return f"{self.outcome} {self.reason} ({self.report.get('why', self.error_message)})"


def from_http(body: bytes) -> Answer:
    """Reads the answer of the invoke API, or what a function posts to the runtime API."""
    answer = json.loads(body)
    if "errorType" in answer:
        return Answer(error_type=answer["errorType"], error_message=answer["errorMessage"])
    return Answer(report=answer)


def from_cli(done: subprocess.CompletedProcess[str]) -> Answer:
    """Reads what `cargo lambda invoke` prints: the report, or an error that is wrapped into lines."""
    if done.returncode == 0:
        return Answer(report=json.loads(done.stdout))
    lines = [line.strip() for line in done.stderr.splitlines()]
    heading = next(line for line in lines if line.startswith("Error: "))
    message = [line.lstrip("×│ ") for line in lines if line.startswith(("×", "│"))]
    return Answer(error_type=heading.removeprefix("Error: "), error_message=" ".join(message))


def binary(function: str, profile: str = "debug") -> Path:
    """Where cargo puts a function."""
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / profile / function


class Functions:
    def __init__(self, endpoint_url: str, log: Path) -> None:
        self._environment = environment(endpoint_url)
        self._log = log
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._endpoint_url = endpoint_url
        self._deployment = DEFAULT
        # By name, in the order in which they start.
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Starts everything, and waits until each function answers."""
        self._start(
            "cargo lambda watch", self._cargo_lambda("watch", "--only-lambda-apis"), self._environment
        )
        give_up = time.monotonic() + START_SECONDS
        while not self._listens():
            self._must_run()
            if time.monotonic() > give_up:
                raise FunctionsFailed(f"cargo lambda watch does not listen\n{self.log_tail()}")
            time.sleep(0.02)
        self._start_functions()

    def deploy(self, deployment: Deployment) -> None:
        """Gives the functions other settings: those that run end, and new ones start."""
        if deployment == self._deployment:
            return
        self._deployment = deployment
        self.restart(FUNCTIONS)

    def restart(self, names: Collection[str]) -> None:
        """Ends these functions' processes and starts new ones, which remember nothing."""
        self._end([self._processes.pop(name) for name in names])
        self._start_functions(names)

    def _start_functions(self, names: Collection[str] = FUNCTIONS) -> None:
        for name in names:
            runtime_api = f"http://127.0.0.1:{self.port}/.rt/{name}"
            variables = function_environment(self._endpoint_url, name, runtime_api)
            variables |= self._deployment.variables[name]
            self._start(name, [str(binary(name))], variables)
        for name in names:
            answer = self.invoke(name, IGNORED)
            if answer.outcome != "ignored":
                raise FunctionsFailed(f"{name} does not run: {answer}\n{self.log_tail()}")

    def stop(self) -> None:
        """Ends every process that was started."""
        self._end(list(self._processes.values()))

    def invoke(self, function: str, payload: bytes) -> Answer:
        """Invokes a function as AWS would, over HTTP."""
        self._must_run()
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=INVOKE_SECONDS)) as connection:
            connection.request("POST", f"/2015-03-31/functions/{function}/invocations", payload)
            return from_http(connection.getresponse().read())

    def invoke_by_cli(self, function: str, payload: bytes) -> Answer:
        """Invokes a function as a person would, with `cargo lambda invoke`."""
        self._must_run()
        data_file = self._log.with_name("event.json")
        data_file.write_bytes(payload)
        command = self._cargo_lambda(
            "invoke", function, "--data-file", str(data_file), "--output-format", "json"
        )
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=INVOKE_SECONDS,
            check=False,
        )
        self._must_run()
        return from_cli(done)

    def log_text(self) -> str:
        """Everything that cargo-lambda and the functions wrote."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def log_tail(self, lines: int = 12, width: int = 500) -> str:
        last = [line[:width] for line in self.log_text().splitlines()[-lines:]]
        return "\n".join(["The log of the functions ends with:", *last])

    def _start(self, name: str, command: list[str], variables: dict[str, str]) -> None:
        with self._log.open("ab") as output:
            self._processes[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _end(self, processes: Sequence[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            process.terminate()
        give_up = time.monotonic() + STOP_SECONDS
        for process in processes:
            try:
                process.wait(max(give_up - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _must_run(self) -> None:
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise FunctionsFailed(f"{name} has ended\n{self.log_tail()}")

    def _cargo_lambda(self, *arguments: str) -> list[str]:
        """A command of the cargo-lambda that is installed beside this Python."""
        program = Path(sys.executable).with_name("cargo-lambda")
        address = ("--invoke-address", "127.0.0.1", "--invoke-port", str(self.port))
        return [str(program), "lambda", *arguments, *address]

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


@contextmanager
def functions(endpoint_url: str, log: Path) -> Iterator[Functions]:
    """Runs the functions, which must have been built, until the block ends."""
    running = Functions(endpoint_url, log)
    try:
        running.start()
        yield running
    finally:
        running.stop()
