"""Which duties one notice answers: those to one recipient, begun and running, of the earliest stage."""

from __future__ import annotations

from collections.abc import Iterable

from flows.house import House
from playbooks.duties import RUNNING
from playbooks.law import Rule
from playbooks.vocabulary import STAGES
from store.tables import Obligation


def rule_of(house: House, duty: Obligation) -> Rule | None:
    """The text of law that a duty follows; None for a contract's, which is no text of law."""
    return house.rules.get(f"{duty.rule_id}@{duty.rule_version}")


def running(duties: Iterable[Obligation]) -> list[Obligation]:
    """The duties that are neither met nor ended."""
    return [duty for duty in duties if duty.state in RUNNING]


def to_tell(house: House, duties: Iterable[Obligation]) -> list[Obligation]:
    """The running duties that a notice can meet now: their clock has begun, and no fact meets them."""
    return [duty for duty in running(duties) if duty.anchor_at is not None and _is_told(house, duty)]


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
    return rule is None or rule.kind == "notify" or rule.met_by is None


def _place(duty: Obligation) -> int:
    return STAGES.index(duty.stage) if duty.stage in STAGES else len(STAGES)
