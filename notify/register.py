"""The register rendered: CSV that starts no formula, one HTML file that fetches nothing, JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from notify.register_view import Register, RegisterLine
from notify.text import csv_cell, plain

HEADS: Mapping[str, str] = MappingProxyType(
    {
        "incident": "Incident",
        "case_ref": "Case",
        "client": "Client",
        "our_role": "Our role",
        "state": "State",
        "occurred_at": "Occurred",
        "detected_at": "Detected",
        "aware_at": "Aware",
        "closed_at": "Closed",
        "nature": "What happened",
        "data": "Categories of data",
        "people": "People affected",
        "records": "Records affected",
        "places": "Jurisdictions",
        "effects": "Effects",
        "measures": "Measures and remedial action",
        "told": "Who was told, when, under which rule",
        "not_told": "Who was not told, and why",
        "still_due": "Who must still be told",
        "proof": "Evidence that the record is complete",
    }
)
"""The parts of a line in their order, each with its heading."""


def render_csv(register: Register) -> str:
    """The register as CSV (RFC 4180), a breach a row; several parts stand on lines of one cell."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADS.values())
    for line in register.lines:
        writer.writerow(csv_cell(told) for told in _cells(line).values())
    return out.getvalue()


def render_json(register: Register) -> str:
    """The register as JSON, instants as text."""
    return json.dumps(asdict(register), indent=2, default=_as_text) + "\n"


def render_html(register: Register) -> str:
    """The register as one HTML file: no script, nothing fetched."""
    return _environment().get_template("register.html.j2").render(register=register, heads=HEADS)


def moment(at: datetime | None) -> str:
    """An instant in UTC to the minute; nothing for none."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%MZ}" if at else ""


def _cells(line: RegisterLine) -> dict[str, str]:
    return {name: _cell(getattr(line, name)) for name in HEADS}


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return "\n".join(str(part) for part in value)
    return moment(value) if isinstance(value, datetime) or value is None else str(value)


def _as_text(value: object) -> str:
    return moment(value) if isinstance(value, datetime) else str(value)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("notify", "templates/register"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_inert,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(moment=moment, cells=_cells)
    return environment


def _inert(value: object) -> object:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value
