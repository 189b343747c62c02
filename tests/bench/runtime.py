"""Lambda's runtime API on the loopback interface, with as little as possible between a clock and the wire.

`tests/e2e/runtime_api.py` serves the same to tests. This one is for times of a tenth of a millisecond: it
writes an event and reads the answer on the connection itself.
"""

import json
import queue
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
LONGEST = 60
ARN = "arn:aws:lambda:us-east-1:123456789012:function:bench"


class FunctionFailed(Exception):
    """A function ended, answered with an error, or did not answer."""


@dataclass(frozen=True)
class Answer:
    """What a function answered, and how long it took from the event's first byte to the answer's first."""

    seconds: float
    body: Any


class RuntimeApi:
    """Serves one function, which asks for an event and answers it before it asks for the next."""

    process: subprocess.Popen[bytes] | None = None

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._asked: queue.Queue[tuple[socket.socket, float]] = queue.Queue()
        self._answers: queue.Queue[tuple[float, str, bytes]] = queue.Queue()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        buffer = b""
        with suppress(OSError), connection:
            while received := connection.recv(1 << 16):
                # The first byte of a request, unless it is the rest of one.
                if not buffer:
                    came = time.perf_counter()
                buffer += received
                while request := _split(buffer):
                    head, body, buffer = request
                    path = head.split(b" ", 2)[1].decode()
                    if path.endswith("/invocation/next"):
                        self._asked.put((connection, came))
                        continue
                    self._answers.put((came, path, body))
                    connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}")

    def asked(self) -> tuple[socket.socket, float]:
        """Waits until the function asks for an event; the connection on which it does, and when it did."""
        return self._awaited(self._asked, "it does not ask for an event")

    def _awaited(self, what: "queue.Queue[T]", otherwise: str) -> T:
        """Waits until it is there, or the function has ended, or time is up."""
        give_up = time.monotonic() + LONGEST
        while time.monotonic() < give_up and (self.process is None or self.process.poll() is None):
            with suppress(queue.Empty):
                return what.get(timeout=0.5)
        raise FunctionFailed(otherwise)

    def invoke(self, payload: bytes) -> Answer:
        connection, _ = self.asked()
        deadline = int((time.time() + LONGEST) * 1000)
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            f"Lambda-Runtime-Aws-Request-Id: {uuid.uuid4()}\r\nLambda-Runtime-Deadline-Ms: {deadline}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {ARN}\r\nContent-Length: {len(payload)}\r\n\r\n"
        )
        # Before it is sent: afterwards the function may have had the processor for a while.
        sent = time.perf_counter()
        connection.sendall(head.encode() + payload)
        came, path, body = self._awaited(self._answers, "it does not answer")
        if not path.endswith("/response"):
            raise FunctionFailed(body.decode(errors="replace")[:2000])
        return Answer(came - sent, json.loads(body or b"null"))

    def close(self) -> None:
        # A blocked accept is let go.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _split(buffer: bytes) -> tuple[bytes, bytes, bytes] | None:
    """Head and body of the first request, and what follows; nothing while it is not all there."""
    head, found, rest = buffer.partition(b"\r\n\r\n")
    if not found:
        return None
    headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    if headers.get(b"transfer-encoding") != b"chunked":
        length = int(headers.get(b"content-length", b"0"))
        return (head, rest[:length], rest[length:]) if len(rest) >= length else None
    body = b""
    while True:
        size, found, rest = rest.partition(b"\r\n")
        length = int(size, 16) if found else 0
        if not found or len(rest) < length + 2:
            return None
        body, rest = body + rest[:length], rest[length + 2 :]
        if length == 0:
            return head, body, rest


@dataclass(frozen=True)
class Running:
    """A function's process, and the API that gives it events."""

    process: subprocess.Popen[bytes]
    api: RuntimeApi
    # From the start of the process until it asked for its first event.
    start_seconds: float

    def invoke(self, payload: bytes) -> Answer:
        return self.api.invoke(payload)

    @property
    def cpu_seconds(self) -> float:
        """User and system time of the process so far, with that of threads that have ended."""
        # The clock of a process, as Linux numbers it: `man 3 clock_getcpuclockid`.
        return time.clock_gettime((~self.process.pid << 3) | 2)

    @property
    def peak_mib(self) -> float:
        """The most memory that it ever held."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@contextmanager
def running(
    command: Sequence[str], variables: Mapping[str, str], log: Path, folder: Path | None = None
) -> Iterator[Running]:
    """Runs a function until the block ends. The block begins when it has asked for its first event."""
    api = RuntimeApi()
    environment = {**variables, "AWS_LAMBDA_RUNTIME_API": api.address}
    try:
        with log.open("ab") as output:
            began = time.perf_counter()
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=folder)
        api.process = process
        with process:
            try:
                connection, asked = api.asked()
                api._asked.put((connection, asked))
                yield Running(process, api, asked - began)
            except FunctionFailed as failure:
                tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise FunctionFailed(f"{command[-1]}: {failure}\n{tail}") from failure
            finally:
                process.kill()
    finally:
        api.close()
