"""The least that a function with boto3 does about a sign-in without MFA: look, contain, tag, and tell once.

It runs as Lambda runs it, by the runtime client for Python. It looks at what has to be known before somebody
is contained, and waits for each answer, as such functions do. Messages to the user, a second look at what it
did, and whatever else the enforcer knows are left out.
"""

import json
import os
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3

IAM, SNS = boto3.client("iam"), boto3.client("sns")
POLICY, TOPIC = os.environ["QUARANTINE_POLICY_ARN"], os.environ["ALERTS_TOPIC_ARN"]
GRACE = timedelta(days=7)


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    detail = event["detail"]
    if detail["additionalEventData"]["MFAUsed"] != "No":
        return {"outcome": "ignored"}
    name = detail["userIdentity"]["userName"]
    if IAM.list_mfa_devices(UserName=name)["MFADevices"]:
        return {"outcome": "nothing"}
    password = IAM.get_login_profile(UserName=name)["LoginProfile"]
    tags = {tag["Key"] for tag in IAM.list_user_tags(UserName=name)["Tags"]}
    if "exempt" in tags or datetime.now(timezone.utc) < password["CreateDate"] + GRACE:
        return {"outcome": "nothing"}
    attached = IAM.list_attached_user_policies(UserName=name)["AttachedPolicies"]
    if POLICY in [each["PolicyArn"] for each in attached]:
        return {"outcome": "nothing"}
    IAM.attach_user_policy(UserName=name, PolicyArn=POLICY)
    IAM.tag_user(UserName=name, Tags=[{"Key": "quarantined", "Value": detail["eventTime"]}])
    message = {"user": name, "event": detail["eventID"], "what": "quarantined"}
    SNS.publish(TopicArn=TOPIC, Subject="User quarantined", Message=json.dumps(message))
    return {"outcome": "acted"}
