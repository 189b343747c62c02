"""`make fuzz`: every fuzz target for some seconds, or for a number of executions, and what came of it."""

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TARGET = ROOT / "target" / "fuzz"
# Without comparisons it is five times as fast, and the mutations know the words that comparisons would find.
BUILD = ["--fuzz-dir", str(HERE), "--target-dir", str(TARGET), "--sanitizer", "none", "--no-trace-compares"]
# What libFuzzer says when it is told to end.
INTERRUPTED = "libFuzzer: run interrupted"
# Larger inputs are not more interesting, only slower.
LARGEST = 4_096

REPORT = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,mfa_active,"
    "access_key_1_active,access_key_1_last_used_date,access_key_2_active,access_key_2_last_used_date\n"
    "<root_account>,arn:aws:iam::123456789012:root,2020-01-01T00:00:00+00:00,not_supported,no_information,"
    "not_supported,true,false,N/A,false,N/A\n"
    "alice,arn:aws:iam::123456789012:user/alice,2026-01-02T03:04:05+00:00,true,2026-11-01T00:00:00+00:00,"
    "2026-02-03T04:05:06+00:00,true,true,no_information,false,N/A\n"
    '"bob",arn:aws:iam::123456789012:user/bob,2026-01-02T03:04:05Z,FALSE,N/A,N/A,false,false,N/A,false,N/A\n'
)
REQUESTS = ["{}", '{"sweep": "hourly"}', '{"Records": [{"body": "{\\"sweep\\": \\"daily\\"}"}]}']
TAGS = [
    "2026-11-24T09:00:00Z reason=sign-in event=0d1f2a3b release=2026-11-24T21:00:00Z",
    "quarantined 2026-11-24T09:00:00Z event=0d1f2a3b first=2026-11-20T09:00:00Z claimed unreached",
    "2026-11-24T09:00:00Z event=one event=two",
    "2026-11-24T06:00:00Z digest=2026-11-24T06:00:00Z owed=both root=virtual+keys users=5000 mfa=1",
    "2026-12-31",
    "+1 555 010-0123",
]
ALLOW_ALL = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


@dataclass
class Outcome:
    """What came of a target."""

    target: str
    executions: int
    seconds: float
    corpus: int
    crash: str | None


def targets() -> list[str]:
    command = ["cargo", "fuzz", "list", "--fuzz-dir", str(HERE)]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()


def seeds(target: str) -> Iterable[str]:
    """The inputs that a target begins with, from the files of the repository."""
    samples = [json.dumps(json.loads(path.read_text())) for path in sorted(ROOT.glob("events/*/*.json"))]
    match target:
        case "events":
            return samples + REQUESTS
        case "decisions":
            return samples
        case "credential_report":
            return [REPORT, REPORT.splitlines()[0]]
        case "settings":
            described = json.loads((ROOT / "contract" / "contract.json").read_text())["settings"]
            lines = [f"{setting['name']}={setting['default'] or ''}" for setting in described]
            return ["\n".join(lines), "bare\n" + "\n".join(lines), *lines]
        case "tags":
            return TAGS
        case "boundaries":
            return [ALLOW_ALL] + [path.read_text() for path in sorted(ROOT.glob("policies/*.json"))]
    sys.exit(f"{target} has no seeds: add them to {Path(__file__).name}")


def fuzz(target: str, limit: list[str]) -> Outcome:
    corpus, artifacts = TARGET / "corpus" / target, TARGET / "artifacts" / target
    corpus.mkdir(parents=True, exist_ok=True)
    artifacts.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_text(seed)
    options = [*limit, f"-max_len={LARGEST}", "-timeout=10", "-print_final_stats=1", "-verbosity=0"]
    command = ["cargo", "fuzz", "run", *BUILD, target, str(corpus), "--"]
    started = time.monotonic()
    run = subprocess.run(
        [*command, *options, f"-artifact_prefix={artifacts}/"],
        capture_output=True, text=True, errors="replace", cwd=ROOT, check=False,
    )  # fmt: skip
    seconds = time.monotonic() - started
    executions = re.search(r"stat::number_of_executed_units:\s*(\d+)", run.stderr)
    (artifacts / "log").write_text(run.stderr)
    crash = None
    # Whoever ends a long run by hand has found nothing.
    if INTERRUPTED not in run.stderr and (run.returncode != 0 or executions is None):
        found = re.search(r"Test unit written to (\S+)", run.stderr)
        crash = found.group(1) if found else f"{artifacts}/log"
    count = int(executions.group(1)) if executions else 0
    return Outcome(target, count, seconds, len(list(corpus.iterdir())), crash)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=15, help="for each target")
    parser.add_argument("--runs", type=int, help="executions of each target, instead of seconds")
    parser.add_argument("--target", action="append", choices=targets(), help="only this one; may be repeated")
    parser.add_argument("--jobs", type=int, default=2, help="targets at once")
    options = parser.parse_args()
    if subprocess.run(["cargo", "fuzz", "build", *BUILD], cwd=ROOT, check=False).returncode != 0:
        sys.exit("the targets do not compile")
    limit = [f"-runs={options.runs}"] if options.runs else [f"-max_total_time={options.seconds}"]
    print("| target | executions | seconds | inputs kept | crashes |\n|---|---|---|---|---|", flush=True)
    failed = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for outcome in pool.map(lambda target: fuzz(target, limit), options.target or targets()):
            crashes = 0 if outcome.crash is None else 1
            print(
                f"| {outcome.target} | {outcome.executions:,} | {outcome.seconds:,.0f} | {outcome.corpus:,} "
                f"| {crashes} |",
                flush=True,
            )
            if outcome.crash:
                failed.append(outcome)
    for outcome in failed:
        print(f"\n{outcome.target} fails with {outcome.crash}. Again, with the reason:")
        print(" ", *["cargo", "fuzz", "run", *BUILD, outcome.target, str(outcome.crash)])
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
