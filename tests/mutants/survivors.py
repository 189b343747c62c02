"""The mutants that survive, each with its reason, and the figures of the last runs.

`make mutants` compares them with what it finds, and `make check` with the code.
"""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCES = ROOT / "shared" / "core" / "src"
EXPLAINED = HERE / "survivors.yaml"
RESULTS = HERE / "results.csv"
DOCUMENT = ROOT / "docs" / "TESTING.md"
MARKS = ("<!-- mutants -->\n", "<!-- /mutants -->\n")


@dataclass(frozen=True, order=True)
class Mutant:
    """A change to the code, named so that lines may move."""

    file: str
    change: str
    """As cargo-mutants says it: `replace && with || in due`."""
    at: str
    """The rest of the line, from where the change begins."""

    def __str__(self) -> str:
        return f"{self.file}: {self.change}, at `{self.at}`"


@dataclass
class Result:
    """What came of the mutants of a file."""

    file: str
    mutants: int
    caught: int
    missed: int
    timeout: int
    unviable: int
    date: str


def explained() -> Counter[Mutant]:
    """The survivors that have a reason. A function can have the same line twice, and so the same mutant."""
    rows = yaml.safe_load(EXPLAINED.read_text()) or []
    return Counter(Mutant(row["file"], row["mutant"], row["at"]) for row in rows if row["reason"])


def results() -> dict[str, Result]:
    with RESULTS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["file"]: Result(
            row["file"],
            int(row["mutants"]),
            int(row["caught"]),
            int(row["missed"]),
            int(row["timeout"]),
            int(row["unviable"]),
            row["date"],
        )
        for row in rows
    }


def write_results(every: Iterable[Result]) -> None:
    """Writes the figures, and their table."""
    names = [field.name for field in fields(Result)]
    with RESULTS.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for result in sorted(every, key=lambda result: result.file):
            writer.writerow([getattr(result, name) for name in names])
    write_table()


def write_table() -> None:
    before, rest = DOCUMENT.read_text().split(MARKS[0])
    DOCUMENT.write_text(before + MARKS[0] + table(results()) + MARKS[1] + rest.split(MARKS[1])[1])


def folder(file: str) -> str:
    """The folder of a file. Those that are in none stand together."""
    return "`" + file.split("/", maxsplit=1)[0] + "/`" if "/" in file else "*in none*"


def source_files() -> list[str]:
    return sorted(path.relative_to(SOURCES).as_posix() for path in SOURCES.rglob("*.rs"))


def table(ran: dict[str, Result]) -> str:
    """The figures by folder, for the document."""
    rows = [
        "| folder | files | mutants | do not compile | caught | timed out | survived | date |",
        "|" + "---|" * 8,
    ]
    for name in sorted({folder(name) for name in ran}):
        here = [it for it in ran.values() if folder(it.file) == name]
        of, caught = sum(result.mutants for result in here), sum(result.caught for result in here)
        timeout, unviable = sum(result.timeout for result in here), sum(result.unviable for result in here)
        missed = sum(result.missed for result in here)
        dates = sorted({result.date for result in here})
        date = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
        cells = [name, len(here), f"{of:,}", unviable, f"{caught:,}", timeout, missed, date]
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n" + "\n".join(rows) + "\n\n"


def differences(found: Counter[Mutant], tried: Counter[Mutant], known: Counter[Mutant]) -> list[str]:
    """How the survivors among the mutants that were tried differ from those that are explained."""
    expected = known & tried
    new, gone = sorted((found - expected).elements()), sorted((expected - found).elements())
    return [f"survives, and {EXPLAINED.name} does not say why: {mutant}" for mutant in new] + [
        f"does not survive, as {EXPLAINED.name} says: {mutant}" for mutant in gone
    ]


def misplaced(known: Counter[Mutant]) -> list[str]:
    """The explained survivors that are nowhere in the code."""
    wrong = []
    for mutant in sorted(known):
        path = SOURCES / mutant.file
        if not path.is_file() or not any(line.endswith(mutant.at) for line in path.read_text().splitlines()):
            wrong.append(f"nowhere in the code: {mutant}")
    return wrong


def miscounted(known: Counter[Mutant]) -> list[str]:
    """Figures that do not fit the code, the explained survivors or the document."""
    ran, count = results(), Counter(mutant.file for mutant in known.elements())
    wrong = [
        f"{RESULTS.name} has {name}, which does not exist" for name in sorted(set(ran) - {*source_files()})
    ]
    untried = sorted(set(count) - set(ran))
    wrong += [f"{EXPLAINED.name} has {name}, which {RESULTS.name} has not" for name in untried]
    wrong += [
        f"{name}: {result.missed} survived, and {count[name]} are explained"
        for name, result in ran.items()
        if result.missed != count[name]
    ]
    if table(ran) not in DOCUMENT.read_text():
        wrong.append(f"the table in {DOCUMENT.name} is not that of {RESULTS.name}")
    return wrong


if __name__ == "__main__":
    write_table()
