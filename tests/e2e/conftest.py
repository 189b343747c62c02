"""One harness for all tests, and the log of its functions where a test fails."""

import signal
from collections.abc import Generator, Iterator

import pytest

from . import functions
from .clients import Clients
from .emulator import Emulator, emulator
from .ending import SIGNALS, end_on_signals
from .harness import Harness, harness
from .people import named


@pytest.fixture(scope="session")
def enforcer() -> Iterator[Harness]:
    functions.build(show=False)
    with harness() as running:
        yield running


@pytest.fixture(scope="module")
def aws() -> Iterator[Emulator]:
    """The emulated AWS alone, so that what a test tries itself is not taken for a function's call."""
    with emulator() as running:
        yield running


@pytest.fixture
def client(aws: Emulator) -> Clients:
    """Clients of an account with bob, dave and heidi."""
    aws.account.fill(named("bob", "dave", "heidi"))
    return Clients(aws)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="write tests/e2e/outcomes anew")


def pytest_configure() -> None:
    # Ended from outside, the tests still end what they started.
    end_on_signals()
    # What is ignored here, as under `nohup`, would be ignored by the programs whose end is tested, too: they
    # would wait for ever. With a handler that does nothing, it is ignored here alone.
    for ending in SIGNALS:
        if signal.getsignal(ending) is signal.SIG_IGN:
            signal.signal(ending, lambda *_: None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The log and the calls are read when everything else has been run."""
    items.sort(key=lambda item: item.path.name == "test_log.py")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    running = getattr(item, "funcargs", {}).get("enforcer")
    if report.failed and isinstance(running, Harness):
        report.sections.append(("functions", running.functions.log_tail()))
    return report
