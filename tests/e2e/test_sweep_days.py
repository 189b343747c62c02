"""Day after day: what one user hears who never enrols, and when the administrators get their digest."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from .cast import DAVE, Person
from .deployment import EXEMPT_TAG
from .harness import Harness

# With seven days of grace, and stages of 7, 3 and 1 days. Sweeps are a day apart.
HEARD = {
    0: "user welcome",
    4: "user reminder",
    6: "user final-notice",
    7: "user quarantined",
    # Daily for the first week, then weekly.
    **dict.fromkeys((*range(8, 14), 20, 27), "user quarantine-reminder"),
}
DAYS = 30


def test_who_never_enrols_hears_of_each_stage_once(enforcer: Harness) -> None:
    newcomer = Person("newhire", timedelta(hours=1), tags={"email": "newhire@example.com"})
    enforcer.account.fill((newcomer, DAVE))
    heard = {}
    for day in range(DAYS):
        for run in range(2):
            seen = enforcer.sweep()
            labels = [message.label for message in seen.notices]
            assert len(labels) <= 1 - run, f"day {day}, run {run}: {labels}"
            assert len(seen.digests) == 1 - run, f"day {day}, run {run}: {seen.answer}"
            if labels:
                heard[day] = labels[0]
        assert seen.after["newhire"].contained_by == ("policy" if day >= 7 else None)
        enforcer.account.days_pass()
    assert heard == HEARD


def test_an_exemption_lasts_until_the_end_of_its_day(enforcer: Harness) -> None:
    enforcer.account.fill((Person("oscar"), DAVE))
    enforcer.account.tag("oscar", EXEMPT_TAG, datetime.now(timezone.utc).date().isoformat())
    assert enforcer.sweep().after["oscar"].contained_by is None
    enforcer.account.days_pass()
    assert enforcer.sweep().after["oscar"].contained_by == "policy"
