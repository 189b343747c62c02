"""One harness for all tests, and the log of its functions where a test fails."""

from __future__ import annotations

import signal
from collections.abc import Generator, Iterator

import pytest

from . import functions
from .harness import Harness, harness


@pytest.fixture(scope="session", name="enforcer")
def _enforcer() -> Iterator[Harness]:
    """The functions, built and running, before an emulated account."""
    functions.build(show=False)
    with harness() as running:
        yield running


@pytest.fixture(name="record")
def _record(request: pytest.FixtureRequest) -> bool:
    """Whether what comes of the scenarios is written down anew."""
    return bool(request.config.getoption("--record", default=False))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="write tests/e2e/outcomes anew")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "last: runs after all other tests")
    # Ended from outside, the tests still end what they started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The log and the calls are read when everything else has been run."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    running = getattr(item, "funcargs", {}).get("enforcer")
    if report.failed and isinstance(running, Harness):
        report.sections.append(("functions", running.functions.log_tail()))
    return report
