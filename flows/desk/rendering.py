"""The desk's templates: escaped always, and every string made inert before."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from flows.desk import words
from notify.text import plain


def page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of the desk."""
    return HTMLResponse(environment().get_template(template).render(**values), status_code=status)


def message(title: str, text: str, status: int, *, again: int | None = None, link: str = "") -> HTMLResponse:
    """A page that says one thing; `again` seconds later the browser asks once more for the same address."""
    return page("message.html", status, title=title, text=text, again=again, link=link)


@cache
def stylesheet() -> bytes:
    """The one stylesheet of the desk."""
    return files("flows.desk").joinpath("templates/desk.css").read_bytes()


@cache
def environment() -> Environment:
    """The environment of the desk's templates."""
    made = Environment(
        loader=PackageLoader("flows.desk", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_inert,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        clock=words.clock_words, words=words.kind_words, span=words.span_words, value=words.value_words
    )
    return made


def _inert(value: Any) -> Any:
    """A string without control, format and direction characters; anything else as it is."""
    if not isinstance(value, str) or isinstance(value, Markup) or (value.isascii() and value.isprintable()):
        return value
    return plain(value)
