"""What AWS's tools share: the wrappings they arrive in, the buckets and principals they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flows.intake.adapters.picking import at, word
from flows.intake.adapters.shapes import must_be_list, must_be_object, wrong_field
from flows.intake.adapters.spotting import inner
from playbooks.errors import PayloadFault

_BUCKET = "arn:aws:s3:::"
_PRINCIPAL = re.compile(r"arn:aws[\w-]*:(?:iam|sts)::\d*:(?:user|role|assumed-role)/(?:.*/)?([^/]+)")


def messages(body: Any) -> list[Any]:
    """What a body carries: messages of SNS, over HTTP or as Lambda's records, else the body itself.

    Raises PayloadFault for what SNS says about itself, such as the wish to have a subscription confirmed.
    """
    if isinstance(body, dict) and "Records" in body:
        records = must_be_list(body["Records"], ("Records",))
        return [
            _message(must_be_object(at(one, "Sns"), ("Records", i, "Sns"))) for i, one in enumerate(records)
        ]
    return [_message(body)] if is_sns(body) else [body]


def carried(body: Any) -> list[Any]:
    """As `messages`, and none where SNS carries none: for recognising, which never raises."""
    try:
        return messages(body)
    except PayloadFault:
        return []


def is_sns(body: Any) -> bool:
    """Whether SNS posted this over HTTP."""
    return isinstance(body, dict) and {"Type", "TopicArn", "MessageId"} <= body.keys()


def detail(event: Any, kinds: tuple[str, ...]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What an EventBridge event is about and where it lies; an event without an envelope is that itself."""
    stated = must_be_object(event)
    if "detail" not in stated:
        return stated, ()
    if stated.get("detail-type") not in kinds:
        raise wrong_field(("detail-type",), f"{' or '.join(map(repr, kinds))} is wanted")
    return must_be_object(stated["detail"], ("detail",)), ("detail",)


def buckets(*names: str) -> Iterator[str]:
    """Buckets, by name or by the ARN of one or of its object, as client hints: `s3:name`."""
    yield from (f"s3:{name.removeprefix(_BUCKET).partition('/')[0]}" for name in names)


def bucket_arns(*ids: str) -> Iterator[str]:
    """The ARNs of buckets and their objects among ids of resources."""
    yield from (one for one in ids if one.startswith(_BUCKET))


def principals(*arns: str) -> Iterator[str]:
    """The names of users and roles among ARNs."""
    yield from (found[1] for arn in arns if (found := _PRINCIPAL.fullmatch(arn)))


def _message(envelope: dict[str, Any]) -> Any:
    if word(envelope, "Type") != "Notification":
        raise wrong_field(("Type",), "a notification is wanted: confirm a subscription by its own address")
    message = inner(envelope, "Message")
    if not isinstance(message, dict):
        raise wrong_field(("Message",), "a JSON object as text is wanted")
    return message
