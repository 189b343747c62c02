"""`make mutants`: changes the core in one place at a time, and sees whether a test notices."""

import argparse
import fnmatch
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timezone

from .survivors import (
    HERE,
    ROOT,
    SOURCES,
    Mutant,
    Result,
    differences,
    explained,
    results,
    source_files,
    write_results,
)
from .switches import Change
from .trials import CAUGHT, LAWS, MISSED, TIMEOUT, UNVIABLE, CannotTry, Trials

OUTPUT = ROOT / "target" / "mutation"
# What came of each mutant, by file, for `--again`.
MEMORY = OUTPUT / "memory.json"
COMMAND = ["cargo", "mutants", "--package", "mfa-enforcer-core", "--config", str(HERE / "mutants.toml")]
# By cargo-mutants: everything caught; something missed; something timed out.
USUAL = (0, 2, 3)


def listed(filters: list[str]) -> list[Change]:
    """The mutants of some files."""
    command = [*COMMAND, "--list", "--json", *filters]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [
        Change(
            it["name"],
            it["file"],
            it["genre"],
            (it["span"]["start"]["line"], it["span"]["start"]["column"]),
            (it["span"]["end"]["line"], it["span"]["end"]["column"]),
            it["replacement"],
        )
        for it in json.loads(run.stdout)
    ]


def counted(changes: list[Change]) -> Counter[str]:
    """How many mutants each file has."""
    return Counter(short(change.file) for change in changes)


def short(path: str) -> str:
    return (ROOT / path).relative_to(SOURCES).as_posix()


def deal(files: list[str], sizes: Counter[str], count: int) -> list[list[str]]:
    """Whole files, so that each has its figures from one run; the largest first, to where there is least."""
    shards: list[list[str]] = [[] for _ in range(count)]
    for file in sorted(files, key=lambda file: (-sizes[file], file)):
        min(shards, key=lambda shard: sum(sizes[name] for name in shard)).append(file)
    return [sorted(shard) for shard in shards]


def shard(files: list[str], which: str) -> list[str]:
    """The files of a shard such as `1/8`."""
    number, count = (int(part) for part in which.split("/"))
    if not 1 <= number <= count:
        sys.exit(f"no such shard: {which}")
    return deal(files, counted(listed([])), count)[number - 1]


def chosen(patterns: list[str], which: str | None) -> list[str]:
    files = [file for file in source_files() if any(fnmatch.fnmatch(file, pattern) for pattern in patterns)]
    if not files:
        sys.exit(f"no file below {SOURCES.relative_to(ROOT)} is called {' or '.join(patterns)}")
    return shard(files, which) if which else files


def whole(files: list[str], outcomes: dict[str, str], sizes: Counter[str]) -> list[str]:
    """The files of which every mutant that was chosen has been tried."""
    tried = Counter(short(name.split(":")[0]) for name in outcomes)
    return [file for file in files if tried[file] == sizes[file]]


def try_each(changes: list[Change], *, unit_tests: bool) -> Iterator[tuple[str, str]]:
    """Tries mutants. What came of each, by its name, as soon as it is known."""
    trials = Trials(OUTPUT, changes)
    say(f"Putting {len(changes):,} mutants behind switches...")
    trials.prepare()
    yield from ((changes[number].name, outcome) for number, outcome in trials.outcomes.items())
    say("Building the tests, and looking which mutants each comes across...")
    tests = trials.tests(unit_tests=unit_tests)
    say(f"Trying {len(changes) - len(trials.outcomes) - len(trials.unswitchable):,} mutants...")
    for number, outcome in trials.run(tests):
        yield changes[number].name, outcome
        if len(trials.outcomes) % 500 == 0:
            say(f"... {len(trials.outcomes):,} are done")
    if trials.unswitchable:
        say(f"Building {len(trials.unswitchable):,} that cannot have a switch, one after the other...")
        yield from build_each(
            [changes[number] for number in sorted(trials.unswitchable)], unit_tests=unit_tests
        )


def build_each(changes: list[Change], *, unit_tests: bool) -> Iterator[tuple[str, str]]:
    """Lets cargo-mutants build and try mutants. What came of each, by its name."""
    environment = os.environ | LAWS | {"CARGO_TARGET_DIR": str(ROOT / "target")}
    # Cargo takes a file for unchanged that is older than what it built, and the last run built mutants.
    clean = ["cargo", "clean", "--quiet", "--profile", "mutants", "--package"]
    for package in ("mfa-enforcer-core", "mfa-enforcer-testing"):
        subprocess.run([*clean, package], cwd=ROOT, env=environment, check=True)
    runner = f"""--config=target."cfg(unix)".runner="{HERE / "runner.sh"}\""""
    # Unit tests cost another compilation of the core, and few files have any.
    tests = ["--cargo-arg=--test=it", *(["--cargo-arg=--lib"] if unit_tests else [])]
    filters = files_of(changes)
    # The others are said to be caught already: those that leave out a field cannot be chosen in another way.
    wanted = {change.name for change in changes}
    others = [change.name for change in listed(filters) if change.name not in wanted]
    shutil.rmtree(OUTPUT / "mutants.out", ignore_errors=True)
    (OUTPUT / "mutants.out").mkdir(parents=True)
    (OUTPUT / "mutants.out" / "caught.txt").write_text("\n".join(others))
    (OUTPUT / "mutants.out" / "unviable.txt").touch()
    command = [*COMMAND, f"--cargo-arg={runner}", *tests, "--output", str(OUTPUT), "--iterate", *filters]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            # Of the terminal, cargo-mutants has it too: it ends its tests, and then itself.
            code = process.wait()
    file = OUTPUT / "mutants.out" / "outcomes.json"
    for outcome in json.loads(file.read_text())["outcomes"] if file.exists() else []:
        if outcome["scenario"] != "Baseline":
            yield outcome["scenario"]["Mutant"]["name"], outcome["summary"]
    if code not in USUAL:
        raise CannotTry(f"cargo-mutants ended with status {code}")


def files_of(changes: list[Change]) -> list[str]:
    """The options of cargo-mutants for just their files."""
    return [part for file in sorted({change.file for change in changes}) for part in ("--file", file)]


def say(text: str) -> None:
    print(text, flush=True)


def named(name: str, sources: dict[str, list[str]]) -> Mutant:
    """The mutant of a name such as `shared/core/src/tags.rs:12:8: delete ! in read`."""
    place, change = name.split(": ", 1)
    path, line, column = place.rsplit(":", 2)
    return Mutant(short(path), change, sources[short(path)][int(line) - 1][int(column) - 1 :])


def remembered() -> dict[str, dict[str, str]]:
    return json.loads(MEMORY.read_text()) if MEMORY.exists() else {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shard", help="this part of the files, such as 1/8")
    parser.add_argument(
        "--files", nargs="+", default=["*"], help="only these, below shared/core/src: 'decide/*'"
    )
    parser.add_argument("--again", action="store_true", help="only what survived here the last time")
    options = parser.parse_args()
    files = chosen(options.files, options.shard)
    sources = {file: (SOURCES / file).read_text().splitlines() for file in files}
    memory = remembered()
    every = listed([])
    changes = [change for change in every if short(change.file) in files]
    if options.again:
        changes = survived(changes, memory)
    expected = counted(changes)
    unit_tests = any("#[cfg(test)]" in line for file in expected for line in sources[file])
    outcomes: dict[str, str] = {}
    wrong = []
    OUTPUT.mkdir(parents=True, exist_ok=True)
    try:
        # One after the other, so that those before a mishap are kept.
        for name, outcome in try_each(changes, unit_tests=unit_tests):
            outcomes |= {name: outcome}
    except CannotTry as error:
        wrong.append(str(error))
    except KeyboardInterrupt:
        wrong.append("stopped")
    done = whole(sorted(expected), outcomes, expected)
    if not options.again:
        memory |= {file: {} for file in done}
    for name, outcome in outcomes.items():
        if short(name.split(":")[0]) in done:
            memory[short(name.split(":")[0])][name] = outcome
    MEMORY.write_text(json.dumps(memory, indent=1))
    wrong += report(done, memory, sources, counted(every))
    if rest := sorted(expected.keys() - done):
        wrong.append(f"without figures, since not all their mutants have been tried: {', '.join(rest)}")
    sys.exit("\n".join(wrong) if wrong else 0)


def survived(changes: list[Change], memory: dict[str, dict[str, str]]) -> list[Change]:
    """Those that survived the last time. Ends the program if there are none, or if the code has changed."""
    files = counted(changes)
    names = {name for file in files for name, outcome in memory.get(file, {}).items() if outcome == MISSED}
    if not names:
        sys.exit("nothing survived the last time")
    if names - {change.name for change in changes}:
        sys.exit("the code is not what it was the last time: try all its mutants")
    return [change for change in changes if change.name in names]


def report(
    files: list[str], memory: dict[str, dict[str, str]], sources: dict[str, list[str]], of: Counter[str]
) -> list[str]:
    """Writes the figures, and says how the survivors differ from those that are explained."""
    today = datetime.now(timezone.utc).date().isoformat()
    known = {file: result for file, result in results().items() if file in of}
    for file in files:
        count = Counter(memory[file].values())
        known[file] = Result(
            file, of[file], count[CAUGHT], count[MISSED], count[TIMEOUT], count[UNVIABLE], today
        )
    write_results(known.values())
    outcomes = {name: summary for file in files for name, summary in memory[file].items()}
    tried = Counter(named(name, sources) for name in outcomes)
    survivors = Counter(named(name, sources) for name, summary in outcomes.items() if summary == MISSED)
    return differences(survivors, tried, explained())


if __name__ == "__main__":
    main()
