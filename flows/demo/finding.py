"""The alert of the demo: a GuardDuty exfiltration finding as EventBridge delivers it, signed and posted."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import httpx

from flows.intake.authentication import SCHEMES
from playbooks.errors import Refused

ACCOUNT = "111122223333"


def exfiltration_finding(now: datetime) -> dict[str, Any]:
    """A finding that a role's credential was used to read far more objects than ever before."""
    first, last = (f"{now - timedelta(minutes=ago):%Y-%m-%dT%H:%M:%SZ}" for ago in (40, 5))
    finding_id = uuid.uuid4().hex
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "GuardDuty Finding",
        "source": "aws.guardduty",
        "account": ACCOUNT,
        "time": last,
        "region": "eu-central-1",
        "resources": [],
        "detail": {
            "schemaVersion": "2.0",
            "accountId": ACCOUNT,
            "region": "eu-central-1",
            "id": finding_id,
            "arn": f"arn:aws:guardduty:eu-central-1:{ACCOUNT}:detector/0123456789abcdef/finding/{finding_id}",
            "type": "Exfiltration:S3/AnomalousBehavior",
            "title": "A service account read customer lists in an unusual way.",
            "description": "GetObject was called 2,214 times from an address this account never used before.",
            "severity": 8,
            "createdAt": first,
            "updatedAt": last,
            "resource": {
                "resourceType": "S3Bucket",
                "accessKeyDetails": {"userName": "svc-export", "userType": "IAMUser"},
                "s3BucketDetails": [{"name": "example-customer-lists", "type": "Destination"}],
            },
            "service": {
                "serviceName": "guardduty",
                "archived": False,
                "count": 3,
                "eventFirstSeen": first,
                "eventLastSeen": last,
                "action": {
                    "actionType": "AWS_API_CALL",
                    "awsApiCallAction": {
                        "api": "GetObject",
                        "serviceName": "s3.amazonaws.com",
                        "remoteIpDetails": {"ipAddressV4": "198.51.100.7"},
                    },
                },
            },
        },
    }


def post_finding(desk_url: str, source: str, secret: str, finding: dict[str, Any], now: datetime) -> str:
    """Post the finding as its tool would, signed; returns the reference of the incident that it opened."""
    body = json.dumps(finding).encode()
    headers = SCHEMES["hmac"].prove(source, secret, body, now)
    answer = httpx.post(
        f"{desk_url}/alerts/{source}", content=body, headers=headers, timeout=30, trust_env=False
    )
    if answer.status_code != httpx.codes.ACCEPTED:
        raise Refused(
            "the desk did not accept the alert", which=str(answer.status_code), mend=answer.text[:200]
        )
    return str(answer.json()["results"][0]["incident"])
