"""Every sample event is read as the contract says, and makes only the calls that the contract names."""

import pytest

from . import samples
from .account import Account
from .deployment import CONTRACT, EVENTS
from .gaps import IAM, update_user
from .harness import Harness
from .people import Person, phone
from .samples import SAMPLES


def test_contract_names_every_file() -> None:
    assert sorted(SAMPLES) == sorted(path.relative_to(EVENTS).as_posix() for path in EVENTS.glob("*/*.json"))


def catch_up(account: Account, path: str) -> None:
    """Makes the account as it is after an event, so that IAM does not seem to be behind it."""
    event = SAMPLES[path].event
    if event is None or not SAMPLES[path].user:
        return
    trigger, asked = event["trigger"], samples.load(path)["detail"]["requestParameters"]
    asked = asked if isinstance(asked, dict) else {}
    # A rename is about the user of the new name.
    name = asked.get("userName", SAMPLES[path].user)
    if trigger in ("CreateUser", "CreateLoginProfile", "TagUser") and name not in account.users():
        account.add(Person(name=name, password_age=None))
    user = account.users().get(name)
    if user is None:
        return
    if trigger == "CreateLoginProfile" and not user.password:
        account.give_password(name)
    elif trigger == "DeleteLoginProfile" and user.password:
        IAM.delete_login_profile(name)
    elif trigger == "EnableMFADevice":
        serial = asked.get("serialNumber", phone(name))
        if serial not in user.devices:
            account.enrol(name, serial)
    elif trigger in ("CreateUser", "TagUser"):
        for tag in asked.get("tags", ()):
            account.tag(name, tag["key"], tag["value"])
    elif trigger == "UntagUser":
        # IAM takes keys without regard to case, the emulator as they are.
        asked_for = {key.lower() for key in asked["tagKeys"]}
        IAM.untag_user(name, [key for key in user.tags if key.lower() in asked_for])
    elif trigger == "UpdateUser":
        update_user(name, lambda: IAM.update_user(name, asked.get("newPath"), asked.get("newUserName")))


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
