"""A function's own process before a minimal Lambda Runtime API on the loopback interface.

`cargo lambda` gives every function the same deadline and settings, and starts the process itself. This is for
tests that need another deadline or other settings, or look at the process.
"""

import queue
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Request, Response

from .deployment import ACCOUNT, REGION, function_environment
from .emulator import serving
from .functions import Answer, FunctionsFailed, binary, from_http

# The longest that Lambda lets a function run, in seconds.
LONGEST = 900


class Bootstrap:
    """The process of a function, and the API that gives it events, one after the other."""

    process: subprocess.Popen[bytes]
    seconds: float = LONGEST

    def __init__(self, log: Path) -> None:
        self._log = log
        self.events: queue.Queue[Response] = queue.Queue()
        self._answers: queue.Queue[Answer] = queue.Queue()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        if request.path.endswith("/invocation/next"):
            return self.events.get()(environ, start_response)
        self._answers.put(from_http(request.get_data()))
        return Response("{}", 202)(environ, start_response)

    def invoke(self, _function: str, payload: bytes) -> Answer:
        """Invokes the function, which is told how many seconds it has."""
        headers = {
            "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + self.seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:sweep",
        }
        self.events.put(Response(payload, headers=headers, mimetype="application/json"))
        give_up = time.monotonic() + self.seconds
        while self.process.poll() is None and time.monotonic() < give_up:
            with suppress(queue.Empty):
                return self._answers.get(timeout=1)
        raise FunctionsFailed(self._log.read_text(encoding="utf-8", errors="replace")[-2000:])


@contextmanager
def bootstrap(
    profile: str, endpoint_url: str, log: Path, function: str = "sweep", **settings: str
) -> Iterator[Bootstrap]:
    """Runs a function of a build profile, with settings of its own, until the block ends."""
    running = Bootstrap(log)
    with serving(running) as address, log.open("ab") as output:
        variables = function_environment(endpoint_url, function, address) | settings
        command = [binary(function, profile)]
        with subprocess.Popen(command, env=variables, stdout=output, stderr=output) as running.process:
            try:
                yield running
            finally:
                running.process.kill()
                # The connection that waits for an event is let go.
                running.events.put(Response(status=410))
