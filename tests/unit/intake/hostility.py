"""Payloads made worse: a field missing, null, of another kind, or hostile; and what every claim must keep."""

from __future__ import annotations

import copy
import json
import random
import unicodedata
from collections.abc import Iterator
from typing import Any

from flows.intake.claims import FIRST_YEAR, LAST_YEAR, TITLE_LIMIT, Claim
from playbooks.alerts.view import Category, DataHint, Severity, Status
from playbooks.errors import PayloadFault
from playbooks.forensics.observable_kinds import KINDS, LONGEST_VALUE

Path = tuple[str | int, ...]

MARK = "canary-5d1f"
"""Stands in every hostile text: no fault may repeat it, for faults are kept in the clear."""
TEXTS = (
    f"<!channel> *{MARK}* <https://evil.example|x> `code` :bomb:",
    f"<script>{MARK}</script><img src=x onerror=alert(1)>",
    f"{{{{ 7 * 7 }}}}{{% include '{MARK}' %}}",
    f"=cmd|'/c calc'!A1 {MARK}",
    f"\x1b]0;{MARK}\x07\x1b[2J\x9b31m",
    f"{MARK} \u202egnp.exe\u2066 \u200b\ufeff\u2028",
    f"{MARK}\x00\r\n\t",
    f"{MARK}\ud800\udfff \udc00",
    f"javascript:{MARK}",
    f"https://user:{MARK}@example.org/a b",
    "https://[::1",
    f"{MARK} " * 2_500,
    "9" * 5_000,
    "1e999",
    "NaN",
    "-1",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "2026-02-30T25:61:00Z",
    "\u0661\u0662\u0663",
    "",
    "   ",
)
KINDS_OF_VALUE: tuple[Any, ...] = (
    None, True, False, 0, -1, 3.5, 1e308, -1e308, 10**400, 2**63, [], {}, [[]], [None], [{}], {"": None},
    {"a": {"b": ["c"]}}, [1, "two", None, {"three": 3}], [[[[[]]]]], ["x"] * 600,
)  # fmt: skip
RAW = (
    b"[" * 100 + b"]" * 100,
    b'{"a":' * 100 + b"1" + b"}" * 100,
    b'"\xff\xfe"',
    b'"\xed\xa0\x80"',
    b"1e999",
    b"-1e999",
    b"9" * 5_000,
    b"NaN",
    b"Infinity",
    b"0.1e-999999",
    b'"\\ud800"',
)
"""Tokens that only bytes can hold, each put in the place of a field."""
WHOLE = (
    b"",
    b"null",
    b"0",
    b'"x"',
    b"[]",
    b"{}",
    b"[[]]",
    b"[{}]",
    b"[null]",
    b'{"":{}}',
    b"[" * 100 + b"]" * 100,
)
"""Bodies that hold nothing."""


def paths_of(body: Any, at: Path = ()) -> Iterator[Path]:
    """The path of every field and item, the outermost first."""
    inner = list(
        body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    )
    yield from ((*at, key) for key, _ in inner)
    for key, value in inner:
        yield from paths_of(value, (*at, key))


def mutants(body: Any, seed: str, fields: int, values: int) -> Iterator[Any]:
    """Copies of a body with one field worse: every outer field and a sample of the others."""
    chance = random.Random(seed)
    every = list(paths_of(body))
    outer = [path for path in every if len(path) == 1][:fields]
    rest = every[len(outer) :]
    for path in outer + chance.sample(rest, min(fields, len(rest))):
        yield changed(body, path)
        for value in (None, *chance.sample(KINDS_OF_VALUE, values), *chance.sample(TEXTS, values)):
            yield changed(body, path, value)
        yield changed(body, (*path[:-1], chance.choice(TEXTS)), "x") if isinstance(path[-1], str) else body


def changed(body: Any, path: Path, *value: Any) -> Any:
    """A copy of a body with that value at a path, or without what stands there."""
    changed_body = copy.deepcopy(body)
    at = changed_body
    for key in path[:-1]:
        at = at[key]
    if value:
        at[path[-1]] = value[0]
    else:
        del at[path[-1]]
    return changed_body


def raw_mutants(body: Any, seed: str, fields: int) -> Iterator[bytes]:
    """Bytes of a body with one field replaced by what only bytes can say."""
    chance = random.Random(seed)
    every = list(paths_of(body))
    for path in chance.sample(every, min(fields, len(every))):
        text = json.dumps(changed(body, path, MARK)).encode()
        yield text.replace(json.dumps(MARK).encode(), chance.choice(RAW))
    whole = json.dumps(body).encode()
    yield whole[: len(whole) // 2]
    yield whole.replace(b'"', b"\xff", 1)


def check_claim(one: Claim) -> None:
    """Every field of a claim is within its bounds, and can be stored and shown."""
    for text in (one.title, one.original_severity, one.link, *one.ids, *one.client_hints):
        text.encode()
    assert 0 < len(one.title) <= TITLE_LIMIT
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in one.title)
    assert len(one.original_severity) <= 40
    assert not any(unicodedata.category(char)[0] == "C" for char in one.original_severity)
    assert one.severity in Severity.__args__  # type: ignore[attr-defined]
    assert one.status in Status.__args__  # type: ignore[attr-defined]
    assert one.category in Category.__args__  # type: ignore[attr-defined]
    assert set(one.data_hints) <= set(DataHint.__args__)  # type: ignore[attr-defined]
    assert len(one.fingerprint) == len(one.content) == 64
    assert set(one.fingerprint + one.content) <= set("0123456789abcdef")
    assert one.occurred_at is None or FIRST_YEAR <= one.occurred_at.year <= LAST_YEAR
    assert one.link == "" or one.link.startswith(("https://", "http://"))
    assert len(one.link) <= 2_000
    assert " " not in one.link
    assert max((len(text) for text in (*one.ids, *one.client_hints)), default=0) <= 200
    assert max(len(one.ids), len(one.client_hints)) <= 50
    assert len(one.observables) <= 2_000
    for seen in one.observables:
        assert seen.kind in KINDS
        assert 0 < len(seen.value) <= LONGEST_VALUE
        seen.value.encode()


def check_fault(fault: PayloadFault) -> None:
    """A fault names its field, and repeats nothing of the payload."""
    assert fault.which
    assert fault.which.isascii()
    assert fault.which.isprintable()
    assert MARK not in fault.what
    assert len(fault.what) <= 300
