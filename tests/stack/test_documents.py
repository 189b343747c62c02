"""An output of the stack has the hash of each quarantine document as IAM keeps it."""

import json
from hashlib import sha256
from urllib.parse import quote, unquote

import pytest

from deploy import documents

from .quarantines import DOCUMENTS, policy, spare
from .roles import STACK, STACKS
from .templates import POLICIES, ROOT


def test_output_has_the_hash_of_each_document() -> None:
    """`make contract` writes them."""
    named = dict(each.split("=") for each in STACK.outputs["QuarantineDocuments"].split())
    assert list(named) == list(DOCUMENTS)
    for name, digest in named.items():
        # As the guard does it, from what `GetPolicyVersion` answers.
        deployed = STACK.resources[policy(name)]["Properties"]["PolicyDocument"]
        answered = json.loads(unquote(quote(json.dumps(deployed, indent=4))))
        canonical = json.dumps(answered, sort_keys=True, separators=(",", ":"))
        assert sha256(canonical.encode()).hexdigest() == digest


@pytest.mark.parametrize("title", STACKS)
def test_text_is_the_same_in_every_partition(title: str) -> None:
    _, stack = STACKS[title]
    assert stack.outputs["QuarantineDocuments"] == STACK.outputs["QuarantineDocuments"]
    for name in DOCUMENTS:
        for logical in (policy(name), spare(name)):
            document = stack.resources[logical]["Properties"]["PolicyDocument"]
            assert document == json.loads((POLICIES / f"quarantine-{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_canonical_form_does_not_depend_on_the_language(name: str) -> None:
    """Languages escape other letters differently, and write numbers in several ways."""
    text = (POLICIES / f"quarantine-{name}.json").read_text("utf-8")
    assert text.isascii()
    assert not [each for each in values(json.loads(text)) if not isinstance(each, str)]


def values(part: object) -> list[object]:
    """The values in a document."""
    if isinstance(part, dict):
        return [value for each in part.values() for value in values(each)]
    if isinstance(part, list):
        return [value for each in part for value in values(each)]
    return [part]


def test_template_is_as_it_would_be_written() -> None:
    template = (ROOT / "template.yaml").read_text("utf-8")
    assert documents.written(template) == template
    (first, *_) = documents.hashes()
    assert documents.written(template.replace(first, "console=0")) == template


def test_changed_document_has_another_hash() -> None:
    document = json.loads((POLICIES / "quarantine-console.json").read_text("utf-8"))
    before = documents.fingerprint(document)
    assert documents.fingerprint(dict(reversed(document.items()))) == before
    document["Statement"][0]["Effect"] = "Deny"
    assert documents.fingerprint(document) != before
