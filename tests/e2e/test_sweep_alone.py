"""A sweep in its own process, which can be told what `cargo lambda` cannot: little time, and another mode."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from . import sweeping
from .cast import ALICE, BOB, DAVE, HEIDI, phone
from .deployment import ROOT
from .faults import Fault, throttled
from .harness import Harness
from .runtime_api import Bootstrap

# Too few seconds to begin with another user, and as few as it takes.
NO_TIME, JUST_ENOUGH = 30, 62
ALWAYS = 1_000_000
Start = Callable[..., Bootstrap]


@pytest.fixture(name="start")
def _start(enforcer: Harness, tmp_path: Path) -> Start:
    """Starts the function with other settings, before alice, bob, dave, and heidi with a device."""
    binary = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / sweeping.FUNCTION
    enforcer.account.fill((ALICE, BOB, DAVE, HEIDI))
    enforcer.account.enrol("heidi", phone("heidi"))

    def start(**settings: Any) -> Bootstrap:
        return Bootstrap(binary, enforcer.endpoint_url, tmp_path / "log", **settings)

    return start


def iam_writes(enforcer: Harness, mark: int) -> set[str]:
    return {call.action for call in enforcer.wire.since(mark) if call.service == "iam" and call.writes}


def labels(enforcer: Harness) -> list[str]:
    return sorted(message.label_with_name for message in enforcer.mailbox.collect())


def test_what_is_left_for_want_of_time_is_done_by_the_next_run(enforcer: Harness, start: Start) -> None:
    order = sweeping.order("rule")
    with start() as process:
        first = process.invoke(order, NO_TIME)
        (digest,) = enforcer.mailbox.collect()
        assert first.error_type == "SweepUnfinished"
        assert "3 users left" in first.error_message
        assert digest.body["remaining"]["count"] == 3
        assert enforcer.account.user("bob").contained_by is None
        second = process.invoke(order)
    assert (second.outcome, second.report["sweep"]["remaining"]) == ("acted", 0)
    assert enforcer.account.user("bob").contained_by == "policy"
    assert enforcer.account.user("alice").said == "welcome"


def test_a_call_that_is_refused_until_the_end_is_made_by_the_next_run(
    enforcer: Harness, start: Start
) -> None:
    order, refused = sweeping.order("rule"), Fault("iam:AttachUserPolicy", 1, throttled, ALWAYS)
    with start() as process:
        with enforcer.wire.rule(refused):
            first = process.invoke(order, JUST_ENOUGH)
        assert refused.struck > 1
        assert first.error_type == "SweepUnfinished"
        assert labels(enforcer) == ["admins warning digest", "alice welcome", "heidi released"]
        second = process.invoke(order)
    assert second.outcome == "acted", second
    assert enforcer.account.user("bob").contained_by == "policy"
    assert labels(enforcer) == ["admins info digest", "bob quarantined"]


def test_mode_observe_only_reports(enforcer: Harness, start: Start) -> None:
    enforcer.account.root.devices = ()
    mark, before = enforcer.wire.mark(), enforcer.account.users()
    with start(MODE="observe") as process:
        figures = process.invoke(sweeping.order("rule")).report["sweep"]
    assert (iam_writes(enforcer, mark), enforcer.account.users()) == (set(), before)
    # Bob, alice, and heidi.
    assert (figures["withheld"], figures["contained"], figures["told"]) == (3, 0, 0)
    assert labels(enforcer) == ["admins critical digest"]


def test_mode_notify_warns_and_contains_nobody(enforcer: Harness, start: Start) -> None:
    mark = enforcer.wire.mark()
    with start(MODE="notify") as process:
        figures = process.invoke(sweeping.order("rule")).report["sweep"]
        again = process.invoke(sweeping.order("rule"))
    assert iam_writes(enforcer, mark) == {"TagUser"}
    assert (figures["contained"], figures["released"]) == (0, 0)
    assert enforcer.account.user("bob").contained_by is None
    assert enforcer.account.user("heidi").contained_by == "policy"
    told = ["admins warning digest", "alice welcome", "bob reminder", "heidi released"]
    assert labels(enforcer) == told
    assert again.outcome == "nothing"
