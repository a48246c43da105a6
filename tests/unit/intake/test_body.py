"""Bytes become JSON within bounds, or a fault that says where."""

from __future__ import annotations

import pytest

from flows.intake.body import DEPTH_LIMIT, MalformedBody, read_json
from flows.intake.quarantine import kept_bytes, kept_text


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "line 1 column 1"),
        (b'{"a": 1,\n "b": }', "line 2 column 7"),
        (b'{"a": 1} trailing', "line 1 column 10"),
        (b'{"a": "\xff"}', "byte 7"),
    ],
)
def test_malformed_json_is_refused_with_its_position(body: bytes, where: str) -> None:
    with pytest.raises(MalformedBody) as refused:
        read_json(body)
    assert refused.value.which == where


@pytest.mark.parametrize(
    "body", [b"NaN", b"[Infinity]", b"[-Infinity]", b"[1e999]", b"[" + b"9" * 5000 + b"]"]
)
def test_numbers_that_are_none_are_refused(body: bytes) -> None:
    with pytest.raises(MalformedBody):
        read_json(body)


def test_depth_is_allowed_up_to_the_limit_and_refused_beyond() -> None:
    assert read_json(b"[" * DEPTH_LIMIT + b"]" * DEPTH_LIMIT)
    for depth in (DEPTH_LIMIT + 1, 400_000):
        with pytest.raises(MalformedBody, match="nested too deep"):
            read_json(b"[" * depth + b"]" * depth)


def test_brackets_within_text_are_no_depth() -> None:
    assert read_json(b'["' + b"[{" * 200 + b'"]') == ["[{" * 200]


def test_a_byte_order_mark_is_let_through() -> None:
    assert read_json(b"\xef\xbb\xbf{}") == {}


@pytest.mark.parametrize("body", [b'{"a":', b"\xff\xfe", b"base64:AAAA", "é".encode()])
def test_what_is_kept_in_quarantine_gives_the_very_bytes_again(body: bytes) -> None:
    assert kept_bytes(kept_text(body)) == body
