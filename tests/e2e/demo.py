"""`make demo`: the enforcer at work, each scenario told and checked.

Ends with exit status 1 if anything came out otherwise than it should, and says what.
"""

from __future__ import annotations

import signal
import sys
import time

from rich.console import Console

from . import functions
from .cast import CAST
from .harness import harness
from .scenario import play
from .scenarios import SCENARIOS
from .story import Story, opening
from .sweep_scenarios import SWEEPS

INTERRUPTED = 130


def tell(story: Story) -> int:
    """Plays all scenarios; the number of differences."""
    events = differences = 0
    scenarios = (*SCENARIOS, *SWEEPS)
    began = time.monotonic()
    story.say("Building the four functions (the first time takes a few minutes)...", "dim")
    functions.build(show=True)
    built = time.monotonic()
    story.say("Starting the emulated account and the functions...", "dim")
    with harness() as running:
        started = time.monotonic()
        story.say("")
        story.say(opening(len(CAST)))
        for number, scenario in enumerate(scenarios, 1):
            story.title(number, scenario)
            for played in play(scenario, running, by_cli=True):
                story.step(played)
                events += played.observation is not None
                differences += len(played.differences)
        if differences:
            story.say("")
            story.say(running.functions.log_tail())
    ended = time.monotonic()
    story.say("")
    verdict = f"{differences} difference(s), marked DIFFERS above" if differences else "all as they should be"
    story.say(
        f"{len(scenarios)} scenarios, {events} events and sweeps: {verdict}.",
        "bold red" if differences else "bold green",
    )
    story.say(
        f"Build {built - began:.1f} s, start {started - built:.1f} s, scenarios {ended - started:.1f} s. "
        "Functions and emulator have ended, and no file is left.",
        "dim",
    )
    return differences


def main() -> int:
    # Ended from outside, the demonstration still ends what it started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    story = Story(Console(highlight=False))
    try:
        return 1 if tell(story) else 0
    except KeyboardInterrupt:
        story.say("Interrupted. Functions and emulator have ended, and no file is left.", "yellow")
        return INTERRUPTED
    except functions.FunctionsFailed as error:
        story.say(str(error), "red")
        return 1


if __name__ == "__main__":
    sys.exit(main())
