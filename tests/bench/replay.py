"""`make bench-replay`: a replay of a gigabyte of CloudTrail, beside what only decompresses or parses it.

Every command reads the same files with as many processes or threads, one command after the other. The
archive is made anew and removed at the end. Nothing is judged.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
# Reads each file in pieces, as a program does that streams. ISA-L is the fastest that has a wheel.
INFLATE = """
import sys
from isal import igzip
for name in sys.argv[1:]:
    with igzip.open(name, "rb") as file:
        while file.read(1 << 17):
            pass
"""
# A record of this many bytes is made as a stream.
GIGABYTES = 2


@dataclass(frozen=True)
class Run:
    """What a command took."""

    seconds: float
    peak_mib: float


def measured(commands: list[list[str]]) -> Run:
    """Runs the commands side by side, without their output. The peak is the largest of one process."""
    before = time.monotonic()
    processes = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in commands
    ]
    peaks = []
    for process in processes:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{process.args!r:.200} ended with {process.returncode}")
        peaks.append(usage.ru_maxrss / 1024)
    return Run(time.monotonic() - before, max(peaks))


@contextmanager
def archive(megabytes: int) -> Iterator[list[str]]:
    """An archive of compressed files, which goes when it is not needed any more."""
    with tempfile.TemporaryDirectory(prefix="mfa-enforcer-") as folder:
        subprocess.run([RELEASE / "examples/archive_sample", folder, str(megabytes)], check=True)
        yield sorted(str(file) for file in Path(folder).rglob("*.json.gz"))


def side_by_side(command: list[str], files: list[str], threads: int) -> list[list[str]]:
    """The command with a part of the files, as many times as there are threads."""
    return [[*command, *files[part::threads]] for part in range(threads)]


def longest_record(binary: str) -> Run:
    """A record that is far too long, from standard input."""
    before = time.monotonic()
    with subprocess.Popen(
        [binary, "replay", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b'{"eventSource":"a","eventName":"b"}\n{"a":"')
        for _ in range(GIGABYTES << 10):
            process.stdin.write(b"x" * (1 << 20))
        process.stdin.write(b'"}\n')
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    # It is named, and costs nothing else.
    if process.returncode != 1:
        sys.exit(f"a record of {GIGABYTES} GB ended with {process.returncode}")
    return Run(time.monotonic() - before, usage.ru_maxrss / 1024)


def main() -> int:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1024, help="how large the compressed archive is")
    parser.add_argument(
        "--rounds", type=int, default=3, help="how often each command runs; the fastest counts"
    )
    parser.add_argument("--without-jq", action="store_true", help="leave out jq, which takes minutes")
    options = parser.parse_args()
    binary = str(RELEASE / "mfa-enforcer")
    threads = os.cpu_count() or 1
    with archive(options.megabytes) as files:
        replay = [binary, "replay", "--format", "json", *files]
        summary = json.loads(
            subprocess.run(replay, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
        )["summary"]
        size = sum(Path(file).stat().st_size for file in files)
        commands = {
            "mfa-enforcer replay": [replay],
            "ISA-L, decompression alone": side_by_side([sys.executable, "-c", INFLATE], files, threads),
            "gzip -dc": side_by_side(["gzip", "-dc"], files, threads),
        }
        if not options.without_jq:
            parse = ["sh", "-c", 'gzip -dc "$@" | jq -c .Records[]', "sh"]
            commands["jq -c after gzip -dc"] = side_by_side(parse, files, threads)
        runs: dict[str, Run] = {}
        for round_ in range(options.rounds):
            for name, command in commands.items():
                # One round is enough for what takes minutes.
                if "jq" in name and round_:
                    continue
                run = measured(command)
                runs[name] = min(runs.get(name, run), run, key=lambda run: run.seconds)
    print(
        f"{len(files)} files, {size / 1e6:.0f} MB, decompressed {summary['bytes'] / 1e6:.0f} MB, "
        f"{summary['records']} records, {summary['relevant']} of them relevant; {threads} threads.\n"
    )
    print("| | seconds | MB/s, compressed | records/s | peak MiB | times ISA-L |")
    print("|---|---|---|---|---|---|")
    fastest = runs["ISA-L, decompression alone"].seconds
    for name, run in runs.items():
        print(
            f"| {name} | {run.seconds:.1f} | {size / 1e6 / run.seconds:.0f} | "
            f"{summary['records'] / run.seconds:,.0f} | {run.peak_mib:.0f} | {run.seconds / fastest:.2f} |"
        )
    long = longest_record(binary)
    print(f"\nA record of {GIGABYTES} GB: {long.seconds:.1f} s, peak {long.peak_mib:.0f} MiB.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
