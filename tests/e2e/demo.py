"""`make demo`: the enforcer at work, each scenario told and checked.

Ends with exit status 1 if anything came out differently, and says what.
"""

import sys
import time

from . import functions
from .harness import harness
from .people import CAST
from .scenario import SCENARIOS, play
from .story import Story, opening, run


def tell(story: Story) -> int:
    """Plays all scenarios; the exit status."""
    events = differences = 0
    began = time.monotonic()
    story.say("Building the functions (the first time takes a few minutes)...", "dim")
    functions.build(show=True)
    built = time.monotonic()
    story.say("Starting the emulated account and the functions...", "dim")
    with harness(by_cli=True) as running:
        started = time.monotonic()
        story.say(f"\n{opening(len(CAST))}")
        for number, scenario in enumerate(SCENARIOS, 1):
            story.title(number, scenario)
            for played in play(scenario, running):
                story.step(played)
                events += len(played.observations)
                differences += len(played.differences)
        if differences:
            story.say(f"\n{running.functions.log_tail()}")
    ended = time.monotonic()
    verdict = f"{differences} difference(s), marked DIFFERS above" if differences else "all as they should be"
    style = "bold red" if differences else "bold green"
    story.say(f"\n{len(SCENARIOS)} scenarios, {events} events and sweeps: {verdict}.", style)
    times = f"Build {built - began:.1f} s, start {started - built:.1f} s, scenarios {ended - started:.1f} s."
    story.say(f"{times} Functions and emulator have ended, and no file is left.", "dim")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(run(tell))
