"""`make bench-plan`: `plan` and `report` of the demo's account, and of the largest that IAM allows.

Each runs with the permissions of policies/plan.json, against the emulated AWS. Everything is printed, and
nothing is judged but that a command says all.
"""

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.e2e.deployment import environment
from tests.e2e.emulator import Emulator, emulator
from tests.e2e.people import CAST, Person, crowd

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "mfa-enforcer"
# A process begins with the peak of whoever starts it. This one is small.
LAUNCHER = """
import resource, subprocess, sys
ended = subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(ended.returncode)
"""
# IAM's quota of users in an account.
USERS = 5000
COMMANDS = (["plan"], ["plan", "--format", "html"], ["report"], ["report", "--format", "html"])


def measure(people: Iterable[Person]) -> None:
    with emulator() as running:
        running.account.fill(people)
        for command in COMMANDS:
            _run(command, running)


def _run(command: list[str], running: Emulator) -> None:
    mark = len(running.proxy.calls)
    before = time.monotonic()
    launched = [sys.executable, "-I", "-S", "-c", LAUNCHER, str(BINARY), *command]
    ended = subprocess.run(
        launched, env=environment(running.url, "plan"), capture_output=True, text=True, check=False
    )
    seconds = time.monotonic() - before
    if ended.returncode != 0:
        sys.exit(f"{command} ended with {ended.returncode}: {ended.stderr}")
    peak = int(ended.stderr.splitlines()[-1]) / 1024
    calls = Counter(call.name for call in running.proxy.calls[mark:])
    listed = ", ".join(f"{count} {name}" for name, count in sorted(calls.items()))
    print(f"  {' '.join(command):<22}{seconds:6.1f} s {peak:6.0f} MiB at most, {len(ended.stdout)} bytes")
    print(f"  {'':<22}{calls.total()} calls: {listed}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=USERS, help="how many users the large account has")
    options = parser.parse_args()
    print(f"The demo's account, {len(CAST)} users")
    measure(CAST)
    print(f"{options.users} users. The emulator shares the machine with the command.")
    measure(crowd(options.users))
    return 0


if __name__ == "__main__":
    sys.exit(main())
