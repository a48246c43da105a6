"""The words and small types a playbook is written in: roles, phases, periods, names, plain lines."""

from __future__ import annotations

import keyword
import re
from datetime import date, timedelta
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import AfterValidator, BeforeValidator, PlainSerializer
from pydantic import Field as Bound

Role: TypeAlias = Literal["commander", "it", "forensics", "privacy", "client_lead", "counsel", "approver"]
PhaseId: TypeAlias = Literal["detect", "triage", "contain", "investigate", "notify", "recover", "review"]
StepKind: TypeAlias = Literal["manual", "automated", "notice"]
FieldType: TypeAlias = Literal["text", "choice", "yes_no_unknown", "integer", "range", "instant", "clients"]
IfUnknown: TypeAlias = Literal["open", "wait"]
Join: TypeAlias = Literal["all", "any"]
Tlp: TypeAlias = Literal["clear", "green", "amber", "amber+strict", "red"]
Regime: TypeAlias = Literal[
    "gdpr", "uk_gdpr", "ccpa", "us_states", "dpdp", "vn_pdpl", "ph_dpa", "sg_pdpa", "au_privacy", "hipaa",
    "pci", "nis2", "dora", "sec", "cert_in", "contract",
]  # fmt: skip

TRUNK: tuple[PhaseId, ...] = ("detect", "triage", "contain", "investigate", "recover", "review")
"""The phases that follow one another; notify stands beside them."""

TLP: tuple[Tlp, ...] = ("clear", "green", "amber", "amber+strict", "red")
"""The levels of the Traffic Light Protocol 2.0 (FIRST), the least strict first."""
REGIMES: tuple[Regime, ...] = get_args(Regime)
"""The families of duties that a playbook says it serves."""

_PERIOD = re.compile(r"([1-9]\d{0,5})([mhd])", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_LONGEST_PERIOD = timedelta(days=366)
_ASKED_BY_EVERY_FORM = ("responder", "code", "decision", "reason", "evidence")
_READ_AS_SCHEMA_BY_THE_UI = (
    *("type", "required", "enum", "items", "properties", "pattern", "const", "not", "format", "default"),
    *("title", "description"),
)
_MEANT_BY_PYDANTIC = ("copy", "json", "dict", "schema", "construct", "validate", "fields", "config")
_TAKEN = frozenset((*_ASKED_BY_EVERY_FORM, *_READ_AS_SCHEMA_BY_THE_UI, *_MEANT_BY_PYDANTIC))


def _period(given: Any) -> Any:
    found = _PERIOD.fullmatch(given) if isinstance(given, str) else None
    period = int(found[1]) * _UNITS[found[2]] if found else given
    whole = isinstance(period, timedelta) and period % _UNITS["m"] == timedelta(0)
    if not whole or not timedelta(0) < period <= _LONGEST_PERIOD:
        raise ValueError("write a time such as 30m, 4h or 2d, of one year at most")
    return period


def read_period(text: str) -> timedelta:
    """A span as playbooks and scenarios write it: 30m, 4h or 2d; raises ValueError."""
    period: timedelta = _period(text)
    return period


def written(period: timedelta) -> str:
    """Return a period as a file has it: `30m`, `4h`, `2d`."""
    unit = next(unit for unit in "dhm" if period % _UNITS[unit] == timedelta(0))
    return f"{period // _UNITS[unit]}{unit}"


def _day(given: Any) -> Any:
    if isinstance(given, date):
        return given
    if not isinstance(given, str) or not _DAY.fullmatch(given):
        raise ValueError("write a day as 2026-11-21")
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise ValueError("there is no such day") from None


def _plain(text: str) -> str:
    if not all(character.isprintable() or character == "\n" for character in text):
        raise ValueError("holds a control or invisible character; remove it")
    return text


def _one_line(text: str) -> str:
    if "\n" in text:
        raise ValueError("stands on one line")
    return _plain(text)


def marking(tlp: Tlp) -> str:
    """Return a marking as the Traffic Light Protocol 2.0 writes it: `TLP:AMBER+STRICT`."""
    return f"TLP:{tlp.upper()}"


def free_in_forms(name: str) -> str:
    """Return a field's name when no form, schema or model already means something by it; else ValueError."""
    if name in _TAKEN or keyword.iskeyword(name) or name.startswith("model_"):
        raise ValueError(f"`{name}` means something else in a form; choose another name")
    return name


Period = Annotated[timedelta, BeforeValidator(_period), PlainSerializer(written)]
"""A time target: `30m`, `4h`, `2d` in a file, a timedelta in memory."""
Day = Annotated[date, BeforeValidator(_day), PlainSerializer(date.isoformat)]
"""A day of the calendar, without a zone: `2026-11-21` in a file."""
Slug = Annotated[str, Bound(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Name = Annotated[str, Bound(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Line = Annotated[str, Bound(min_length=1, max_length=300), AfterValidator(_one_line)]
Words = Annotated[str, Bound(min_length=1, max_length=4_000), AfterValidator(_plain)]
FieldName = Annotated[str, Bound(pattern=r"^[a-z][a-z0-9_]{0,39}$"), AfterValidator(free_in_forms)]
Argument: TypeAlias = bool | int | str | tuple[str, ...]
