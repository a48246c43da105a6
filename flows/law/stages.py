"""Which duties one notice answers: those to one recipient, begun and running, of the earliest stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from flows.house import House
from playbooks.duties import RUNNING, State
from playbooks.law import Rule
from playbooks.models import Step
from playbooks.vocabulary import STAGES
from store.tables import Obligation, StepRow

Told = tuple[str, str, str]
"""Who must be told: the case's reference, the kind of recipient, and which of them."""
DAY: Final = timedelta(days=1)
"""How long before a lawful delay ends the notice is asked for, and written to meet the duty."""


def rule_of(house: House, duty: Obligation) -> Rule | None:
    """The text of law that a duty follows; None for a contract's, which is no text of law."""
    return house.rules.get(f"{duty.rule_id}@{duty.rule_version}")


def running(duties: Iterable[Obligation]) -> list[Obligation]:
    """The duties that are neither met nor ended."""
    return [duty for duty in duties if duty.state in RUNNING]


@dataclass(frozen=True, slots=True)
class Telling:
    """Whom the duties of an incident want told: what can be met now, what is held, all of each kind."""

    due: Mapping[Told, Sequence[Obligation]]
    held: Mapping[Told, Sequence[Obligation]]
    kinds: Mapping[tuple[str, str], Sequence[str]]

    def told_in(self, step: Step, row: StepRow) -> Told:
        """Whom a round of a notice step tells: whom it names, whom it was opened for, else the first."""
        recipient = step.recipient or ""
        if row.added or step.addressee:
            return row.case_ref, recipient, step.addressee
        kept = row.addressee
        is_open = row.state == "open"  # not written yet: it keeps nobody who need not be told any more
        if kept is None or (is_open and kept not in self.of_kind(row.case_ref, recipient)):
            kept = self.first(row.case_ref, recipient)
        return row.case_ref, recipient, kept

    def of_kind(self, case_ref: str, recipient: str) -> Sequence[str]:
        """All of a kind to whom a duty is or was owed, the first of them first."""
        return self.kinds.get((case_ref, recipient), ())

    def first(self, case_ref: str, recipient: str) -> str:
        """Which of several of a kind a plan written for one tells: the EU's, or the most urgent."""
        return next(iter(self.of_kind(case_ref, recipient)), "")

    def met_by(self, step: Step, row: StepRow) -> list[Obligation]:
        """The duties that a notice of this step, written now, meets: one stage of one recipient."""
        return of_first_stage(self.due.get(self.told_in(step, row), ()))


def telling_of(house: House, duties: Iterable[Obligation], now: datetime) -> Telling:
    """What the duties of an incident want told, sorted by whom; one that is held is met by no notice."""
    due: dict[Told, list[Obligation]] = {}
    held: dict[Told, list[Obligation]] = {}
    kinds: dict[tuple[str, str], list[str]] = {}
    live = sorted((duty for duty in duties if duty.state != State.NOT_OWED), key=_precedence)
    for duty in live:
        of_kind = kinds.setdefault((duty.case_ref, duty.recipient), [])
        if duty.addressee not in of_kind:
            of_kind.append(duty.addressee)
    for duty in to_tell(house, live):
        into = held if is_held(duty, now) else due
        into.setdefault((duty.case_ref, duty.recipient, duty.addressee), []).append(duty)
    return Telling(due, held, kinds)


def is_held(duty: Obligation, now: datetime) -> bool:
    """Whether a lawful delay forbids or excuses telling, until a day before it ends."""
    return duty.delayed_until is not None and now < duty.delayed_until - DAY


def delays_of(duties: Iterable[Obligation], told: Told, now: datetime) -> list[Obligation]:
    """The duties whose lawful delay, not over yet, is about this recipient; people are the same to all."""
    case_ref, recipient, addressee = told
    return [
        duty
        for duty in running(duties)
        if (duty.case_ref, duty.recipient) == (case_ref, recipient)
        and (duty.addressee == addressee or recipient == "data_subjects")
        and duty.delayed_until is not None
        and now < duty.delayed_until
    ]


def to_tell(house: House, duties: Iterable[Obligation]) -> list[Obligation]:
    """The running duties that a notice can meet now: of telling, and their clock has begun."""
    return [duty for duty in running(duties) if duty.anchor_at is not None and _is_told(house, duty)]


def to_assess(house: House, duties: Iterable[Obligation]) -> list[Obligation]:
    """The running duties to find something out, whose clock has begun."""
    rules = ((duty, rule_of(house, duty)) for duty in running(duties) if duty.anchor_at is not None)
    return [duty for duty, rule in rules if rule and rule.kind == "assess"]


def of_first_stage(duties: Iterable[Obligation]) -> list[Obligation]:
    """Of the duties to one recipient those of the earliest stage."""
    found = sorted(duties, key=_place)
    return [duty for duty in found if duty.stage == found[0].stage]


def staged(title: str, duties: Iterable[Obligation]) -> str:
    """A title that says which stage of telling it is about, where it is not simply the first."""
    stages = {duty.stage for duty in duties} - {"initial"}
    return f"{title} ({', '.join(sorted(stages)).replace('_', ' ')})" if stages else title


def _is_told(house: House, duty: Obligation) -> bool:
    rule = rule_of(house, duty)
    return rule is None or rule.kind == "notify"


def _precedence(duty: Obligation) -> tuple[bool, datetime, str]:
    return not duty.rule_id.startswith("EU-"), duty.due_at or datetime.max.replace(tzinfo=UTC), duty.rule_id


def _place(duty: Obligation) -> int:
    return STAGES.index(duty.stage) if duty.stage in STAGES else len(STAGES)
