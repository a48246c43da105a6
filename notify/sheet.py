"""The deadline sheet: every clock of some incidents on paper, to go on with when the tool is away.

References only. One HTML file that fetches nothing and prints black on white on A4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from notify.moments import in_utc
from notify.report import first_letter_up, span
from notify.text import plain
from notify.wall_view import Wall
from playbooks.zones import TZDATA_VERSION, holidays_version


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed: walls read at one moment of wall time, for a team in `zone`."""

    walls: tuple[Wall, ...]
    zone: str
    made_at: datetime

    @property
    def versions(self) -> str:
        """The releases of the data by which the clocks were counted."""
        rows = [row for wall in self.walls for row in wall.rows]
        zones = sorted({row.tzdata for row in rows if row.tzdata}) or [TZDATA_VERSION]
        holidays = sorted({row.holidays for row in rows if row.holidays}) or [holidays_version()]
        return f"time zones {', '.join(zones)}; holidays {', '.join(holidays)}"


def render_sheet(sheet: Sheet) -> str:
    """The sheet as one HTML file."""
    return _environment().get_template("sheet.html.j2").render(sheet=sheet)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("notify", "templates/sheet"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_inert,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(moment=in_utc, span=span, first_letter_up=first_letter_up)
    return environment


def _inert(value: object) -> object:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value
