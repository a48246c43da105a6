"""The plan of a playbook as one SVG to read, print and hang on a wall: light, outside strings inert."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from markupsafe import Markup

from notify.plan_card import (
    CARD_WIDTH,
    NOTE_LINE,
    PADDING,
    ROLE_LINE,
    TITLE_LINE,
    Card,
    Mark,
    Note,
    notes_of,
    said,
)
from notify.plan_layout import HEAD, INDENT, MARGIN, Box, Link, Placed, Sheet, laid_out
from notify.plan_marks import mark_at
from notify.svg import ACCENT, FONT, INK, LINE, QUIET, inert, text_at
from playbooks.models import Playbook
from playbooks.wording import marking

PAPER, FRAME, FRAME_LINE = "#ffffff", "#f6f5f1", "#d3cfc4"
ROLE_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "commander": "#5b3f8c",
        "it": "#2d5f8b",
        "forensics": "#2b7a78",
        "privacy": "#a14a76",
        "client_lead": "#b06a12",
        "counsel": "#6b5b2e",
        "approver": "#4f5661",
    }
)
LEGEND_HEIGHT: Final = 52
READING: Final = (
    "A phase begins when all of the phase before it has ended. "
    "Cards of a phase without an arrow between them run side by side."
)
LEGEND: Final[tuple[tuple[Mark, str], ...]] = (
    ("if", "only if"),
    ("approval", "two persons"),
    ("client", "for each client"),
    ("optional", "optional"),
    ("repeat", "repeats"),
    ("automated", "automated"),
    ("notice", "notice"),
    ("after", "waits for these only"),
)


def plan_svg(plan: Playbook) -> Markup:
    """The whole plan as one SVG element, phase by phase from left to right, notify beneath them."""
    sheet = laid_out(plan)
    width, height = round(max(sheet.width, 900)), round(sheet.height + LEGEND_HEIGHT)
    parts = [
        *_head(plan),
        *(piece for box in _boxes(sheet) for piece in _box(box)),
        *_trunk_arrows(sheet),
        *(piece for box in _boxes(sheet) for placed in box.cards for piece in _card(plan, placed)),
        *_legend(sheet.height),
    ]
    return Markup(  # noqa: S704 - every value in it went through inert, or is a number or a colour of ours
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="plan-title plan-desc" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="{FONT}" font-size="11" fill="{INK}">'
        f'<title id="plan-title">{inert(f"Plan of {plan.title}")}</title>'
        f'<desc id="plan-desc">{inert(_described(plan), 20_000)}</desc>'
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>{"".join(parts)}</svg>\n'
    )


def _boxes(sheet: Sheet) -> tuple[Box, ...]:
    return (*sheet.trunk, *((sheet.notify,) if sheet.notify else ()))


def _described(plan: Playbook) -> str:
    """The plan in sentences, for those who hear it."""
    phases = (f"{said(phase.id)}: {'; '.join(step.title for step in phase.steps)}" for phase in plan.phases)
    return f"{len(plan.steps)} steps. {'. '.join(phases)}."


def _head(plan: Playbook) -> Iterator[str]:
    yield text_at(MARGIN, 36, plan.title, 'font-size="21" font-weight="700"')
    facts = [f"{plan.id} {plan.version}", f"{len(plan.steps)} steps", marking(plan.tlp)]
    facts += [f"kept by {said(plan.owner)}"] if plan.owner else []
    facts += ["restricted: a small circle"] if plan.restricted else []
    facts += [f"valid until {plan.valid_until}"] if plan.valid_until else []
    facts += ["time targets run from when a step opens"]
    yield text_at(MARGIN, 57, " · ".join(facts), f'fill="{QUIET}" font-size="12"')


def _box(box: Box) -> Iterator[str]:
    yield (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="8" '
        f'fill="{FRAME}" stroke="{FRAME_LINE}"/>'
    )
    yield text_at(box.x + 14, box.y + 22, said(box.phase.id).title(), 'font-size="14" font-weight="700"')
    if box.phase.id == "notify":
        told = "beside the trunk: follows triage, and nothing but closing waits for it"
        yield text_at(box.x + 72, box.y + 22, told, f'fill="{QUIET}" font-size="11.5"')
    for link in box.links:
        yield _link(link)


def _link(link: Link) -> str:
    """Straight down to the next card, or along the left edge to one that is set in."""
    bottom = link.before.y + link.before.card.height
    if link.behind.x == link.before.x:
        x = link.before.x + CARD_WIDTH / 2
        return _arrow(f"M{x} {bottom}V{link.behind.y - 5}", f"M{x - 4} {link.behind.y - 6}h8l-4 6z")
    x, y = link.before.x + INDENT / 2, link.behind.y + 17
    return _arrow(f"M{x} {bottom}V{y}H{link.behind.x - 5}", f"M{link.behind.x - 6} {y - 4}v8l6-4z")


def _arrow(path: str, tip: str, colour: str = QUIET, width: float = 1.4) -> str:
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
        f'<path d="{tip}" fill="{colour}"/>'
    )


def _trunk_arrows(sheet: Sheet) -> Iterator[str]:
    """From phase to phase, and from triage down to notify."""
    y = sheet.trunk[0].y + HEAD / 2 if sheet.trunk else 0
    for left, right in pairwise(sheet.trunk):
        start, end = left.x + left.width, right.x
        yield _arrow(f"M{start} {y}H{end - 8}", f"M{end - 10} {y - 6}v12l10-6z", ACCENT, 2.6)
    source = next((box for box in sheet.trunk if sheet.notify and box.x == sheet.notify.x), None)
    if source and sheet.notify:
        x, top = source.x + 30, sheet.notify.y
        start = source.y + source.height
        yield _arrow(f"M{x} {start}V{top - 8}", f"M{x - 6} {top - 10}h12l-6 10z", ACCENT, 2.6)


def _card(plan: Playbook, placed: Placed) -> Iterator[str]:
    card, x, y = placed.card, placed.x, placed.y
    step, colour = card.step, ROLE_COLOURS[card.step.role]
    said_whole = "; ".join(
        (f"{step.id}: {step.title}", card.role, *(words for _, words in notes_of(plan, step)))
    )
    yield f"<g><title>{inert(said_whole, 2_000)}</title>"
    if step.per == "case":
        yield _frame(x + 4, y + 4, card, LINE)
    yield _frame(x, y, card, QUIET, ' stroke-dasharray="5 3"' if step.optional else "")
    yield f'<rect x="{x + 1}" y="{y + 5}" width="4" height="{card.height - 10}" rx="2" fill="{colour}"/>'
    below = y + PADDING
    for line in card.title:
        below += TITLE_LINE
        yield text_at(x + 13, below - 4, line, 'font-size="12.5" font-weight="600"')
    below += ROLE_LINE
    yield text_at(x + 13, below - 4, card.role, f'fill="{colour}" font-size="11.5" font-weight="600"')
    for note in card.notes:
        yield from _note(note, x + 13, below)
        below += NOTE_LINE * len(note.lines)
    yield "</g>"


def _frame(x: float, y: float, card: Card, colour: str, more: str = "") -> str:
    return (
        f'<rect x="{x}" y="{y}" width="{CARD_WIDTH}" height="{card.height}" rx="5" '
        f'fill="{PAPER}" stroke="{colour}"{more}/>'
    )


def _note(note: Note, x: float, y: float) -> Iterator[str]:
    yield mark_at(note.mark, x, y + 2)
    for number, line in enumerate(note.lines):
        yield text_at(x + 18, y + NOTE_LINE * (number + 1) - 3, line, f'fill="{INK}"')


def _legend(y: float) -> Iterator[str]:
    x: float = MARGIN
    for role, colour in ROLE_COLOURS.items():
        yield f'<rect x="{x}" y="{y + 2}" width="4" height="12" rx="2" fill="{colour}"/>'
        yield text_at(x + 9, y + 12, said(role), f'fill="{colour}" font-weight="600"')
        x += 26 + len(role) * 7.6
    for mark, words in LEGEND:
        yield mark_at(mark, x, y + 2)
        yield text_at(x + 17, y + 12, words, f'fill="{QUIET}"')
        x += 34 + len(words) * 6.3
    yield text_at(MARGIN, y + 32, READING, f'fill="{QUIET}"')
