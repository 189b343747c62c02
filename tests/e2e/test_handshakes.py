"""What of TLS is on the way of an event: nothing, once a function is ready."""

import json
import select
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from .harness import Harness
from .hubs import Hub
from .organizations import organization
from .people import named
from .runtime_api import bootstrap
from .test_hub import binary, built, central, planned, sign_in
from .tls import Distance, Endpoint, Root, endpoint

__all__ = ["binary", "built", "central", "organization", "planned"]

BOB = "ConsoleLogin/bob-overdue-without-mfa.json"
# What the function opens.
OF_IAM, OF_SNS = 7, 2


@dataclass
class Away:
    """A function that calls IAM and SNS over TLS."""

    harness: Harness
    iam: Endpoint
    sns: Endpoint
    log: Path

    def handshakes(self) -> tuple[int, int]:
        return self.iam.handshakes, self.sns.handshakes

    def is_ready(self) -> None:
        """Waits until it is ready."""
        self.iam.wait_for(unsigned=OF_IAM)
        self.sns.wait_for(unsigned=OF_SNS)


@contextmanager
def away(enforcer: Harness, folder: Path, deaf: int = 0, **variables: str) -> Iterator[Away]:
    enforcer.account.fill(named("bob"))
    root, url, log = Root(folder), enforcer.emulator.url, folder / "log"
    with ExitStack() as stack:
        iam, sns = (stack.enter_context(endpoint(url, root, Distance(0.01, 0.005))) for _ in range(2))
        iam.deaf = sns.deaf = deaf
        iam.gathers, sns.gathers = (0, 0) if deaf else (OF_IAM, OF_SNS)
        variables |= {**root.trusted(), **iam.named("IAM"), **sns.named("SNS")}
        process = stack.enter_context(bootstrap("debug", url, log, "sign-in", **variables))
        yield Away(Harness(enforcer.emulator, process.invoke), iam, sns, log)


def test_event_finds_its_connections_open(enforcer: Harness, tmp_path: Path) -> None:
    with away(enforcer, tmp_path) as function:
        function.is_ready()
        seen = function.harness.deliver(BOB)
        assert (seen.after["bob"].contained_by, function.handshakes()) == ("policy", (OF_IAM, OF_SNS))
        assert function.iam.requests
        assert function.sns.requests


def test_connections_that_fail_cost_no_event(enforcer: Harness, tmp_path: Path) -> None:
    with away(enforcer, tmp_path, deaf=OF_IAM) as function:
        function.iam.wait_for(cut_off=OF_IAM)
        seen = function.harness.deliver(BOB)
    assert seen.after["bob"].contained_by == "policy"
    # Its own line, and metrics.
    lines = [json.loads(line) for line in function.log.read_text().splitlines()]
    assert [line["outcome"] for line in lines if "_aws" not in line] == ["acted"]


def test_hub_finds_its_connection_to_sts_open(planned: Hub, tmp_path: Path) -> None:
    root, url = Root(tmp_path), planned.organization.aws.url
    event = json.dumps(sign_in(planned, "production")).encode()
    with endpoint(url, root, Distance(0.01, 0.005)) as sts:
        with planned.running("sign-in", **root.trusted(), **sts.named("STS")) as function:
            sts.wait_for(unsigned=1)
            answer = function.invoke("sign-in", event)
        assert (answer.outcome, sts.handshakes) == ("acted", 1), answer
    assert sts.requests == 1
    assert len(planned.policies_of("production", "bob")) == 1


class _Tunnel(socketserver.StreamRequestHandler):
    """A proxy, which sees where a connection leads and nothing else."""

    targets: ClassVar[list[str]] = []

    def handle(self) -> None:
        method, target, _ = self.rfile.readline().decode().split()
        assert method == "CONNECT"
        while self.rfile.readline().strip():
            pass
        self.targets.append(target)
        host, _, port = target.partition(":")
        with socket.create_connection((host, int(port))) as other:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            ends = {self.connection: other, other: self.connection}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    if not (data := end.recv(65536)):
                        return
                    ends[end].sendall(data)


class _Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


def test_connections_are_opened_through_the_proxy(enforcer: Harness, tmp_path: Path) -> None:
    _Tunnel.targets.clear()
    with _Proxy(("127.0.0.1", 0), _Tunnel) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{proxy.server_address[1]}"
        with away(enforcer, tmp_path, HTTPS_PROXY=address) as function:
            function.is_ready()
            # Counted before the event, since the proxy may not have handed on the last answer yet.
            assert len(_Tunnel.targets) == OF_IAM + OF_SNS
            seen = function.harness.deliver(BOB)
        proxy.shutdown()
    assert seen.after["bob"].contained_by == "policy"
