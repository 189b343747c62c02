"""A minimal Lambda Runtime API on the loopback interface, and a function's own binary in front of it.

`cargo lambda` is left out where the process of the function itself is looked at: its memory, or its deadline.
"""

from __future__ import annotations

import queue
import subprocess
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from .answer import Answer, from_http
from .deployment import ACCOUNT, REGION, environment

VERSION = "2018-06-01"
# The longest that Lambda lets a function run, in seconds.
LONGEST = 900
STOP_SECONDS = 10


class FunctionEnded(Exception):
    """The function's process ended, or did not answer in time."""


@dataclass(frozen=True)
class _Event:
    request_id: str
    payload: bytes
    deadline_ms: int


class RuntimeApi:
    """Gives events to one function, one after the other. Use as a context manager."""

    def __init__(self) -> None:
        self.events: queue.Queue[_Event | None] = queue.Queue()
        self.answers: queue.Queue[tuple[int, bytes]] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.address = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> RuntimeApi:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.events.put(None)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(api: RuntimeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

        def handle(self) -> None:
            # The function is ended without a farewell.
            with suppress(ConnectionError):
                super().handle()

        def do_GET(self) -> None:
            event = api.events.get() if self.path.endswith("/runtime/invocation/next") else None
            if event is None:
                # The function has ended, and nobody waits for an answer.
                self.close_connection = True
                return
            headers = {
                "Lambda-Runtime-Aws-Request-Id": event.request_id,
                "Lambda-Runtime-Deadline-Ms": str(event.deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:sweep",
            }
            self._respond(200, event.payload, headers)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.endswith("/response"):
                api.answers.put((200, body))
            elif self.path.endswith("/error"):
                api.answers.put((500, body))
            self._respond(202, b"{}")

        def _respond(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


class Bootstrap:
    """The process of a function, with settings of its own. Use as a context manager."""

    def __init__(self, binary: Path, endpoint_url: str, log: Path, **settings: str) -> None:
        self._binary, self._log = binary, log
        self._api = RuntimeApi()
        self._environment = {
            **environment(endpoint_url),
            **settings,
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "AWS_LAMBDA_FUNCTION_NAME": binary.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Bootstrap:
        self._api.__enter__()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._binary)],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(STOP_SECONDS)
        self._api.__exit__(kind, error, trace)

    def invoke(self, payload: bytes, seconds: float = LONGEST) -> Answer:
        """Invokes the function, which is told that it has so many seconds."""
        deadline_ms = int((time.time() + seconds) * 1000)
        self._api.events.put(_Event(str(uuid.uuid4()), payload, deadline_ms))
        give_up = time.monotonic() + LONGEST
        while time.monotonic() < give_up and self._process is not None and self._process.poll() is None:
            try:
                return from_http(*self._api.answers.get(timeout=1))
            except queue.Empty:
                continue
        raise FunctionEnded(self._log.read_text(encoding="utf-8", errors="replace")[-2000:])

    def peak_memory_kib(self) -> int | None:
        """The most memory that the process ever held; none where the system does not tell."""
        if self._process is None:
            return None
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        except OSError:
            return None
        peak = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(next(peak, "0")) or None
