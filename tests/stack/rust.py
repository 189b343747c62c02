"""What the Rust sources say about AWS: settings, calls, binaries, and what is done after which event.

Read from the text of the sources, so it is only as good as their habits: a setting is read by its literal
name, and a call carries the literal name of its operation, which errors and the log need anyway.
"""

from __future__ import annotations

import re
from pathlib import Path

from .templates import ROOT

SETTINGS = ROOT / "shared" / "core" / "src" / "settings" / "mod.rs"
ADAPTERS = ROOT / "shared" / "aws" / "src"
FUNCTIONS = ROOT / "functions"
DECISIONS = (
    ROOT / "shared/core/tests/it/snapshots/it__decision_table__every_trigger_in_every_posture_and_mode.snap"
)

_READ = re.compile(r"\bread\.(?:required|optional|list)\(\s*")
_NAME = re.compile(r'"([A-Z_]+)"')


def sources(folder: Path) -> list[Path]:
    """The Rust files of a folder that are no tests."""
    return sorted(path for path in folder.rglob("*.rs") if "tests" not in path.parts)


def settings() -> list[str]:
    """The variables that `Settings::read` reads."""
    text = SETTINGS.read_text()
    names = []
    for read in _READ.finditer(text):
        name = _NAME.match(text, read.end())
        if name is None:
            raise LookupError(f"a setting is read by no literal name: {text[read.start() : read.end() + 40]}")
        names.append(name[1])
    return names


def other_variables() -> dict[str, list[str]]:
    """Where else the environment is read: the lines, by file."""
    found: dict[str, list[str]] = {}
    for path in sources(ROOT / "shared") + sources(FUNCTIONS):
        for line in path.read_text().splitlines():
            if re.search(r"\benv::(var|vars|var_os|vars_os)\b", line):
                found.setdefault(str(path.relative_to(ROOT)), []).append(line.strip())
    return found


def operations() -> set[str]:
    """The calls of the adapters, such as `iam:GetUser`."""
    return {
        operation
        for path in sources(ADAPTERS)
        for operation in re.findall(r'"(\w+:[A-Z]\w+)"', path.read_text())
    }


def client_calls() -> set[str]:
    """The calls of the SDK's clients in the adapters, as in Rust: `get_user`."""
    call = re.compile(r"\bclient\s*\.(\w+)\(\)")
    return {name for path in sources(ADAPTERS) for name in call.findall(path.read_text())} - {"clone"}


def services() -> set[str]:
    """The services that the adapters have a client of."""
    return {
        service
        for path in sources(ADAPTERS)
        for service in re.findall(r"\baws_sdk_(\w+)::", path.read_text())
    }


def binaries() -> list[str]:
    """The functions: each folder's binary has the name of its package."""
    manifests = sorted(FUNCTIONS.glob("*/Cargo.toml"))
    return [re.findall(r'^name = "(.+)"$', manifest.read_text(), re.MULTILINE)[0] for manifest in manifests]


def steps() -> dict[str, set[str]]:
    """What may be done after each event: the first words of the steps, by the name of the event.

    From the decision table, which has every event in every posture.
    """
    table: dict[str, set[str]] = {}
    event = ""
    for line in DECISIONS.read_text().split("---\n", 2)[2].splitlines():
        heading = re.fullmatch(r"(\w+) in mode \w+", line)
        if heading:
            event = heading[1]
            table.setdefault(event, set())
            continue
        plan = re.fullmatch(r"  [a-z ,]+?  +(\S.*)", line)
        if event and plan and not plan[1].startswith("nothing"):
            done = plan[1].split(" [")[0]
            table[event] |= {step.split()[0] for step in done.split(", ")}
    return table
