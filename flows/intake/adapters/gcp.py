"""What Google Cloud's tools share: Pub/Sub's wrapping, and the project that a resource's name tells."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from flows.intake.adapters.picking import at
from flows.intake.adapters.shapes import must_be_object, wrong_field
from flows.intake.body import read_json
from playbooks.errors import PayloadFault

_PROJECT = re.compile(r"(?:^|/)projects/([a-z0-9][a-z0-9:.-]{0,60})")


def message(body: Any) -> dict[str, Any]:
    """The object that Pub/Sub pushes, or the body itself where it is not Pub/Sub's.

    Raises PayloadFault where what is pushed is no JSON object.
    """
    stated = must_be_object(body)
    data = at(stated, "message.data")
    if not is_push(stated) or not isinstance(data, str):
        return stated
    try:
        return must_be_object(read_json(base64.b64decode(data, validate=True)), ("message", "data"))
    except (binascii.Error, ValueError) as fault:
        raise wrong_field(("message", "data"), "base64 is wanted") from fault


def carried(body: Any) -> dict[str, Any]:
    """As `message`, and empty where there is none: for recognising, which never raises."""
    try:
        return message(body)
    except PayloadFault:
        return {}


def is_push(body: dict[str, Any]) -> bool:
    """Whether a Pub/Sub subscription pushed this."""
    return {"message", "subscription"} <= body.keys()


def projects(*names: str) -> Iterator[str]:
    """The projects among names of resources, as client hints: `gcp:project`."""
    yield from (f"gcp:{found[1]}" for name in names if (found := _PROJECT.search(name)))
