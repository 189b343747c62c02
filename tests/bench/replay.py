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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .tables import table

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
# Of the compressed archive.
MEGABYTES = 1024
ROUNDS = 3
OURS, INFLATED = "mfa-enforcer replay", "ISA-L, decompression alone"


@dataclass(frozen=True)
class Run:
    """What a command took."""

    seconds: float
    peak_mib: float

    def as_json(self) -> dict[str, float]:
        """For bench.json."""
        return {"seconds": round(self.seconds, 2), "peak_mib": round(self.peak_mib)}


def measured(commands: list[list[str]]) -> Run:
    """Runs the commands side by side, without their output. The peak is of the largest, or of this one."""
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


@dataclass(frozen=True)
class Replayed:
    """What a replay of an archive took, beside other commands."""

    files: int
    # Compressed, and decompressed.
    megabytes: float
    decompressed_megabytes: float
    records: int
    relevant: int
    threads: int
    # The fastest of all rounds.
    runs: dict[str, Run]
    longest: Run

    @property
    def archive(self) -> str:
        """What was read, in words."""
        return (
            f"{self.files} files, {self.megabytes:,.0f} MB, "
            f"decompressed {self.decompressed_megabytes:,.0f} MB; "
            f"{self.records:,} records, {self.relevant:,} of them relevant; {self.threads} threads."
        )

    @property
    def table(self) -> str:
        """A line for each command, in Markdown."""
        fastest = self.runs[INFLATED].seconds
        return table(
            ["", "seconds", "records/s", "peak MiB", "times ISA-L"],
            [
                [
                    name,
                    f"{run.seconds:.1f}",
                    f"{round(self.records / run.seconds, -3):,.0f}",
                    f"{run.peak_mib:.0f}",
                    f"{run.seconds / fastest:.2f}",
                ]
                for name, run in self.runs.items()
            ],
        )

    @property
    def of_longest(self) -> str:
        """What a record took that is far too long."""
        return (
            f"A record of {GIGABYTES} GB: {self.longest.seconds:.1f} s, peak {self.longest.peak_mib:.0f} MiB."
        )

    @classmethod
    def of(cls, read: dict[str, Any]) -> "Replayed":
        """What `as_json` wrote."""
        runs = {name: Run(**run) for name, run in read["runs"].items()}
        return cls(**read | {"runs": runs, "longest": Run(**read["longest"])})

    def as_json(self) -> dict[str, Any]:
        """For bench.json."""
        runs = {name: run.as_json() for name, run in self.runs.items()}
        megabytes = {name: round(getattr(self, name)) for name in ("megabytes", "decompressed_megabytes")}
        return asdict(self) | megabytes | {"runs": runs, "longest": self.longest.as_json()}


def replayed(megabytes: int, rounds: int, with_jq: bool) -> Replayed:
    """Replays an archive of this compressed size, in turn with the other commands."""
    binary = str(RELEASE / "mfa-enforcer")
    threads = os.cpu_count() or 1
    with archive(megabytes) as files:
        replay = [binary, "replay", "--format", "json", *files]
        summary = json.loads(
            subprocess.run(replay, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
        )["summary"]
        size = sum(Path(file).stat().st_size for file in files)
        commands = {
            OURS: [replay],
            INFLATED: side_by_side([sys.executable, "-c", INFLATE], files, threads),
            "gzip -dc": side_by_side(["gzip", "-dc"], files, threads),
        }
        if with_jq:
            parse = ["sh", "-c", 'gzip -dc "$@" | jq -c .Records[]', "sh"]
            commands["jq -c after gzip -dc"] = side_by_side(parse, files, threads)
        runs: dict[str, Run] = {}
        for round_ in range(rounds):
            for name, command in commands.items():
                # One round is enough for what takes minutes.
                if "jq" in name and round_:
                    continue
                run = measured(command)
                runs[name] = min(runs.get(name, run), run, key=lambda run: run.seconds)
    return Replayed(
        files=len(files),
        megabytes=size / 1e6,
        decompressed_megabytes=summary["bytes"] / 1e6,
        records=summary["records"],
        relevant=summary["relevant"],
        threads=threads,
        runs=runs,
        longest=longest_record(binary),
    )


def in_a_small_process(megabytes: int) -> Replayed:
    """The same without jq. On Linux, the peak of a process is at least the memory of whoever started it."""
    command = [sys.executable, "-m", __name__, "--megabytes", str(megabytes), "--without-jq", "--json"]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return Replayed.of(json.loads(done.stdout))


def main() -> int:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--megabytes", type=int, default=MEGABYTES, help="how large the compressed archive is"
    )
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help="how often each command runs; the fastest counts"
    )
    parser.add_argument("--without-jq", action="store_true", help="leave out jq, which takes minutes")
    parser.add_argument("--json", action="store_true", help="print for a program")
    options = parser.parse_args()
    found = replayed(options.megabytes, options.rounds, not options.without_jq)
    if options.json:
        print(json.dumps(found.as_json()))
        return 0
    print(f"{found.archive}\n\n{found.table}\n{found.of_longest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
