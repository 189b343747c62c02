"""`make mutants`: changes the core in one place at a time, and sees whether a test notices."""

import argparse
import fnmatch
import json
import os
import re
import subprocess
import sys
from collections import Counter
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

TARGET = ROOT / "target"
OUTPUT = TARGET / "mutation"
# What came of each mutant, by file, for `--again`.
MEMORY = OUTPUT / "memory.json"
COMMAND = ["cargo", "mutants", "--package", "mfa-enforcer-core", "--config", str(HERE / "mutants.toml")]
# Few cases: no rule should hang on a lucky one. The same each time, so that a mutant survives or does not.
LAWS = {"PROPTEST_CASES": "16", "PROPTEST_RNG_SEED": "1", "PROPTEST_MAX_SHRINK_ITERS": "0"}
# By cargo-mutants: everything caught; something missed; something timed out.
USUAL = (0, 2, 3)
MISSED = "MissedMutant"


def listed(filters: list[str]) -> Counter[str]:
    """How many mutants each file has."""
    command = [*COMMAND, "--list", "--json", *filters]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Counter(short(mutant["file"]) for mutant in json.loads(run.stdout))


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
    return deal(files, listed([]), count)[number - 1]


def chosen(patterns: list[str], which: str | None) -> list[str]:
    files = [file for file in source_files() if any(fnmatch.fnmatch(file, pattern) for pattern in patterns)]
    if not files:
        sys.exit(f"no file below {SOURCES.relative_to(ROOT)} is called {' or '.join(patterns)}")
    return shard(files, which) if which else files


def whole(files: list[str], outcomes: dict[str, str], sizes: Counter[str]) -> list[str]:
    """The files of which every mutant that was chosen has been tried."""
    tried = Counter(short(name.split(":")[0]) for name in outcomes)
    return [file for file in files if tried[file] == sizes[file]]


def run(filters: list[str], *, unit_tests: bool) -> tuple[dict[str, str], int]:
    """Tries the mutants. What came of each, by its name, and the exit status of cargo-mutants."""
    environment = os.environ | LAWS | {"CARGO_TARGET_DIR": str(TARGET)}
    # Cargo takes a file for unchanged that is older than what it built, and the last run built mutants.
    clean = ["cargo", "clean", "--quiet", "--profile", "mutants", "--package"]
    for package in ("mfa-enforcer-core", "mfa-enforcer-testing"):
        subprocess.run([*clean, package], cwd=ROOT, env=environment, check=True)
    runner = f"""--config=target."cfg(unix)".runner="{HERE / "runner.sh"}\""""
    # Unit tests cost another compilation of the core, and few files have any.
    tests = ["--cargo-arg=--test=it", *(["--cargo-arg=--lib"] if unit_tests else [])]
    command = [*COMMAND, f"--cargo-arg={runner}", *tests, "--output", str(OUTPUT), *filters]
    file = OUTPUT / "mutants.out" / "outcomes.json"
    file.unlink(missing_ok=True)
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            # Of the terminal, cargo-mutants has it too: it ends its tests, and then itself.
            code = process.wait()
    outcomes = json.loads(file.read_text())["outcomes"] if file.exists() else []
    tried = {
        outcome["scenario"]["Mutant"]["name"]: outcome["summary"]
        for outcome in outcomes
        if outcome["scenario"] != "Baseline"
    }
    return tried, code


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
    parser.add_argument(
        "--sample", type=int, metavar="N", help="every Nth mutant of the files not yet tried as a whole"
    )
    parser.add_argument("--again", action="store_true", help="only what survived here the last time")
    options = parser.parse_args()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    files = chosen(options.files, options.shard)
    sources = {file: (SOURCES / file).read_text().splitlines() for file in files}
    memory = remembered()
    names: set[str] = set()
    if options.again:
        files = [file for file in files if MISSED in memory.get(file, {}).values()]
        names = {name for file in files for name, summary in memory[file].items() if summary == MISSED}
    elif options.sample:
        known = results()
        files = [file for file in files if file not in known or not known[file].is_whole]
    if not files:
        sys.exit(
            "nothing survived the last time" if options.again else "every file has been tried as a whole"
        )
    filters = [part for file in files for part in ("--file", str((SOURCES / file).relative_to(ROOT)))]
    of = listed(filters)
    if names:
        filters += ["--re", "^(" + "|".join(re.escape(name) for name in sorted(names)) + ")$"]
    elif options.sample:
        filters += ["--shard", f"0/{options.sample}", "--sharding", "round-robin"]
    # Before the run, since the code may change meanwhile.
    expected = Counter(short(name.split(":")[0]) for name in names) if names else listed(filters)
    unit_tests = any("#[cfg(test)]" in line for file in files for line in sources[file])
    outcomes, code = run(filters, unit_tests=unit_tests)
    # `--re` lets the mutants through that leave out a field, whatever their names.
    outcomes = {name: summary for name, summary in outcomes.items() if not names or name in names}
    if names - set(outcomes) and code in USUAL:
        sys.exit("the code is not what it was the last time: try all its mutants")
    tried = whole(files, outcomes, expected)
    if code not in USUAL and not tried:
        sys.exit(code)
    if not names:
        memory |= {file: {} for file in tried}
    for name, summary in outcomes.items():
        if short(name.split(":")[0]) in tried:
            memory[short(name.split(":")[0])][name] = summary
    MEMORY.write_text(json.dumps(memory, indent=1))
    wrong = report(tried, memory, sources, of)
    wrong += [f"stopped before all mutants were tried: {file}" for file in files if file not in tried]
    sys.exit("\n".join(wrong) if wrong else 0)


def report(
    files: list[str], memory: dict[str, dict[str, str]], sources: dict[str, list[str]], of: Counter[str]
) -> list[str]:
    """Writes the figures, and says how the survivors differ from those that are explained."""
    today = datetime.now(timezone.utc).date().isoformat()
    known = results()
    for file in files:
        count = Counter(memory[file].values())
        known[file] = Result(
            file,
            of[file],
            count["CaughtMutant"],
            count[MISSED],
            count["Timeout"],
            count["Unviable"],
            today,
        )
    write_results(known.values())
    outcomes = {name: summary for file in files for name, summary in memory[file].items()}
    tried = Counter(named(name, sources) for name in outcomes)
    survivors = Counter(named(name, sources) for name, summary in outcomes.items() if summary == MISSED)
    return differences(survivors, tried, explained())


if __name__ == "__main__":
    main()
