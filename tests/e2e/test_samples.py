"""Every sample event is read as the contract says, and makes only the calls that the contract names."""

import pytest

from . import samples
from .account import Account
from .deployment import CONTRACT, EVENTS
from .gaps import IAM
from .harness import Harness
from .people import Person, phone
from .samples import SAMPLES


def test_contract_names_every_file() -> None:
    assert sorted(SAMPLES) == sorted(path.relative_to(EVENTS).as_posix() for path in EVENTS.glob("*/*.json"))


def catch_up(account: Account, path: str) -> None:
    """Makes the account as it is after an event, so that IAM does not seem to be behind it."""
    event, name = SAMPLES[path].event, SAMPLES[path].user
    if event is None or not name:
        return
    if event["trigger"] in ("CreateUser", "CreateLoginProfile") and name not in account.users():
        account.add(Person(name=name, password_age=None))
    user = account.users().get(name)
    if user is None:
        return
    if event["trigger"] == "CreateLoginProfile" and not user.password:
        account.give_password(name)
    elif event["trigger"] == "DeleteLoginProfile" and user.password:
        IAM.delete_login_profile(name)
    elif event["trigger"] == "EnableMFADevice":
        serial = samples.load(path)["detail"]["requestParameters"].get("serialNumber", phone(name))
        if serial not in user.devices:
            account.enrol(name, serial)


@pytest.mark.parametrize("path", sorted(SAMPLES))
def test_sample(path: str, enforcer: Harness) -> None:
    sample = SAMPLES[path]
    enforcer.account.fill()
    catch_up(enforcer.account, path)
    seen = enforcer.deliver(path)
    answer = seen.answer
    if sample.malformed:
        assert (answer.outcome, answer.error_type) == ("error", "Malformed")
        assert f"`{sample.malformed}`" in answer.error_message
    elif sample.ignored:
        assert (answer.outcome, answer.reason) == ("ignored", sample.ignored)
    elif answer.error_type == "NotYetVisible":
        # The account does not show the exemption that the event tells of, so the function waits for IAM.
        assert path.split("/", maxsplit=1)[0] in ("CreateUser", "TagUser", "UntagUser", "UpdateUser"), answer
        assert "exempt" in answer.error_message or "new user" in answer.error_message
    else:
        assert answer.outcome in ("acted", "nothing"), answer
    trigger = sample.event["trigger"] if sample.event else ""
    # Many calls of several services are one trigger.
    if sample.event and sample.event["subject"] == "the enforcer":
        trigger = "EnforcerTouched"
    calls = CONTRACT["triggers"][trigger]["calls"] if trigger else []
    assert {call.name for call in seen.calls} <= set(calls)
    if answer.outcome != "acted":
        assert (seen.iam_writes, seen.told) == ({}, [])
