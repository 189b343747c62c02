"""Answers in the emulator's place, wherever it answers otherwise than AWS does. It sits behind the wire."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .wire import Rule, Wsgi, read_call


class StandIn:
    """WSGI middleware between the wire and the emulator, with rules that are always in force."""

    def __init__(self, emulator: Wsgi, rules: Sequence[Rule]) -> None:
        self._emulator = emulator
        self._rules = rules

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        _, call = read_call(environ)
        for rule in self._rules:
            answer = rule(call)
            if answer is not None:
                return answer(self._emulator, environ, start_response)
        return self._emulator(environ, start_response)
