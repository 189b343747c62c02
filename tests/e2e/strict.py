"""The rules that make the emulator as strict as AWS, and what a scenario can set of them."""

from dataclasses import dataclass

from .gaps import Gaps


@dataclass(frozen=True)
class Strict:
    gaps: Gaps

    def clear(self) -> None:
        """Makes the account new."""
        self.gaps.clear()
