"""Tries mutants behind switches: one build of the core, and for each mutant the tests that come across it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from .survivors import HERE, ROOT
from .switches import Change, Message, Switched, blame, put_in

# Few cases: no rule should hang on a lucky one. The same each time, so that a mutant survives or does not.
LAWS = {"PROPTEST_CASES": "16", "PROPTEST_RNG_SEED": "1", "PROPTEST_MAX_SHRINK_ITERS": "0"}
CAUGHT, MISSED, TIMEOUT, UNVIABLE = "CaughtMutant", "MissedMutant", "Timeout", "Unviable"
"""What came of a mutant, in the words of cargo-mutants."""

CORE = "shared/core"
LIBRARY = f"{CORE}/src/lib.rs"
PACKAGE = ["--package", "mfa-enforcer-core", "--profile", "mutants", "--locked", "--quiet"]
PACKAGE += ["--message-format", "json"]
# The most memory of a process that tests.
KIBIBYTES = 8 * 1024 * 1024
# Seconds of one test without any mutant, even on a busy machine.
LONGEST = 600
# Seconds of tests that are run at first; then three times as many, and so on.
FIRST = 0.3


class CannotTry(Exception):
    """The core with its switches does not compile, or its tests fail."""


@dataclass
class Tests:
    """The tests of the core, and which mutants they come across."""

    seconds: dict[tuple[Path, str], float] = field(default_factory=dict)
    """How long each takes, by its binary and its name."""
    reaching: dict[int, list[tuple[Path, str]]] = field(default_factory=lambda: defaultdict(list))
    """By the number of a mutant, the quickest first."""


class Trials:
    """A copy of the repository whose core has switches."""

    def __init__(self, place: Path, changes: list[Change]) -> None:
        self.tree = place / "tree"
        self.reached = place / "reached"
        self.changes = changes
        self.outcomes: dict[int, str] = {}
        self.unswitchable: set[int] = set()
        """The mutants that cannot have a switch."""
        self._texts = {file: (ROOT / file).read_text() for file in {LIBRARY, *(it.file for it in changes)}}
        self._environment = os.environ | LAWS | {"CARGO_TARGET_DIR": str(ROOT / "target")}
        # Nothing is switched on or noted, whatever the caller's variables are.
        self._environment |= {"INSTA_UPDATE": "no", "MUTANT": "", "REACHED_FILE": ""}
        # That option of the test harness is not stable yet: nothing after the first failure.
        self._run = self._environment | {"RUSTC_BOOTSTRAP": "1", "CARGO_MANIFEST_DIR": str(self.tree / CORE)}

    def prepare(self) -> None:
        """Puts the switches in, and takes out again those with which the core does not compile."""
        _copy(ROOT, self.tree, self._texts.keys())
        while True:
            switched = self._put_in()
            _, errors = self._cargo("check", "--lib")
            if not errors:
                return
            blamed = [it for it in (blame(error, switched) for error in errors) if it]
            if not blamed:
                raise CannotTry(errors[0]["rendered"])
            for numbers, is_certain in blamed:
                if is_certain:
                    self.outcomes |= dict.fromkeys(numbers, UNVIABLE)
                else:
                    self.unswitchable.update(numbers)
            self.unswitchable -= self.outcomes.keys()

    def _put_in(self) -> dict[str, Switched]:
        switch = (HERE / "switch.rs").read_text().replace("MUTANTS", str(len(self.changes)))
        by_file: dict[str, dict[int, Change]] = {LIBRARY: {}}
        for number, change in enumerate(self.changes):
            here = by_file.setdefault(change.file, {})
            if number not in self.outcomes and number not in self.unswitchable:
                here[number] = change
        switched = {file: put_in(self._texts[file], changes) for file, changes in by_file.items()}
        for file, it in switched.items():
            self.unswitchable.update(it.unswitchable)
            _write(self.tree / file, it.text + (switch.encode() if file == LIBRARY else b""))
        return switched

    def _cargo(self, *command: str) -> tuple[list[Message], list[Message]]:
        """What cargo makes, and the errors that the compiler finds in the code."""
        run = subprocess.run(
            ["cargo", *command, *PACKAGE],
            cwd=self.tree,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        said = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
        messages = [it["message"] for it in said if it["reason"] == "compiler-message"]
        errors = [it for it in messages if it["level"] == "error" and it["spans"]]
        if run.returncode != 0 and not errors:
            raise CannotTry(run.stderr)
        return [it for it in said if it["reason"] == "compiler-artifact"], errors

    def tests(self, *, unit_tests: bool) -> Tests:
        """Builds the tests, and runs each by itself to see which mutants it comes across."""
        targets = ["--test", "it", *(["--lib"] if unit_tests else [])]
        made, errors = self._cargo("test", *targets, "--no-run")
        if errors:
            raise CannotTry(errors[0]["rendered"])
        binaries = [Path(it["executable"]) for it in made if it["executable"] and it["profile"]["test"]]
        shutil.rmtree(self.reached, ignore_errors=True)
        self.reached.mkdir(parents=True)
        tests = Tests()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            every = [(binary, name) for binary in binaries for name in self._names(binary)]
            for test, (seconds, numbers) in zip(every, pool.map(self._trace, every), strict=True):
                tests.seconds[test] = seconds
                for number in numbers:
                    tests.reaching[number].append(test)
        for reaching in tests.reaching.values():
            reaching.sort(key=lambda test: tests.seconds[test])
        return tests

    def _names(self, binary: Path) -> list[str]:
        command: list[str | Path] = [binary, "--list", "--format", "terse"]
        run = subprocess.run(
            command, cwd=self.tree / CORE, env=self._run, stdout=subprocess.PIPE, text=True, check=True
        )
        return [line.removesuffix(": test") for line in run.stdout.splitlines() if line.endswith(": test")]

    def _trace(self, test: tuple[Path, str]) -> tuple[float, set[int]]:
        binary, name = test
        file = self.reached / f"{binary.name}.{name.replace('::', '.')}"
        begun = time.monotonic()
        if self._fails(binary, [name], {"REACHED_FILE": str(file)}, LONGEST):
            raise CannotTry(f"{name} fails without any mutant")
        seconds = time.monotonic() - begun
        noted = file.read_bytes() if file.exists() else b""
        file.unlink(missing_ok=True)
        return seconds, {int.from_bytes(noted[at : at + 4], "little") for at in range(0, len(noted), 4)}

    def _fails(self, binary: Path, names: list[str], variables: dict[str, str], seconds: float) -> bool:
        # What grows without end fails before the system ends something else.
        command: list[str | Path] = [
            "sh",
            "-c",
            f'ulimit -v {KIBIBYTES}; exec "$@"',
            "sh",
            binary,
            "--exact",
            *names,
            "--test-threads=1",
            "--quiet",
            "-Zunstable-options",
            "--fail-fast",
        ]
        run = subprocess.run(
            command,
            cwd=self.tree / CORE,
            env=self._run | variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
        if -run.returncode in (signal.SIGHUP, signal.SIGINT, signal.SIGKILL, signal.SIGTERM):
            raise CannotTry(f"something has ended the tests: {' '.join(names)}")
        return run.returncode != 0

    def run(self, tests: Tests) -> Iterator[tuple[int, str]]:
        """Tries each mutant that has a switch. What came of it, as soon as it is known."""
        switched = [
            it for it in range(len(self.changes)) if it not in self.outcomes and it not in self.unswitchable
        ]
        pool = ThreadPoolExecutor(os.cpu_count())
        tried: dict[Future[str], int] = {pool.submit(self._try, it, tests): it for it in switched}
        try:
            for done in as_completed(tried):
                self.outcomes[tried[done]] = done.result()
                yield tried[done], done.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _try(self, number: int, tests: Tests) -> str:
        for binary, names, seconds in portions(tests.reaching.get(number, []), tests.seconds):
            try:
                # Much more than usual, so that a busy machine is no reason.
                if self._fails(binary, names, {"MUTANT": str(number)}, 20 + 10 * seconds):
                    return CAUGHT
            except subprocess.TimeoutExpired:
                return TIMEOUT
        return MISSED


def portions(
    tests: Iterable[tuple[Path, str]], seconds: dict[tuple[Path, str], float]
) -> Iterator[tuple[Path, list[str], float]]:
    """The tests in portions of a binary each, which take longer and longer, and how long each should take."""
    limit = FIRST
    portion: dict[Path, list[str]] = {}
    taken: dict[Path, float] = defaultdict(float)

    def done() -> Iterator[tuple[Path, list[str], float]]:
        yield from ((binary, names, taken[binary]) for binary, names in portion.items())
        portion.clear()
        taken.clear()

    for binary, name in tests:
        portion.setdefault(binary, []).append(name)
        taken[binary] += seconds[binary, name]
        if sum(taken.values()) > limit:
            yield from done()
            limit *= 3
    yield from done()


def _copy(source: Path, target: Path, without: Set[str]) -> None:
    """All files that are not ignored, but for those. What is there already is not written anew, nor built."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    run = subprocess.run(command, cwd=source, stdout=subprocess.PIPE, text=True, check=True)
    names = {name for name in run.stdout.split("\0") if name and (source / name).is_file()}
    for path in [path for path in target.rglob("*") if path.is_file()]:
        if path.relative_to(target).as_posix() not in names:
            path.unlink()
    for name in names - without:
        _write(target / name, (source / name).read_bytes())
        shutil.copymode(source / name, target / name)


def _write(path: Path, text: bytes) -> None:
    if not path.exists() or path.read_bytes() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
