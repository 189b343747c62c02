"""The emulated AWS account: moto's server, in this process, behind the wire.

In this process because passwords and devices have to be years old, which no API call can bring about.
"""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Any

import boto3
from botocore.config import Config
from moto.iam.models import IAMBackend, iam_backends
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.sns.models import SNSBackend, sns_backends
from moto.sqs.models import SQSBackend, sqs_backends
from werkzeug.serving import make_server

from .addresses import Addresses
from .census import Census
from .deployment import ACCOUNT, REGION, SECRET, TESTS_KEY
from .stand_in import StandIn
from .wire import Wire


class _Quiet(MotoRequestHandler):
    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Says nothing: the wire has the record."""


class Emulator:
    """A running emulator. Use as a context manager."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.census = Census(lambda: self.iam)
        self.addresses = Addresses(lambda: self.sns)
        emulated = DomainDispatcherApplication(create_backend_app)
        self.wire = Wire(StandIn(emulated, (self.census.answer, self.addresses.answer)))
        self._server = make_server("127.0.0.1", 0, self.wire, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Emulator:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def iam(self) -> IAMBackend:
        """The emulator's own record of IAM."""
        return iam_backends[ACCOUNT]["aws"]

    @property
    def sns(self) -> SNSBackend:
        """The emulator's own record of SNS."""
        return sns_backends[ACCOUNT][REGION]

    @property
    def sqs(self) -> SQSBackend:
        """The emulator's own record of SQS."""
        return sqs_backends[ACCOUNT][REGION]

    def clear(self) -> None:
        """An account as on its first day."""
        for backend in (self.iam, self.sns, self.sqs):
            backend.reset()
        self.census.clear()
        self.addresses.clear()

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
