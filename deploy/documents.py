"""Writes the hashes of the quarantine documents into the template.

The stack has them as an output, with which the enforcer compares the texts in force. The order of a
document's keys and its white space do not count.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "template.yaml"
DOCUMENTS = ("console", "everything", "strict-console", "strict-everything")
# The lines of the output, and how far they are indented.
OUTPUT = re.compile(r"(  QuarantineDocuments:\n.*?Value: >-\n)((?: +[a-z-]+=[0-9a-f]*\n)+)", re.DOTALL)
INDENT = " " * 6


def fingerprint(document: Any) -> str:
    """The SHA-256 of a document: JSON with sorted keys and without white space."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def hashes() -> list[str]:
    """Each document's name with its hash."""
    texts = {name: (ROOT / "policies" / f"quarantine-{name}.json").read_text("utf-8") for name in DOCUMENTS}
    return [f"{name}={fingerprint(json.loads(text))}" for name, text in texts.items()]


def written(template: str) -> str:
    """The template with the hashes of today."""
    lines = "".join(f"{INDENT}{each}\n" for each in hashes())
    changed, found = OUTPUT.subn(lambda output: output[1] + lines, template)
    if found != 1:
        raise SystemExit("template.yaml has no output QuarantineDocuments of the form that is expected.")
    return changed


if __name__ == "__main__":
    TEMPLATE.write_text(written(TEMPLATE.read_text("utf-8")), "utf-8")
