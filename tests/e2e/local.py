"""`make local`: the functions and an emulated account, left running for events that you send by hand."""

import sys
import time
from contextlib import suppress

from . import functions
from .harness import harness
from .mailbox import collect, collect_texts
from .people import CAST
from .story import Story, arrived, run

# How often the mailbox is looked into, in seconds.
LOOK_EVERY = 1.0


def serve(story: Story) -> int:
    """Shows the messages that arrive, until Ctrl-C."""
    story.say("Building the functions (the first time takes a few minutes)...", "dim")
    functions.build(show=True)
    with suppress(KeyboardInterrupt), harness() as running:
        running.account.fill()
        invoke = ".venv/bin/cargo-lambda lambda invoke --invoke-address 127.0.0.1"
        invoke += f" --invoke-port {running.functions.port}"
        story.say(f"\nAn emulated AWS account with {len(CAST)} users, and the functions, are up.\n")
        story.say("Send an event from another terminal (tools are in .venv/bin), such as", "bold")
        story.say(f"  {invoke} sign-in --data-file events/ConsoleLogin/bob-overdue-without-mfa.json")
        story.say("or order a sweep of the whole account,", "bold")
        story.say(f"  {invoke} sweep --data-ascii '{{}}'")
        story.say("and look at what it did, with the AWS command line if you have it, such as", "bold")
        story.say(
            "  AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_REGION=us-east-1 "
            f"aws --endpoint-url {running.emulator.url} iam list-attached-user-policies --user-name bob"
        )
        story.say("Messages that arrive are shown here. Ctrl-C ends everything.", "bold")
        while True:
            for label, text in arrived(collect(), collect_texts(), running.strict.ses.take()):
                story.say(f"{label}  {text}", "magenta")
            time.sleep(LOOK_EVERY)
    # The terminal may be gone.
    with suppress(OSError):
        story.say("Functions and emulator have ended, and no file is left.", "dim")
    return 0


if __name__ == "__main__":
    sys.exit(run(serve))
