"""The brief of an incident as Slack shows it: reference only, times coarse enough to stand for a while.

An absolute instant stands beside each coarse time, so that nothing is lost by it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from notify.blocks import NOTIFICATION_LIMIT, Block, bounded, context, divider, fit, section
from notify.render import SLACK, SlackMessage, instant

MOST_CLOCKS: Final = 8
MOST_QUESTIONS: Final = 10
_HOUR: Final = timedelta(hours=1)
_STEPS: Final = (
    (timedelta(days=3), timedelta(days=1)),
    (timedelta(hours=12), timedelta(hours=6)),
    (timedelta(hours=2), _HOUR),
    (timedelta(minutes=30), timedelta(minutes=30)),
    (timedelta(minutes=10), timedelta(minutes=10)),
)
"""From how much time left on in which steps it is told: days, six hours, hours, half hours, ten minutes."""


@dataclass(frozen=True, slots=True)
class BriefClock:
    """A clock of ours that runs: whom to tell, by which rule, until when."""

    recipient: str
    rule: str
    due_at: datetime
    presumed: bool
    policy: bool = False


@dataclass(frozen=True, slots=True)
class BriefQuestion:
    """An open question, and where it is answered."""

    title: str
    who: str
    link: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class BriefView:
    """What a brief shows of an incident at `now`; there is no client's name in it."""

    ref: str
    exercise: bool
    state: str
    severity: str
    phases: tuple[str, ...]
    commander: str
    now: datetime
    link: str
    clocks: tuple[BriefClock, ...] = ()
    """Those that run, the most urgent first."""
    questions: tuple[BriefQuestion, ...] = ()
    frozen: str = ""
    moved: bool = False
    """Whether the incident is spoken of in another channel by now."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be shown here."""
        return self.moved or self.state not in ("open", "candidate")


def coarse_left(left: timedelta) -> str:
    """Time left in steps that grow with it, rounded down: `at least 18 h left`."""
    if left < timedelta(0):
        return "OVERDUE"
    for least, step in _STEPS:
        if left >= least:
            return f"at least {_length(left // step * step)} left"
    return "under 10 min left"


def render_brief(view: BriefView) -> SlackMessage:
    """The brief within Slack's limits."""
    mark = "EXERCISE " if view.exercise else ""
    ref = SLACK.inert(view.ref)
    headline = f"*{mark}{ref}*: {_state(view)}, severity {SLACK.inert(view.severity)}"
    footer = " \u00b7 ".join(
        [*(["EXERCISE - not a real incident"] if view.exercise else []), ref, SLACK.link(view.link, "open")]
    )
    told = fit(f"[{mark}{ref}] brief: {_state(view)}", NOTIFICATION_LIMIT)
    return SlackMessage(told, bounded(_blocks(view, headline), context(footer)), told, view.link)


def digest_of(message: SlackMessage) -> str:
    """What tells one state of a brief from another."""
    shown = json.dumps([message.text, *message.blocks], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()


def _blocks(view: BriefView, headline: str) -> Iterator[Block]:
    yield section(headline)
    if view.frozen:
        yield section(f"*{SLACK.inert(view.frozen)}*")
    if view.is_over:
        return
    yield section(
        f"*Phase* {', '.join(SLACK.inert(one) for one in view.phases) or 'not begun'}\n"
        f"*Commander* {SLACK.inert(view.commander)}"
    )
    yield divider()
    yield section("\n".join(["*Clocks*", *_clocks(view)]))
    yield section("\n".join(["*Open questions*", *_questions(view)]))
    yield context("Times left are rounded down: days, then six hours, hours, half hours, ten minutes.")


def _clocks(view: BriefView) -> Iterator[str]:
    for clock in view.clocks[:MOST_CLOCKS]:
        doubts = [
            word for word, is_so in (("presumed", clock.presumed), ("policy, not law", clock.policy)) if is_so
        ]
        yield (
            f"\u2022 *{coarse_left(clock.due_at - view.now)}*: {SLACK.inert(clock.recipient)} "
            f"({SLACK.inert(clock.rule)}), due {instant(clock.due_at)}{''.join(f', {one}' for one in doubts)}"
        )
    yield from _rest(len(view.clocks), MOST_CLOCKS)


def _questions(view: BriefView) -> Iterator[str]:
    for asked in view.questions[:MOST_QUESTIONS]:
        due = f", due {instant(asked.due_at)}" if asked.due_at else ""
        yield f"\u2022 {SLACK.link(asked.link, asked.title)} for {SLACK.inert(asked.who)}{due}"
    yield from _rest(len(view.questions), MOST_QUESTIONS)


def _rest(count: int, shown: int) -> Iterator[str]:
    if not count:
        yield "none"
    elif count > shown:
        yield f"\u2022 and {count - shown} more, on the desk"


def _state(view: BriefView) -> str:
    if view.moved:
        return "spoken of in another channel by now"
    return SLACK.inert(view.state.replace("_", " "))


def _length(span: timedelta) -> str:
    days, rest = divmod(span, timedelta(days=1))
    hours, minutes = divmod(rest // timedelta(minutes=1), 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
