"""What the vendors document of what they take, as far as the recipes use it, in JSON schemas of our own."""

from typing import Any

Form = dict[str, Any]


def text(longest: int, **more: Any) -> Form:
    return {"type": "string", "minLength": 1, "maxLength": longest, **more}


def fields(**members: Form) -> Form:
    """An object with these members, all of them required, and no others."""
    return {
        "type": "object",
        "properties": members,
        "required": list(members),
        "additionalProperties": False,
    }


# Custom notifications of Amazon Q Developer in chat applications.
CHAT = fields(
    version={"const": "1.0"},
    source={"const": "custom"},
    id=text(100),
    content=fields(
        textType={"const": "client-markdown"},
        title=text(250),
        description=text(8000),
        keywords={"type": "array", "items": text(50), "maxItems": 10},
    ),
    metadata=fields(
        threadId=text(100),
        summary=text(250),
        eventType=text(50),
        relatedResources={"type": "array", "items": text(512), "maxItems": 10},
    ),
)
# Events API v2. The connection adds the routing key.
PAGERDUTY = {
    "oneOf": [
        fields(
            event_action={"const": "trigger"},
            dedup_key=text(255),
            client=text(1024),
            payload={
                **fields(
                    summary=text(1024),
                    source=text(1024),
                    severity={"enum": ["critical", "error", "warning", "info"]},
                    timestamp=text(40, pattern="^[0-9-]+T[0-9:.]+Z$"),
                    component=text(1024),
                    custom_details={"type": "object"},
                    **{"class": text(1024)},
                ),
            },
        ),
        fields(event_action={"const": "resolve"}, dedup_key=text(255)),
    ]
}
# A record of the table em_event, with the lengths of its fields.
# Severities: 0 clear, 1 critical, 2 major, 3 minor, 4 warning, 5 info.
SERVICENOW = fields(
    source=text(100),
    event_class=text(100),
    message_key=text(1024),
    node=text(100),
    resource=text(100),
    type=text(100),
    severity={"enum": ["0", "1", "2", "3", "4", "5"]},
    description=text(4000),
)
# Create issue, version 3 of the REST API, with a description in the Atlassian Document Format.
JIRA = fields(
    fields=fields(
        project=fields(key=text(10, pattern="^[A-Z][A-Z0-9_]+$")),
        issuetype=fields(name=text(60)),
        summary=text(255, pattern="^[^\n]*$"),
        labels={"type": "array", "items": text(255, pattern="^[^ ]+$")},
        description=fields(
            type={"const": "doc"},
            version={"const": 1},
            content={
                "type": "array",
                "minItems": 1,
                "items": fields(
                    type={"const": "paragraph"},
                    content={
                        "type": "array",
                        "items": fields(type={"const": "text"}, text=text(32767)),
                    },
                ),
            },
        ),
    )
)
# The AWS Security Finding Format, as BatchImportFindings takes it of an account's own product.
SECURITY_HUB = fields(
    Findings={
        "type": "array",
        "minItems": 1,
        "maxItems": 100,
        "items": fields(
            SchemaVersion={"const": "2018-10-08"},
            Id=text(512),
            ProductArn=text(2048, pattern="^arn:aws:securityhub:[a-z0-9-]+:([0-9]{12}):product/\\1/default$"),
            GeneratorId=text(512),
            AwsAccountId=text(12, pattern="^[0-9]{12}$"),
            Types={"type": "array", "items": text(256, pattern="^[^/]+(/[^/]+){0,2}$"), "maxItems": 50},
            CreatedAt=text(40, pattern="^[0-9-]+T[0-9:.]+Z$"),
            UpdatedAt=text(40, pattern="^[0-9-]+T[0-9:.]+Z$"),
            Severity=fields(Label={"enum": ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"]}),
            Title=text(256),
            Description=text(1024),
            RecordState={"enum": ["ACTIVE", "ARCHIVED"]},
            Resources={"type": "array", "items": fields(Type=text(256), Id=text(512)), "minItems": 1},
        ),
    }
)
# A SIEM gets the whole event, as EventBridge delivers it.
SIEM: Form = {
    "type": "object",
    "required": ["version", "id", "source", "detail-type", "time", "region", "resources", "detail"],
}
FORMS: dict[str, Form] = {
    "chat": CHAT,
    "pagerduty": PAGERDUTY,
    "servicenow": SERVICENOW,
    "jira": JIRA,
    "siem": SIEM,
    "security-hub": SECURITY_HUB,
}
