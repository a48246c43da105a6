"""The `zeek` source: records of Zeek's notice, intel and weird logs as JSON, bare or as an agent ships them.

https://docs.zeek.org/en/current/scripts/base/frameworks/notice/main.zeek.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of
from flows.intake.adapters.picking import seen, word, words
from flows.intake.adapters.reading import first_item, items, observables, utc_instant
from flows.intake.adapters.shapes import must_be_object, wrong_field
from flows.intake.adapters.spotting import inner
from flows.intake.claims import Claim, Severity, claim, on_scale
from playbooks.forensics.observable_kinds import Seen

_LOUD = frozenset({"Notice::ACTION_ALARM", "Notice::ACTION_PAGE", "Notice::ACTION_EMAIL"})
_ORIGIN = ("src", "id.orig_h", "id_orig_h")
_TARGET = ("dst", "id.resp_h", "id_resp_h")
_SEEN = {"address": (*_ORIGIN, *_TARGET), "domain": ("sub",), "file": ("file_desc",)}
_INTEL_KINDS: Mapping[str, str] = {
    "Intel::ADDR": "address", "Intel::EMAIL": "address", "Intel::DOMAIN": "domain", "Intel::URL": "url",
    "Intel::FILE_HASH": "hash", "Intel::FILE_NAME": "file", "Intel::USER_NAME": "account",
}  # fmt: skip


def read(body: Any) -> tuple[Claim, ...]:
    """The claim of one record, or of each of a list; a record of another log than these is no alert."""
    return tuple(_claim(one) for one in items(body))


def _claim(body: dict[str, Any]) -> Claim:
    record = _record(body)
    log, title, severity = _told(record)
    origin, target = word(record, *_ORIGIN), word(record, *_TARGET)
    indicator = word(record, "seen.indicator")
    return claim(
        [log, word(record, "note", "seen.where", "name"), origin, target, indicator or word(record, "sub")],
        status="firing",
        severity=severity,
        original_severity=word(record, "severity.name"),
        title=title,
        payload=body,
        occurred_at=utc_instant(record, "ts"),
        category=category_of(title, word(record, "sub"), otherwise="network"),
        observables=(*observables(record, _SEEN), *_matched(record, indicator)),
        ids=(word(record, "uid"), word(record, "fuid"), word(record, "community_id")),
    )


def _record(body: dict[str, Any]) -> dict[str, Any]:
    """The record itself; an agent ships it as text in `message`."""
    shipped = body.get("message")
    if "note" in body or not isinstance(shipped, str):
        return body
    return must_be_object(inner(body, "message"), ("message",))


def _told(record: dict[str, Any]) -> tuple[str, str, Severity]:
    """The log it is of, its title, and how grave it is: Zeek itself says only by its actions."""
    stated = word(record, "severity.name")
    if note := word(record, "note"):
        grave: Severity = "high" if _LOUD.intersection(words(record, "actions")) else "medium"
        text = word(record, "msg")
        return "notice", f"{note}: {text}" if text else note, on_scale(stated) if stated else grave
    if indicator := word(record, "seen.indicator"):
        where = word(record, "seen.where")
        return "intel", f"Intelligence hit on {indicator}" + (f" at {where}" if where else ""), "medium"
    if (name := word(record, "name")) and "notice" in record:
        return "weird", f"Weird: {name}", "low"
    raise wrong_field(("note",), "a record of the notice, intel or weird log is wanted")


def _matched(record: dict[str, Any], indicator: str) -> tuple[Seen, ...]:
    return seen(
        _INTEL_KINDS.get(word(record, "seen.indicator_type"), "domain"), (indicator,) if indicator else ()
    )


def _recognises(body: Any) -> bool:
    """Zeek's records have `ts` with a note or an indicator; an agent's row names its log beside the text."""
    first = first_item(body)
    if {"message", "log_file"} <= first.keys():
        shipped = first["message"]
        return isinstance(shipped, str) and shipped.startswith("{") and '"ts"' in shipped[:100]
    if "ts" not in first:
        return False
    is_notice = {"note", "msg"} <= first.keys() or {"name", "notice", "uid"} <= first.keys()
    return is_notice or "seen.indicator" in first or {"seen", "matched"} <= first.keys()


ADAPTER = Adapter(
    kind="zeek",
    product="Zeek and Corelight notices and intelligence hits",
    docs="https://docs.zeek.org/en/current/scripts/base/frameworks/notice/main.zeek.html",
    recognises=_recognises,
    read=read,
    severity="high if the notice alarms, pages or mails, else medium; intelligence hits medium; weird low",
    same_alert="same note (or place of the hit), origin, target and indicator or sub",
    auth="bearer",
)
