"""A Cloud Custodian policy about a sign-in without MFA, run as its own tool deploys it.

`config.json`, from which it is run, is what `custodian run` puts into a function's package.
"""

from typing import Any

from c7n import handler as custodian


def handler(event: dict[str, Any], context: object) -> Any:
    return custodian.dispatch_event(event, context)
