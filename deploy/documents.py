"""Writes the hashes of the quarantine documents into the template, and their texts into the one for members.

The stack has the hashes as an output, with which the enforcer compares the texts in force. The order of a
document's keys and its white space do not count. The template of an organization's members has the texts
themselves, since a stack set takes no file beside its template.
"""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "template.yaml"
MEMBER = ROOT / "member.yaml"
DOCUMENTS = ("console", "everything", "strict-console", "strict-everything")
# The lines of the output, and how far they are indented.
OUTPUT = re.compile(r"(  QuarantineDocuments:\n.*?Value: >-\n)((?: +[a-z-]+=[0-9a-f]*\n)+)", re.DOTALL)
INDENT = " " * 6
# A text in the template of members, below the name of its file.
TEXT = re.compile(r"(      # policies/quarantine-([a-z-]+)\.json\n      PolicyDocument:\n)((?: {8}.*\n)+)")
WIDTH = 120


def fingerprint(document: Any) -> str:
    """The SHA-256 of a document: JSON with sorted keys and without white space."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def hashes() -> list[str]:
    """Each document's name with its hash."""
    return [f"{name}={fingerprint(document(name))}" for name in DOCUMENTS]


def document(name: str) -> Any:
    """What a policy says."""
    return json.loads((ROOT / "policies" / f"quarantine-{name}.json").read_text("utf-8"))


def written(template: str) -> str:
    """The template with the hashes of today."""
    lines = "".join(f"{INDENT}{each}\n" for each in hashes())
    changed, found = OUTPUT.subn(lambda output: output[1] + lines, template)
    if found != 1:
        raise SystemExit("template.yaml has no output QuarantineDocuments of the form that is expected.")
    return changed


def with_texts(template: str) -> str:
    """The template of members with the texts of today."""
    changed, found = TEXT.subn(lambda text: text[1] + wrapped(document(text[2])), template)
    # A policy and a spare of it.
    if found != 2 * len(DOCUMENTS):
        raise SystemExit("member.yaml has not all of the texts in the form that is expected.")
    return changed


def wrapped(text: Any) -> str:
    """A document as JSON, which is YAML too, in lines that are broken where it has a space."""
    indent = INDENT + "  "
    lines = textwrap.wrap(
        json.dumps(text), WIDTH - len(indent), break_long_words=False, break_on_hyphens=False
    )
    return "".join(f"{indent}{line}\n" for line in lines)


if __name__ == "__main__":
    TEMPLATE.write_text(written(TEMPLATE.read_text("utf-8")), "utf-8")
    MEMBER.write_text(with_texts(MEMBER.read_text("utf-8")), "utf-8")
