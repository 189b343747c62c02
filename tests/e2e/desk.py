"""A person at the command line, with one policy of policies/ and nothing else."""

import subprocess

from .deployment import Role, environment
from .harness import Harness
from .proxy import Call

Done = subprocess.CompletedProcess[str]


class CommandLine:
    """Runs commands without a terminal, and remembers from which call on they are this person's."""

    def __init__(self, binary: str, enforcer: Harness, role: Role, *command: str) -> None:
        self.binary, self.enforcer, self.role = binary, enforcer, role
        self.command = [binary, *command]
        self.environment = environment(enforcer.emulator.url, role.function)
        self.mark = len(enforcer.proxy.calls)

    def __call__(self, *arguments: str, sure: bool = True) -> Done:
        return subprocess.run(
            [*self.command, *arguments, *["--yes"] * sure],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def calls(self) -> list[Call]:
        """What this person called since then."""
        return [call for call in self.enforcer.proxy.calls[self.mark :] if call.role == self.role]
