"""A sweep in its own process, which can be told what `cargo lambda` cannot: little time, and another mode."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .deployment import ACCOUNT
from .faults import Fault, denied, throttled
from .gaps import IAM
from .harness import MONDAY, Harness
from .people import named, phone
from .runtime_api import LONGEST, Bootstrap, bootstrap

# Too few seconds to begin with another user, and as few as it takes.
NO_TIME, JUST_ENOUGH = 30, 62
ALWAYS = 1_000_000


@contextmanager
def sweep_alone(enforcer: Harness, folder: Path, **settings: str) -> Iterator[tuple[Bootstrap, Harness]]:
    """Runs a sweep with other settings, before alice, bob, dave, and heidi with a device."""
    enforcer.account.fill(named("alice", "bob", "dave", "heidi"))
    enforcer.account.enrol("heidi", phone("heidi"))
    with bootstrap("debug", enforcer.emulator.url, folder / "log", **settings) as process:
        yield process, Harness(enforcer.emulator, process.invoke)


def test_users_left_for_want_of_time_are_done_by_the_next_run(enforcer: Harness, tmp_path: Path) -> None:
    with sweep_alone(enforcer, tmp_path) as (process, alone):
        process.seconds = NO_TIME
        first = alone.sweep()
        process.seconds = LONGEST
        second = alone.sweep(again=True)
    assert first.answer.error_type == "SweepUnfinished"
    assert "3 users left" in first.answer.error_message
    assert [digest.body["remaining"]["count"] for digest in first.digests] == [3]
    assert first.after == first.before
    assert (second.answer.outcome, second.figures["remaining"]) == ("acted", 0)
    assert second.after["bob"].contained_by == "policy"
    assert second.after["alice"].said == "welcome"


def test_call_refused_until_the_end_is_made_by_the_next_run(enforcer: Harness, tmp_path: Path) -> None:
    refused = Fault("iam:AttachUserPolicy", throttled, times=ALWAYS)
    with sweep_alone(enforcer, tmp_path) as (process, alone):
        process.seconds = JUST_ENOUGH
        with alone.proxy.rule(refused):
            first = alone.sweep()
        process.seconds = LONGEST
        second = alone.sweep(again=True)
    assert refused.struck > 1
    assert first.answer.error_type == "SweepUnfinished"
    assert (sorted(first.told), len(first.digests)) == (["alice welcome", "heidi released"], 1)
    assert second.answer.outcome == "acted", second.answer
    assert second.after["bob"].contained_by == "policy"
    assert (second.told, len(second.digests)) == (["bob quarantined", "sms"], 1)


def test_mode_observe_only_reports(enforcer: Harness, tmp_path: Path) -> None:
    with sweep_alone(enforcer, tmp_path, MODE="observe") as (_, alone):
        alone.account.change_root(has_mfa=False)
        seen = alone.sweep()
    assert (seen.iam_writes, seen.after, seen.told) == ({}, seen.before, [])
    # Bob, alice, and heidi.
    assert (seen.figures["withheld"], seen.figures["contained"], seen.figures["told"]) == (3, 0, 0)
    assert [digest.label for digest in seen.digests] == ["admins critical digest"]


def test_mode_notify_warns_and_contains_nobody(enforcer: Harness, tmp_path: Path) -> None:
    with sweep_alone(enforcer, tmp_path, MODE="notify") as (_, alone):
        seen, again = alone.sweep(), alone.sweep()
    assert {action for actions in seen.iam_writes.values() for action in actions} == {"TagUser"}
    # A release begins, as in the mode enforce.
    assert (seen.figures["contained"], seen.figures["released"]) == (0, 1)
    assert seen.after["bob"].contained_by is None
    assert seen.after["heidi"].contained_by == "policy"
    assert sorted(seen.told) == ["alice welcome", "bob reminder", "heidi released", "sms"]
    assert [digest.label for digest in seen.digests] == ["admins warning digest"]
    assert again.answer.outcome == "nothing"


def asked(harness: Harness) -> int:
    return [call.name for call in harness.proxy.calls].count("iam:ListAccountAliases")


def test_alias_names_the_account_and_is_read_once(enforcer: Harness, tmp_path: Path) -> None:
    with sweep_alone(enforcer, tmp_path) as (_, alone):
        IAM.create_account_alias("acme-prod")
        before = asked(alone)
        seen, again = alone.sweep(), alone.sweep(changes=MONDAY)
    assert all("(acme-prod)" in digest.subject for digest in (*seen.digests, *again.digests))
    assert asked(enforcer) == before + 1


def test_alias_that_is_denied_leaves_the_number(enforcer: Harness, tmp_path: Path) -> None:
    with sweep_alone(enforcer, tmp_path) as (_, alone):
        IAM.create_account_alias("acme-prod")
        with alone.proxy.rule(Fault("iam:ListAccountAliases", denied)):
            seen = alone.sweep()
    assert seen.answer.outcome == "acted", seen.answer
    assert [digest.subject.split()[1:3] for digest in seen.digests] == [[ACCOUNT, "MFA"]]
