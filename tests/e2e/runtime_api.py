"""A function's own process before a minimal Lambda Runtime API on the loopback interface.

`cargo lambda` tells every function the same deadline and settings, and starts the process itself. This is for
where the deadline, the settings or the process are looked at.
"""

from __future__ import annotations

import queue
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Request, Response

from .answer import Answer, from_http
from .deployment import environment
from .emulator import serving

# The longest that Lambda lets a function run, in seconds.
LONGEST = 900


class FunctionEnded(Exception):
    """The function's process ended, or did not answer in time."""


class Bootstrap:
    """The process of a function."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, api: _RuntimeApi) -> None:
        self._process, self._log, self._api = process, log, api

    def invoke(self, payload: bytes, seconds: float = LONGEST) -> Answer:
        """Invokes the function, which is told that it has so many seconds."""
        deadline_ms = int((time.time() + seconds) * 1000)
        headers = {
            "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:sweep",
        }
        self._api.events.put(Response(payload, headers=headers, mimetype="application/json"))
        while self._process.poll() is None and time.time() * 1000 < deadline_ms:
            try:
                return from_http(*self._api.answers.get(timeout=1))
            except queue.Empty:
                continue
        raise FunctionEnded(self._log.read_text(encoding="utf-8", errors="replace")[-2000:])

    def peak_memory_kib(self) -> int | None:
        """The most memory that the process ever held; none where the system does not tell."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        except OSError:
            return None
        return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), None)


class _RuntimeApi:
    """Gives events to one function, one after the other."""

    def __init__(self) -> None:
        self.events: queue.Queue[Response] = queue.Queue()
        self.answers: queue.Queue[tuple[int, bytes]] = queue.Queue()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        if request.path.endswith("/invocation/next"):
            return self.events.get()(environ, start_response)
        self.answers.put((200 if request.path.endswith("/response") else 500, request.get_data()))
        return Response("{}", 202)(environ, start_response)


@contextmanager
def bootstrap(binary: Path, endpoint_url: str, log: Path, **settings: str) -> Iterator[Bootstrap]:
    """Runs a function, with settings of its own, until the block ends."""
    api = _RuntimeApi()
    with serving(api) as address, log.open("ab") as output:
        variables = {
            **environment(endpoint_url),
            **settings,
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_LAMBDA_FUNCTION_NAME": binary.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        }
        with subprocess.Popen(
            [str(binary)], env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        ) as process:
            try:
                yield Bootstrap(process, log, api)
            finally:
                process.kill()
                # The connection that waits for an event is let go.
                api.events.put(Response(status=410))
