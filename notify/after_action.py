"""The after-action report rendered: Markdown, and one HTML file that needs nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from jinja2.sandbox import SandboxedEnvironment

from notify.after_action_view import AfterAction
from notify.after_action_words import (
    KINDS,
    headline,
    how_rated,
    how_weighed,
    rating_words,
    summary,
    verdict_words,
)
from notify.report import environment
from playbooks.exercises.score import ASPECTS, WEIGHTS


def after_action_markdown(report: AfterAction) -> str:
    """The report as Markdown without its picture; every value in it is nothing but text."""
    return _rendered("after_action/after_action.md.j2", report, is_html=False).strip() + "\n"


def after_action_html(report: AfterAction) -> str:
    """The report as one HTML file with its timeline drawn inline: no script, nothing fetched."""
    return _rendered("after_action/after_action.html.j2", report, is_html=True)


def day(at: datetime) -> str:
    """The day of an instant, in UTC."""
    return f"{at.astimezone(UTC):%d %b %Y}"


def _rendered(template: str, report: AfterAction, *, is_html: bool) -> str:
    return _environment(is_html=is_html).get_template(template).render(report=report)


@cache
def _environment(*, is_html: bool) -> SandboxedEnvironment:
    words: dict[str, Any] = {
        "headline": headline,
        "summary": summary,
        "verdict_words": verdict_words,
        "rating_words": rating_words,
        "aspects": ASPECTS,
        "weights": WEIGHTS,
        "kinds": KINDS,
        "how_weighed": how_weighed,
        "how_rated": how_rated,
    }
    own = environment(is_html=is_html).overlay()
    own.globals = {**own.globals, **words}
    own.filters = {**own.filters, "day": day}
    return own
