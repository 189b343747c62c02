"""Endpoints with TLS, as far away as those of AWS. Each ends TLS, and hands requests on to the emulated AWS.

    root = Root(folder)
    away = Distance(seconds=0.03, jitter=0.005)
    with endpoint(emulator.url, root, away) as iam, endpoint(emulator.url, root, away) as sns:
        variables = {**root.trusted(), **iam.named("IAM"), **sns.named("SNS")}

With these variables, a function trusts the root, and calls IAM and SNS there. An endpoint knows its
`handshakes`, and how many `requests` and `unsigned` requests it got. Connections stay open, as with AWS.
The first ones, as many as it is `deaf` for, are cut off. No unsigned request is answered before as many
connections are there as it `gathers`.
"""

import datetime
import http.client
import random
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# What belongs to one connection, and not to what is sent over it.
_OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass(frozen=True)
class Distance:
    """How long a round trip takes: so many seconds, give or take the jitter. The same in each run."""

    seconds: float = 0
    jitter: float = 0
    _random: random.Random = field(default_factory=lambda: random.Random(1), repr=False)

    def wait(self, round_trips: int = 1) -> None:
        time.sleep(round_trips * max(0, self.seconds + self._random.uniform(-self.jitter, self.jitter)))


class Root:
    """An authority that nobody knows, and the certificate of this machine that it signed."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "root.pem"
        authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        issuer, subject = (_name(name) for name in ("mfa-enforcer tests", "localhost"))
        root = _certificate(issuer, issuer, authority.public_key())
        root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        names = [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
        leaf = _certificate(issuer, subject, key.public_key())
        leaf = leaf.add_extension(x509.SubjectAlternativeName(names), critical=False)
        pem = serialization.Encoding.PEM
        self.path.write_bytes(root.sign(authority, hashes.SHA256()).public_bytes(pem))
        self._chain = folder / "localhost.pem"
        self._chain.write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + leaf.sign(authority, hashes.SHA256()).public_bytes(pem)
        )

    def trusted(self) -> dict[str, str]:
        """What makes a function trust it, and nobody else."""
        return {"SSL_CERT_FILE": str(self.path)}

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._chain)
        return context


class Endpoint:
    """One endpoint, and what it saw."""

    def __init__(self, upstream: str, root: Root, distance: Distance) -> None:
        self.upstream, self.distance, self.context = urlsplit(upstream).netloc, distance, root.context()
        self.url = ""
        self.handshakes = self.requests = self.unsigned = self.deaf = self.cut_off = self.gathers = 0
        self._changed = threading.Condition()

    def named(self, service: str) -> dict[str, str]:
        """What makes a function call this service here; the name is the SDK's, in capitals."""
        return {f"AWS_ENDPOINT_URL_{service}": self.url}

    def count(self, what: str) -> None:
        with self._changed:
            setattr(self, what, getattr(self, what) + 1)
            self._changed.notify_all()

    def wait_for(self, seconds: float = 20, **counts: int) -> None:
        """Waits until it counted so many, say `unsigned=7` requests without a signature that it answered."""
        with self._changed:
            if not self._changed.wait_for(
                lambda: all(getattr(self, what) >= count for what, count in counts.items()), seconds
            ):
                raise TimeoutError(f"{vars(self)} instead of {counts}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer is sent in one piece.
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        if self._endpoint.cut_off < self._endpoint.deaf:
            self._endpoint.count("cut_off")
            raise ConnectionAbortedError
        # Of TCP, and of TLS 1.3.
        self._endpoint.distance.wait(round_trips=2)
        self.request = self._endpoint.context.wrap_socket(self.request, server_side=True)
        self._endpoint.count("handshakes")
        super().setup()

    @property
    def _endpoint(self) -> Endpoint:
        return cast("_Server", self.server).endpoint

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._endpoint.distance.wait()
        if "Authorization" not in self.headers:
            # On a busy machine, a connection could otherwise be free again before the next one is made.
            self._endpoint.wait_for(handshakes=self._endpoint.gathers)
            # As AWS answers who wants nothing of it.
            self._send(302, {"Location": "https://aws.amazon.com/"}, b"")
            self._endpoint.count("unsigned")
            return
        self._endpoint.count("requests")
        upstream = http.client.HTTPConnection(self._endpoint.upstream)
        upstream.request(self.command, self.path, body, dict(self.headers.items()))
        answer = upstream.getresponse()
        self._send(answer.status, dict(answer.getheaders()), answer.read())
        upstream.close()

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in _OF_A_CONNECTION:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """The proxy before the emulator records the calls."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Connections are held open, and nobody waits for their ends.
    block_on_close = False

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who goes away in the middle of a handshake or a request is none of our concern."""


@contextmanager
def endpoint(upstream: str, root: Root, distance: Distance | None = None) -> Iterator[Endpoint]:
    """An endpoint in front of the emulator at this address, until the block ends."""
    made = Endpoint(upstream, root, distance or Distance())
    with _Server(made) as server:
        made.url = f"https://localhost:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    return x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number(), now - day, now + day)
