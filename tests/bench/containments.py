"""What the subjects do about sign-ins without MFA, each of another user, and about events to be ignored."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.e2e import samples
from tests.e2e.emulator import Emulator
from tests.e2e.gaps import IAM, SNS, user_ids
from tests.e2e.people import OLD, Person

from .runtime import Running
from .subjects import ACTING, SUBJECTS, Bench
from .wire import Wire, round_trips

WITHOUT_MFA = "ConsoleLogin/bob-overdue-without-mfa.json"
WITH_MFA = "ConsoleLogin/mfa-used-dave.json"
# As many as a function may get in an hour.
IGNORED = 30


@dataclass
class Measured:
    """What was measured of a subject, once for each run."""

    start: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak: list[float] = field(default_factory=list)
    ignored: list[float] = field(default_factory=list)
    calls: int = 0
    trips: tuple[int, int] = (0, 0)
    trips_of_new_topic: tuple[int, int] = (0, 0)


class Overdue:
    """Users who sign in without MFA after the deadline, each once."""

    def __init__(self, running: Emulator) -> None:
        self._running, self._count = running, 0

    def sign_in(self, topic: bool = True) -> bytes:
        """A new user signs in. The event, as EventBridge sends it."""
        self._count += 1
        name = f"employee.{self._count:04}@example.com"
        self._running.account.add(Person(name=name, password_age=OLD, tags={"email": name}, access_keys=1))
        if topic:
            SNS.subscribe(self._running.account.give_topic(name), name, "email")
        event = samples.fresh(WITHOUT_MFA)
        identity = event["detail"]["userIdentity"]
        identity |= {"userName": name, "principalId": user_ids()[name], "arn": IAM.get_user(name).arn}
        return json.dumps(event).encode()

    def contained(self) -> int:
        """How many are under quarantine."""
        users = self._running.account.users().values()
        return sum(user.contained_by is not None for user in users)


def ignored_event() -> bytes:
    return json.dumps(samples.fresh(WITH_MFA)).encode()


def measure(
    running: Emulator, wire: Wire, bench: Bench, runs: int, say: Callable[[str], None]
) -> dict[str, Measured]:
    """Measures all subjects in turn, so that whatever else the machine does meets them alike."""
    running.account.fill([])
    overdue, found = Overdue(running), {name: Measured() for name in SUBJECTS}
    contained = 0
    # The first run does not count: files are read from the disk, and policies are judged for the first time.
    for number in range(runs + 1):
        say(f"run {number} of {runs}" if number else "warming up")
        for name in SUBJECTS if number % 2 else reversed(SUBJECTS):
            with bench.running(name) as function:
                one = _one(function, name in ACTING, overdue, wire)
            contained += 3 if name in ACTING else 0
            if number:
                _add(found[name], one)
    if overdue.contained() != contained:
        raise SystemExit(f"{overdue.contained()} users are contained, and it should be {contained}.")
    say("ignored events")
    _ignored(found, bench)
    return found


def _one(function: Running, acts: bool, overdue: Overdue, wire: Wire) -> Measured:
    """One process from its start: a cold containment, two warm ones, and events to ignore."""
    one = Measured(start=[function.start_seconds])
    if acts:
        wire.take()
        one.cold.append(acted(function, overdue.sign_in()))
        one.trips = round_trips(wire.take())
        before = function.cpu_seconds
        one.warm.append(acted(function, overdue.sign_in()))
        one.cpu.append(function.cpu_seconds - before)
        one.calls = len(wire.take())
    for _ in range(IGNORED):
        function.invoke(ignored_event())
    one.peak.append(function.peak_mib)
    if acts:
        wire.take()
        acted(function, overdue.sign_in(topic=False))
        one.trips_of_new_topic = round_trips(wire.take())
    return one


def acted(function: Running, payload: bytes) -> float:
    answer = function.invoke(payload)
    # Cloud Custodian says `true`.
    if answer.body is not True and answer.body.get("outcome") != "acted":
        raise SystemExit(f"An event was not acted on: {answer.body}")
    return answer.seconds


def _add(to: Measured, one: Measured) -> None:
    for name in ("start", "cold", "warm", "cpu", "peak"):
        getattr(to, name).extend(getattr(one, name))
    # They do not change from run to run but by how calls overlap, where a late one can only add.
    to.calls = one.calls
    for name in ("trips", "trips_of_new_topic"):
        known: tuple[int, int] = getattr(to, name)
        setattr(to, name, min(filter(any, (known, getattr(one, name))), default=(0, 0)))


def _ignored(found: dict[str, Measured], bench: Bench, events: int = 300) -> None:
    """Gives all of them the same event in turn, many times."""
    with ExitStack() as stack:
        functions = {name: stack.enter_context(bench.running(name)) for name in SUBJECTS}
        payload = ignored_event()
        for number in range(events):
            for name, function in functions.items():
                seconds = function.invoke(payload).seconds
                # The first ones are not warm.
                if number >= events // 10:
                    found[name].ignored.append(seconds)
