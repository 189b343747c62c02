"""What a deployment gives the functions: account, names, and their environment.

The functions know nothing of the emulator but its address, in `AWS_ENDPOINT_URL`.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "events"
NOTICE_SCHEMA = ROOT / "docs" / "notice.schema.json"
DIGEST_SCHEMA = ROOT / "docs" / "digest.schema.json"
QUARANTINE_DOCUMENT = ROOT / "policies" / "quarantine-console.json"

ACCOUNT = "123456789012"
REGION = "us-east-1"
# The functions that events of CloudTrail invoke, and the one that the schedule invokes.
EVENT_FUNCTIONS = ("sign-in", "user-lifecycle", "mfa-device")
FUNCTIONS = (*EVENT_FUNCTIONS, "sweep")

POLICY_NAME = "mfa-enforcer-quarantine"
POLICY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/{POLICY_NAME}"
GROUP_NAME = "mfa-enforcer-quarantine"
ALERTS_TOPIC_NAME = "mfa-enforcer-alerts"
ALERTS_TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:{ALERTS_TOPIC_NAME}"
USER_TOPIC_PREFIX = "mfa-enforcer-user-"

QUARANTINED_TAG = "mfa-enforcer:quarantined"
NOTIFIED_TAG = "mfa-enforcer:notified"
EXEMPT_TAG = "mfa-enforcer:exempt-until"
ROOT_LEDGER_TAG = "mfa-enforcer:root-notified"

# Who calls: the functions, or the tests that look at what was done. Both are AWS's own sample keys.
FUNCTIONS_KEY = "AKIAIOSFODNN7EXAMPLE"
TESTS_KEY = "AKIAI44QH8DHBEXAMPLE"
SECRET = "sample-secret-that-signs-nothing"

SETTINGS = {
    "MODE": "enforce",
    "GRACE_PERIOD": "7d",
    "REMIND_BEFORE": "7d,3d,1d",
    "DIGEST": "daily",
    "ENFORCE_FROM": "",
    "QUARANTINE_SCOPE": "console",
    "QUARANTINE_POLICY_ARN": POLICY_ARN,
    "QUARANTINE_GROUP_NAME": GROUP_NAME,
    "ALERTS_TOPIC_ARN": ALERTS_TOPIC_ARN,
    "USER_TOPIC_PREFIX": USER_TOPIC_PREFIX,
    "CONTACT_TAG_KEY": "email",
    "EXEMPT_USERS": "",
    "EXEMPT_PATHS": "/break-glass/",
    "ENFORCER_ROLES": ",".join(f"mfa-enforcer-{name}" for name in FUNCTIONS),
}


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
