"""What a deployment gives the functions: account, names, and their environment.

The functions know nothing of the emulator but its address, in `AWS_ENDPOINT_URL`.
"""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "events"
NOTICE_SCHEMA = ROOT / "docs" / "notice.schema.json"
DIGEST_SCHEMA = ROOT / "docs" / "digest.schema.json"
QUARANTINE_DOCUMENT = ROOT / "policies" / "quarantine-console.json"
CONTRACT: dict[str, Any] = json.loads((ROOT / "contract" / "contract.json").read_text(encoding="utf-8"))

ACCOUNT = "123456789012"
REGION = "us-east-1"
FUNCTIONS: tuple[str, ...] = tuple(CONTRACT["functions"])

POLICY_NAME = "mfa-enforcer-quarantine"
POLICY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/{POLICY_NAME}"
GROUP_NAME = "mfa-enforcer-quarantine"
ALERTS_TOPIC_NAME = "mfa-enforcer-alerts"
ALERTS_TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:{ALERTS_TOPIC_NAME}"
USER_TOPIC_PREFIX = "mfa-enforcer-user-"

_TAGS: dict[str, str] = {tag["name"]: tag["key"] for tag in CONTRACT["tags"]}
QUARANTINED_TAG, NOTIFIED_TAG = _TAGS["quarantined"], _TAGS["notified"]
EXEMPT_TAG, ROOT_LEDGER_TAG = _TAGS["exempt-until"], _TAGS["root-notified"]

# Who calls: the functions, or the tests that look at what was done. Both are AWS's own sample keys.
FUNCTIONS_KEY = "AKIAIOSFODNN7EXAMPLE"
TESTS_KEY = "AKIAI44QH8DHBEXAMPLE"
SECRET = "sample-secret-that-signs-nothing"

SETTINGS: dict[str, str] = {setting["name"]: setting["default"] for setting in CONTRACT["settings"]} | {
    "MODE": "enforce",
    "QUARANTINE_POLICY_ARN": POLICY_ARN,
    "QUARANTINE_GROUP_NAME": GROUP_NAME,
    "ALERTS_TOPIC_ARN": ALERTS_TOPIC_ARN,
    "USER_TOPIC_PREFIX": USER_TOPIC_PREFIX,
    "BREAK_GLASS_PATH": "/break-glass/",
    "ENFORCER_ROLES": ",".join(f"mfa-enforcer-{name}" for name in FUNCTIONS),
}
GRACE_PERIOD = timedelta(days=int(SETTINGS["GRACE_PERIOD"].removesuffix("d")))


def environment(endpoint_url: str) -> dict[str, str]:
    """The environment of a function: nothing of the caller's own AWS set-up comes through."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "CARGO_LAMBDA_")) and name not in SETTINGS
    }
    return {
        **kept,
        **SETTINGS,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": FUNCTIONS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "NO_COLOR": "1",
        "CARGO_TERM_COLOR": "never",
    }
