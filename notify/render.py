"""A message's kind and fields made into Slack blocks, or into plain lines for a terminal.

Each kind has one template with a `headline` and a `body`; the surface (Slack or terminal) decides how a
value is escaped and what bold and links become, so the two can never say different things.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from jinja2 import PackageLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from notify import text
from notify.blocks import NOTIFICATION_LIMIT, Block, bounded, context, fit, question_buttons, section
from notify.kinds import MessageFault, with_defaults
from playbooks.errors import InstantFault

BODY_LIMIT = 2_800  # Slack refuses a section over 3,000 characters
PLAIN_LIMIT = 1_000
ITEM_LIMIT = 10
_MEMBER = re.compile(r"[UW][A-Z0-9]{2,31}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """What Slack is given (`text` for notifications, `blocks` to be read) and the same in one plain line."""

    text: str
    blocks: tuple[dict[str, Any], ...]
    plain: str
    link: str = ""


class Safe(str):
    """Text that a surface has already made inert."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Surface:
    """Where a message is read: how values are made inert, emphasised and linked there."""

    name: str
    inert: Callable[[object], str]
    bold: Callable[[object], Safe]
    link: Callable[[object, object], Safe]
    person: Callable[[object, object], Safe]


def _slack_link(url: object, label: object) -> Safe:
    address = text.safe_url(url)
    shown = text.slack(label, 75)
    return Safe(f"<{address}|{shown}>" if address else shown)


def _terminal_link(_url: object, label: object) -> Safe:
    return Safe(text.terminal(label, 75))


def _slack_person(handle: object, slack_id: object) -> Safe:
    """A handle, and where we hold a member id of that very form the one mention that is not made inert."""
    shown = text.slack(handle, 40)
    is_id = isinstance(slack_id, str) and _MEMBER.fullmatch(slack_id)
    return Safe(f"<@{slack_id}> ({shown})" if is_id else shown)


def _terminal_person(handle: object, _slack_id: object) -> Safe:
    return Safe(text.terminal(handle, 40))


SLACK = Surface("slack", text.slack, lambda value: Safe(f"*{text.slack(value)}*"), _slack_link, _slack_person)
TERMINAL = Surface(
    "terminal", text.terminal, lambda value: Safe(text.terminal(value)), _terminal_link, _terminal_person
)


def render(kind: str, fields: Mapping[str, Any]) -> SlackMessage:
    """The message as Slack takes it, within Slack's sizes; raises MessageFault for a wrong kind or field."""
    headline, body = _parts(SLACK, kind, fields)
    blocks = [section(headline)]
    if body:
        blocks.append(section("\n".join(body)))
    blocks += _asked(fields)
    plain = text.clip(render_terminal(kind, fields).replace("\n  ", " | "), PLAIN_LIMIT)
    told = fit(f"{_label(fields)} {headline}", NOTIFICATION_LIMIT)
    link = text.safe_url(fields["link"]) if fields.get("link") else None
    return SlackMessage(told, bounded(blocks, context(_footer(fields))), plain, link or "")


def _asked(fields: Mapping[str, Any]) -> Iterator[Block]:
    """Buttons for what is still open: of the question itself, or of each that the message lists."""
    if fields.get("question") and not fields.get("became"):
        yield question_buttons(str(fields["question"]))
    listed = fields.get("questions")
    asked = listed[:ITEM_LIMIT] if isinstance(listed, list | tuple) else ()
    for one in {str(one.get("question")): one for one in asked if isinstance(one, Mapping)}.values():
        if one.get("question") and not one.get("became"):
            yield section(
                f"{SLACK.link(one.get('link'), one.get('title'))} for {SLACK.inert(one.get('role'))}"
            )
            yield question_buttons(str(one["question"]))


def render_terminal(kind: str, fields: Mapping[str, Any]) -> str:
    """The message as plain lines, the headline first and the rest indented."""
    headline, body = _parts(TERMINAL, kind, fields)
    return "\n  ".join((f"{_label(fields)} {headline}", *body))


def render_bare(kind: str, ref: str, *, exercise: bool) -> SlackMessage:
    """What is sent when a message cannot be rendered: better a bare line than silence."""
    return render("note", {"ref": ref, "exercise": exercise, "text": f"{kind}: read the details on the desk"})


def _parts(surface: Surface, kind: str, fields: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    context_fields = with_defaults(kind, fields)
    try:
        template = _environment(surface.name).get_template(f"{kind}.j2")
        context = template.new_context(context_fields)
        headline = "".join(template.blocks["headline"](context))
        body = "".join(template.blocks["body"](context)) if "body" in template.blocks else ""
    except (
        TemplateError,
        TypeError,
        AttributeError,
    ) as error:  # a field of another shape than the template's
        raise MessageFault("the message cannot be rendered", which=kind, mend=text.terminal(error)) from error
    lines = tuple(line.strip() for line in body.splitlines() if line.strip())
    return " ".join(headline.split()), _within(lines, BODY_LIMIT)


def _within(lines: tuple[str, ...], limit: int) -> tuple[str, ...]:
    """As many whole lines as fit, and a last one that says how many did not."""
    kept: list[str] = []
    size = 0
    for line in lines:
        size += len(line) + 1
        if size > limit:
            return (*kept, f"\u2026 and {len(lines) - len(kept)} more")
        kept.append(line)
    return tuple(kept)


def _label(fields: Mapping[str, Any]) -> str:
    ref = text.slack(fields["ref"], 40)
    return f"[EXERCISE {ref}]" if fields["exercise"] else f"[{ref}]"


def _footer(fields: Mapping[str, Any]) -> str:
    parts = [text.slack(fields["ref"], 40)]
    if fields["exercise"]:
        parts.insert(0, "EXERCISE - not a real incident")
    if fields.get("link"):
        parts.append(SLACK.link(fields["link"], "open"))
    return " \u00b7 ".join(parts)


@cache
def _environment(surface_name: str) -> SandboxedEnvironment:
    surface = {"slack": SLACK, "terminal": TERMINAL}[surface_name]

    def finalize(value: object) -> str:
        return value if isinstance(value, Safe) else surface.inert(value)

    environment = SandboxedEnvironment(
        loader=PackageLoader("notify", "templates/slack"),
        undefined=StrictUndefined,
        finalize=finalize,
        autoescape=False,  # finalize makes every value inert for its surface; HTML has none here
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def people(named: Sequence[Mapping[str, object]]) -> Safe:
        """People by handle, mentioned where the surface can."""
        shown = [surface.person(one["handle"], one.get("slack_id")) for one in named[:ITEM_LIMIT]]
        return Safe(", ".join(shown))

    environment.globals.update(bold=surface.bold, linked=surface.link, people=people, items_shown=ITEM_LIMIT)
    environment.filters.update(instant=instant, span=span)
    return environment


def instant(value: object) -> str:
    """An instant as people read it, in UTC: `20 Nov 2026 14:05 UTC`; text must carry its offset."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InstantFault("not an instant", which=text.terminal(value, 40)) from error
    if moment.tzinfo is None:
        raise InstantFault("an instant without an offset", which=text.terminal(value, 40))
    return moment.astimezone(UTC).strftime("%d %b %Y %H:%M UTC")


def span(value: object) -> str:
    """A time span as people say it (`2 d 3 h`, `45 min`) from seconds or a timedelta; other text stays."""
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if not isinstance(value, int | float):
        return str(value)
    minutes = round(abs(value) / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
