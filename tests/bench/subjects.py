"""What is measured side by side: the sign-in function, a bare one, one with boto3, and Cloud Custodian."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.deployment import ALERTS_TOPIC_ARN, POLICY_ARN, ROOT, function_environment
from tests.e2e.functions import binary

from .runtime import Running, running

PYTHON = ROOT / ".venv" / "bench" / "bin" / "python"
FUNCTIONS = Path(__file__).parent / "functions"
OURS, BARE, BOTO3, CUSTODIAN = SUBJECTS = ("ours", "bare", "boto3", "custodian")
NAMES = {OURS: "sign-in", BARE: "bare Rust function", BOTO3: "boto3 function", CUSTODIAN: "Cloud Custodian"}
# These act on an event.
ACTING = (OURS, BOTO3, CUSTODIAN)


@dataclass(frozen=True)
class Bench:
    """Where functions run: before this AWS, in this folder."""

    aws_url: str
    folder: Path

    @contextmanager
    def running(self, subject: str, **more: str) -> Iterator[Running]:
        """Runs one of the subjects, as Lambda would, with these variables besides."""
        # The role of ours is judged by the policies of the template. The two in Python are an administrator.
        variables = function_environment(self.aws_url, "sign-in" if subject in (OURS, BARE) else "", "")
        # As many users are contained as are measured, and nothing but what the others do goes on a bus.
        variables |= {"MAX_QUARANTINES": "0", "OUTPUT_BUS_ARN": "none"}
        variables |= {"QUARANTINE_POLICY_ARN": POLICY_ARN, "ALERTS_TOPIC_ARN": ALERTS_TOPIC_ARN} | more
        folder = self.folder / subject
        folder.mkdir(exist_ok=True)
        if subject in (OURS, BARE):
            command = [str(binary("sign-in" if subject == OURS else "bare", "release"))]
        else:
            module = "with_boto3" if subject == BOTO3 else "custodian"
            variables |= {"PYTHONPATH": str(FUNCTIONS), "LAMBDA_TASK_ROOT": str(FUNCTIONS)}
            variables |= {"AWS_DEFAULT_REGION": variables["AWS_REGION"], "_HANDLER": f"{module}.handler"}
            command = [str(PYTHON), "-m", "awslambdaric", f"{module}.handler"]
            _write_policy(folder)
        with running(command, variables, folder / "log", folder) as found:
            yield found


def _write_policy(folder: Path) -> None:
    """What Cloud Custodian finds beside its code: the policy, with the ARNs of this deployment."""
    text = (FUNCTIONS / "custodian.json").read_text(encoding="utf-8")
    for name, arn in (("QUARANTINE_POLICY_ARN", POLICY_ARN), ("ALERTS_TOPIC_ARN", ALERTS_TOPIC_ARN)):
        text = text.replace(name, arn)
    json.loads(text)
    (folder / "config.json").write_text(text, encoding="utf-8")


def size_bytes(function: str) -> int:
    """Of the binary that is deployed."""
    return binary(function, "release").stat().st_size
