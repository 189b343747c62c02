"""A sweep in its own process, which can be told what `cargo lambda` cannot: little time, and another mode."""

from __future__ import annotations

import json
import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pytest

from . import samples
from .deployment import ROOT
from .faults import Fault, throttled
from .harness import SWEEP, Harness
from .mailbox import collect
from .people import named, phone
from .runtime_api import Bootstrap, bootstrap

# Too few seconds to begin with another user, and as few as it takes.
NO_TIME, JUST_ENOUGH = 30, 62
ALWAYS = 1_000_000


class Start(Protocol):
    def __call__(self, **settings: str) -> AbstractContextManager[Bootstrap]: ...


@pytest.fixture(name="start")
def _start(enforcer: Harness, tmp_path: Path) -> Start:
    """Starts the function with other settings, before alice, bob, dave, and heidi with a device."""
    binary = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "sweep"
    enforcer.account.fill(named("alice", "bob", "dave", "heidi"))
    enforcer.account.enrol("heidi", phone("heidi"))
    return lambda **settings: bootstrap(binary, enforcer.emulator.url, tmp_path / "log", **settings)


def order() -> bytes:
    return json.dumps(samples.fresh(SWEEP)).encode()


def iam_writes(enforcer: Harness, mark: int) -> set[str]:
    return {call.action for call in enforcer.proxy.since(mark) if call.service == "iam" and call.writes}


def labels() -> list[str]:
    return sorted(message.label for message in collect())


def test_users_left_for_want_of_time_are_done_by_the_next_run(enforcer: Harness, start: Start) -> None:
    payload = order()
    with start() as process:
        first = process.invoke(payload, NO_TIME)
        (digest,) = collect()
        assert first.error_type == "SweepUnfinished"
        assert "3 users left" in first.error_message
        assert digest.body["remaining"]["count"] == 3
        assert enforcer.account.user("bob").contained_by is None
        second = process.invoke(payload)
    assert (second.outcome, second.report["sweep"]["remaining"]) == ("acted", 0)
    assert enforcer.account.user("bob").contained_by == "policy"
    assert enforcer.account.user("alice").said == "welcome"


def test_call_refused_until_the_end_is_made_by_the_next_run(enforcer: Harness, start: Start) -> None:
    payload, refused = order(), Fault("iam:AttachUserPolicy", throttled, times=ALWAYS)
    with start() as process:
        with enforcer.proxy.rule(refused):
            first = process.invoke(payload, JUST_ENOUGH)
        assert refused.struck > 1
        assert first.error_type == "SweepUnfinished"
        assert labels() == ["admins warning digest", "alice welcome", "heidi released"]
        second = process.invoke(payload)
    assert second.outcome == "acted", second
    assert enforcer.account.user("bob").contained_by == "policy"
    assert labels() == ["admins info digest", "bob quarantined"]


def test_mode_observe_only_reports(enforcer: Harness, start: Start) -> None:
    enforcer.account.change_root(has_mfa=False)
    mark, before = enforcer.proxy.mark(), enforcer.account.users()
    with start(MODE="observe") as process:
        figures = process.invoke(order()).report["sweep"]
    assert (iam_writes(enforcer, mark), enforcer.account.users()) == (set(), before)
    # Bob, alice, and heidi.
    assert (figures["withheld"], figures["contained"], figures["told"]) == (3, 0, 0)
    assert labels() == ["admins critical digest"]


def test_mode_notify_warns_and_contains_nobody(enforcer: Harness, start: Start) -> None:
    mark = enforcer.proxy.mark()
    with start(MODE="notify") as process:
        figures = process.invoke(order()).report["sweep"]
        again = process.invoke(order())
    assert iam_writes(enforcer, mark) == {"TagUser"}
    assert (figures["contained"], figures["released"]) == (0, 0)
    assert enforcer.account.user("bob").contained_by is None
    assert enforcer.account.user("heidi").contained_by == "policy"
    told = ["admins warning digest", "alice welcome", "bob reminder", "heidi released"]
    assert labels() == told
    assert again.outcome == "nothing"
