"""The texts for those who must be told: a controller by its processor, an authority by a controller."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from jinja2 import PackageLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from notify import text
from notify.kinds import MessageFault
from notify.render import instant

PARAGRAPH_LIMIT = 4_000
NOT_KNOWN = "Not yet known; it will follow without undue further delay."

_SHARED = frozenset(
    {
        *("ref", "exercise", "sender", "recipient", "contact", "prepared_at", "occurred_at", "aware_at"),
        *("nature", "data_categories", "people_affected", "records_affected", "consequences", "measures"),
    }
)
NOTICES: Mapping[str, frozenset[str]] = {
    "notice-client": _SHARED | {"contract_reference"},
    "notice-authority": _SHARED | {"late_reasons"},
    "notice-other": _SHARED | {"late_reasons", "duties"},
}


class NoticeFault(MessageFault):
    """A notice of no known template, or without a field that it needs."""


def render_notice(template: str, fields: Mapping[str, object]) -> str:
    """The notice as plain text, the same for the same fields; a field that is none is told as not yet known.

    Raises NoticeFault for an unknown template and for missing or foreign fields.
    """
    needed = NOTICES.get(template)
    if needed is None:
        raise NoticeFault("no such notice", which=template, mend=f"one of {', '.join(NOTICES)}")
    wrong = needed ^ fields.keys()
    if wrong:
        raise NoticeFault("the fields do not fit the notice", which=template, mend=", ".join(sorted(wrong)))
    try:
        written = _environment().get_template(f"{template}.j2").render(fields)
    except TemplateError as error:
        raise NoticeFault("the notice cannot be rendered", which=template, mend=str(error)) from error
    return written.strip() + "\n"


@cache
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=PackageLoader("notify", "templates/notices"),
        undefined=StrictUndefined,
        finalize=_inert,
        autoescape=False,  # plain text, made inert by finalize
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(told=_told, when=_when, listed=_listed)
    return environment


def _inert(value: object) -> str:
    return text.clip(text.plain(value), PARAGRAPH_LIMIT)


def _told(value: object) -> object:
    return NOT_KNOWN if value is None or value == "" else value


def _when(value: object) -> object:
    return NOT_KNOWN if value is None or value == "" else instant(value)


def _listed(value: object) -> object:
    if not isinstance(value, list | tuple | set | frozenset):
        return _told(value)
    return _told(", ".join(sorted(str(item).replace("_", " ") for item in value)))
