"""Break-glass users: the functions' own roles must let them do what the plan says about such a user."""

from datetime import timedelta

from .harness import RUNS, Harness
from .people import named

BREAK_GLASS = "/break-glass/"


def test_user_moved_to_break_glass_is_released(enforcer: Harness) -> None:
    enforcer.account.fill(named("heidi", "dave"))
    enforcer.administrator.move("heidi", BREAK_GLASS)
    # A sweep lifts nothing until the event history shows who decided the exemption.
    enforcer.account.time_passes(timedelta(hours=1))
    runs = enforcer.sweep_until_done()
    assert runs[-1].answer.outcome == "acted", runs[-1].answer
    heidi = runs[-1].after["heidi"]
    assert (heidi.contained_by, heidi.tagged) == (None, False)


def test_break_glass_enrolment_is_one_alert(enforcer: Harness) -> None:
    enforcer.account.fill(named("bob", "mallory"))
    enforcer.administrator.move("bob", BREAK_GLASS)
    enforcer.account.enrol("bob", "arn:aws:iam::123456789012:mfa/bob-tablet")
    sample = "EnableMFADevice/bob-by-mallory.json"
    runs = [enforcer.deliver(sample)]
    while runs[-1].answer.outcome == "error" and len(runs) < RUNS:
        runs.append(enforcer.deliver(sample, again=True))
    assert [label for run in runs for label in run.told] == ["admins warning enrolment-alert"], runs[
        -1
    ].answer
    assert runs[-1].answer.outcome == "acted"
