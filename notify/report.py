"""The post-incident report rendered: one Markdown text, and one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from notify.access_svg import access_svg
from notify.markdown import markdown
from notify.report_view import ReportView
from notify.text import plain
from notify.timeline_svg import timeline_svg

NOTHING = "–"  # noqa: RUF001 (an empty cell, as tables are printed)
NOT_KNOWN = "not known"


def render_markdown(report: ReportView) -> str:
    """The report as Markdown without its picture; every value in it is nothing but text."""
    return environment(is_html=False).get_template("report/report.md.j2").render(report=report).strip() + "\n"


def render_html(report: ReportView) -> str:
    """The report as one HTML file with its timeline drawn inline: no script, nothing fetched."""
    return environment(is_html=True).get_template("report/report.html.j2").render(report=report)


@cache
def environment(*, is_html: bool) -> SandboxedEnvironment:
    """What reports are rendered in, as pages or as Markdown: every value in it is nothing but text."""
    rendering = SandboxedEnvironment(
        loader=PackageLoader("notify"),
        undefined=StrictUndefined,
        finalize=_for_html if is_html else _for_markdown,
        autoescape=is_html,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., object]] = {
        "when": when,
        "span": span,
        "flowing": flowing,
        "first_letter_up": first_letter_up,
    }
    rendering.filters.update(filters)
    rendering.globals |= {"drawn": timeline_svg, "access_drawn": access_svg}
    return rendering


def when(at: datetime | None, missing: str = NOTHING) -> str:
    """An instant in UTC to the minute, or what is said where there is none."""
    return missing if at is None else f"{at.astimezone(UTC):%d %b %Y %H:%MZ}"


def span(length: timedelta | None) -> str:
    """A length of time in its two largest units, rounded down; `not known` for none."""
    if length is None:
        return NOT_KNOWN
    minutes = int(length / timedelta(minutes=1))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else "under a minute"


def flowing(text: str) -> str:
    """The text with its single line ends made spaces, its paragraphs kept."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


def first_letter_up(text: str) -> str:
    """The text with its first letter in upper case, the rest as it is."""
    return text[:1].upper() + text[1:]


def _for_html(value: object) -> object:
    """Nothing for none, marked-up text as it is, any other without what cannot be seen."""
    if value is None or value == "":
        return ""
    return value if isinstance(value, Markup) else plain(value)


def _for_markdown(value: object) -> str:
    return "" if value is None else markdown(value)
