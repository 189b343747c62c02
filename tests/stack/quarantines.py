"""The quarantine documents, and what the stack makes of each: a policy, a spare of it, and a group."""

DOCUMENTS = ("console", "everything", "strict-console", "strict-everything")


def policy(document: str) -> str:
    """The logical ID of a document's policy."""
    return f"{_camel(document)}QuarantinePolicy"


def spare(document: str) -> str:
    """The logical ID of the spare of that policy."""
    return f"{policy(document)}Spare"


def group(document: str) -> str:
    """The logical ID of the document's group. That of `console` is older than the others."""
    return "QuarantineGroup" if document == "console" else f"{_camel(document)}QuarantineGroup"


def _camel(document: str) -> str:
    return document.title().replace("-", "")


POLICIES = [make(document) for make in (policy, spare) for document in DOCUMENTS]
GROUPS = [group(document) for document in DOCUMENTS]
