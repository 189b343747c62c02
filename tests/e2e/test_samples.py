"""Every sample event is answered as the table in `events/README.md` says that it is read."""

from __future__ import annotations

import pytest

from . import samples
from .account import Account
from .cast import Person, phone
from .harness import Harness

TABLE = samples.table()


def test_the_table_has_every_file() -> None:
    assert sorted(TABLE) == samples.files()


def catch_up(account: Account, event: samples.Event) -> None:
    """Makes the account as it is after an event, so that IAM does not seem to be behind it."""
    name, detail = samples.subject(event), event.get("detail") or {}
    if detail.get("errorCode") or not name:
        return
    happened = detail.get("eventName")
    if happened in ("CreateUser", "CreateLoginProfile") and not account.knows(name):
        account.add(Person(name, None))
    if not account.knows(name):
        return
    if happened == "CreateLoginProfile" and not account.has_password(name):
        account.give_password(name)
    elif happened == "DeleteLoginProfile" and account.has_password(name):
        account.take_password(name)
    elif happened == "EnableMFADevice":
        serial = (detail.get("requestParameters") or {}).get("serialNumber", phone(name))
        if serial not in account.user(name).devices:
            account.enrol(name, serial)


@pytest.mark.parametrize("path", sorted(TABLE))
def test_sample(path: str, enforcer: Harness) -> None:
    sample = TABLE[path]
    enforcer.account.fill()
    catch_up(enforcer.account, samples.load(path))
    seen = enforcer.deliver(path)
    answer = seen.answer
    if sample.malformed:
        assert (answer.outcome, answer.error_type) == ("error", "Malformed")
        assert f"`{sample.malformed}`" in answer.error_message
    elif sample.ignored:
        assert (answer.outcome, answer.reason) == ("ignored", sample.ignored)
    else:
        assert answer.outcome in ("acted", "nothing"), answer
    if answer.outcome != "acted":
        assert (seen.iam_writes, seen.told) == ([], [])
    assert path.startswith("Malformed/") == bool(sample.malformed)
