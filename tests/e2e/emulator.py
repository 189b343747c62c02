"""The emulated AWS account: moto's server, in this process, behind the proxy.

In this process because passwords and devices have to be years old, which no API call can bring about.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from .deployment import REGION, SECRET, TESTS_KEY
from .gaps import Gaps
from .proxy import Proxy


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """Serves a WSGI application on the loopback interface, at the address that it yields."""
    # Not a line for every request: the proxy has the record.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Emulator:
    """A running emulator."""

    proxy: Proxy
    gaps: Gaps
    url: str

    def client(self, service: str) -> Any:
        """A client of the tests' own."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id=TESTS_KEY,
            aws_secret_access_key=SECRET,
            config=Config(proxies={}, retries={"total_max_attempts": 1}),
        )


@contextmanager
def emulator() -> Iterator[Emulator]:
    """An emulator that ends with the block."""
    gaps = Gaps()
    proxy = Proxy(DomainDispatcherApplication(create_backend_app), [gaps])
    with serving(proxy) as address:
        yield Emulator(proxy, gaps, f"http://{address}")
