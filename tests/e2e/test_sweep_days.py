"""Day after day: what one user hears who never enrols, and when the administrators get their digest."""

from datetime import datetime, timedelta, timezone

from .deployment import EXEMPT_TAG
from .harness import Harness
from .people import Person, named

# With seven days of grace, and stages of 7, 3 and 1 days. Sweeps are a day apart.
HEARD = {
    0: "newhire welcome",
    4: "newhire reminder",
    6: "newhire final-notice",
    7: "newhire quarantined",
    # Daily for the first week, then weekly.
    **dict.fromkeys((*range(8, 14), 20, 27), "newhire quarantine-reminder"),
}
DAYS = 30


def test_user_who_never_enrols_hears_of_each_stage_once(enforcer: Harness) -> None:
    newcomer = Person(name="newhire", password_age=timedelta(hours=1), tags={"email": "newhire@example.com"})
    enforcer.account.fill([newcomer, *named("dave")])
    heard: dict[int, str] = {}
    for day in range(DAYS):
        seen, again = enforcer.sweep(), enforcer.sweep()
        assert (len(seen.told) <= 1, len(seen.digests)) == (True, 1), f"day {day}: {seen.told}"
        assert again.messages == (), f"day {day}: {again.told}, {again.answer}"
        heard |= dict.fromkeys([day] * len(seen.told), "".join(seen.told))
        assert seen.after["newhire"].contained_by == ("policy" if day >= 7 else None)
        enforcer.account.days_pass()
    assert heard == HEARD


def test_exemption_lasts_until_the_end_of_its_day(enforcer: Harness) -> None:
    enforcer.account.fill([Person(name="oscar"), *named("dave")])
    enforcer.account.tag("oscar", EXEMPT_TAG, datetime.now(timezone.utc).date().isoformat())
    assert enforcer.sweep().after["oscar"].contained_by is None
    enforcer.account.days_pass()
    assert enforcer.sweep().after["oscar"].contained_by == "policy"
