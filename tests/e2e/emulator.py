"""The emulated AWS account: moto's server, in this process, behind the proxy.

It runs in this process because passwords and devices have to be years old, which no API call can bring about.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from .account import Account
from .administrator import Administrator
from .evaluator import evaluator
from .event_history import EventHistory
from .gaps import Gaps
from .iam_rules import IamRules
from .invocations import Invocations
from .judge import Judge
from .lag import Lag
from .proxy import Proxy, Rule
from .ses import Ses
from .strict import Strict
from .trails import Trails


class _Dispatcher(DomainDispatcherApplication):
    """Lists the folder of its services once for each host. moto's own lists it for every request."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._backend = cache(super().get_backend_for_host)

    def get_backend_for_host(self, host: str | None) -> Any:
        return self._backend(host)


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """Serves a WSGI application on the loopback interface, at the address that it yields."""
    # The proxy records the calls, so no line for every request.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    # Once it is shut down, werkzeug's server closes itself.
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


@dataclass(frozen=True)
class Emulator:
    account: Account
    administrator: Administrator
    strict: Strict
    proxy: Proxy
    url: str


@contextmanager
def emulator() -> Iterator[Emulator]:
    """An emulator that ends with the block."""
    with evaluator() as judging:
        strict = Strict(
            *(Judge(judging), IamRules(), Lag(), EventHistory(), Gaps(), Trails(), Ses(), Invocations())
        )
        rules: list[Rule] = [
            *(strict.judge, strict.iam_rules, strict.lag, strict.history.look_up, strict.trails, strict.gaps),
            *(strict.ses, strict.invocations),
        ]
        proxy = Proxy(_Dispatcher(), strict.history.record, rules)
        with serving(proxy) as address:
            yield Emulator(Account(strict), Administrator(proxy), strict, proxy, f"http://{address}")
