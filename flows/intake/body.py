"""A request's bytes read as JSON, within bounds."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from playbooks.errors import PayloadFault

BODY_LIMIT = 1_000_000
"""Bytes that one request may carry."""

DEPTH_LIMIT = 40
"""Objects and arrays that may lie in one another; what tools send stays under 20."""


def read_json(body: bytes) -> Any:
    """The JSON value in `body`; raises PayloadFault with the position of what cannot be read."""
    try:
        value = _DECODER.decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise MalformedBody("not UTF-8", which=f"byte {fault.start}", mend="send JSON as UTF-8") from fault
    except json.JSONDecodeError as fault:
        where = f"line {fault.lineno} column {fault.colno}"
        raise MalformedBody(f"malformed JSON: {fault.msg}", which=where, mend="send valid JSON") from fault
    except RecursionError as fault:
        raise _too_deep() from fault
    except ValueError as fault:
        raise MalformedBody("a number too long to be one", which="body", mend="send it as text") from fault
    if body.count(b"{") + body.count(b"[") > DEPTH_LIMIT:
        _check_depth(value)
    return value


class MalformedBody(PayloadFault):
    """A body that is not JSON within our bounds."""


def _check_depth(value: Any) -> None:
    """Walk level by level, so that no depth of input costs stack."""
    level = _containers([value])
    for _ in range(DEPTH_LIMIT):
        level = [inner for node in level for inner in _containers(node)]
        if not level:
            return
    raise _too_deep()


def _containers(node: dict[str, Any] | list[Any]) -> list[dict[str, Any] | list[Any]]:
    """The objects and arrays directly within an object or array."""
    return [
        child
        for child in (node.values() if isinstance(node, dict) else node)
        if isinstance(child, dict | list)
    ]


def _too_deep() -> MalformedBody:
    return MalformedBody("nested too deep", which="body", mend=f"send at most {DEPTH_LIMIT} levels")


def _refuse_constant(word: str) -> NoReturn:
    raise MalformedBody(f"{word} is not JSON", which="body", mend="send a number, null or text")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise MalformedBody("a number beyond any range", which="body", mend="send it as text")
    return number


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
