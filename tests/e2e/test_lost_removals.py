"""A removed device whose event never arrives: the next sweep finds it in the event history."""

from datetime import timedelta

from .harness import Harness
from .people import Person, phone


def test_removal_before_a_rename_is_contained(enforcer: Harness) -> None:
    in_grace = timedelta(days=1)
    people = [Person(name=name, password_age=in_grace, devices=(phone(name),)) for name in ("ruth", "sybil")]
    enforcer.account.fill([*people, Person(name="victor", password_age=in_grace)])
    enforcer.strict.history_is_late(timedelta(0))
    enforcer.sweep_hourly()
    for name in ("ruth", "sybil"):
        enforcer.administrator.call("DeactivateMFADevice", UserName=name, SerialNumber=phone(name))
    enforcer.administrator.rename("sybil", "sibyl")
    seen = enforcer.sweep_hourly()
    contained = {name for name, user in seen.after.items() if user.contained_by}
    assert contained == {"ruth", "sibyl"}, seen.answer
    assert enforcer.sweep_hourly().answer.outcome == "nothing"
