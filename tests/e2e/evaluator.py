"""The policy evaluator of tests/policy, as a process that is asked one request after the other."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .deployment import ROOT

PROGRAM = ROOT / "tests" / "policy" / "judge.mjs"


class NotEvaluated(Exception):
    """The evaluator does not understand a request: an unknown action, resource or condition key."""


class Evaluator:
    """Answers each question once, and remembers the answers: policies do not change while tests run."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._lock = threading.Lock()
        self._known: dict[str, str] = {}

    def verdict(self, policies: dict[str, Any], request: dict[str, Any]) -> str:
        """`Allowed`, `ExplicitlyDenied` or `ImplicitlyDenied`."""
        # A condition key that no policy names decides nothing, and would make each question a new one.
        said = json.dumps(policies).lower()
        context = {key: value for key, value in request["context"].items() if key.lower() in said}
        question = json.dumps({"policies": policies, "request": {**request, "context": context}})
        with self._lock:
            if question not in self._known:
                self._known[question] = self._ask(question)
            return self._known[question]

    def _ask(self, question: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(question + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise NotEvaluated("the policy evaluator has ended; `make policy` installs what it needs")
        answer: dict[str, str] = json.loads(line)
        if "error" in answer:
            raise NotEvaluated(answer["error"])
        return answer["verdict"]


@contextmanager
def evaluator() -> Iterator[Evaluator]:
    """Runs the evaluator until the block ends. It ends with this process, whatever becomes of that."""
    # Node.js is installed beside this Python.
    command = [str(Path(sys.executable).with_name("node")), str(PROGRAM)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        # At the end of the block, `Popen` closes its input and waits for it.
        yield Evaluator(process)
