"""What the methods would say, as lines above the form in which a person judges the risk."""

from __future__ import annotations

from collections.abc import Sequence

from playbooks.facts import Facts, FactView
from playbooks.severity.advising import Advice, advise
from playbooks.severity.enisa import PARTS
from playbooks.severity.hipaa import HipaaRecord, concerned, weigh
from playbooks.severity.proposing import propose

_MOST_UNKNOWN = 6


def advice_for_facts(view: FactView, case: str | None = None) -> list[str]:
    """A few lines of Markdown on the stated facts: the advice, the score, the factors, what is unknown.

    Without a case they are about the incident, or about the one of its cases that scores higher.

    They hold words and numbers of ours and names of facts, never text that somebody wrote.
    """
    subject = case if case is not None else max((None, *view.cases), key=lambda one: _gravity(view, one))
    facts = view.for_case(subject)
    found = advise(facts)
    where = "" if subject == case else f" of case {subject}"
    return [
        _answer(found, where),
        _score(found, facts),
        *_factors(found),
        *_unknown(found.unknown),
        *_hipaa(facts),
    ]


def _gravity(view: FactView, case: str | None) -> tuple[float, float]:
    found = advise(view.for_case(case))
    return found.score, found.score_at_most


def _answer(found: Advice, where: str) -> str:
    risk = f"a risk that is {found.risk}" if found.risk != "unknown" else "nothing settled yet"
    sa, ds = found.sa, found.ds
    told = f"tell the authority, {sa}; tell the people, {ds}"
    return f"**The method would say**{where} {risk}: {told}. You decide."


def _score(found: Advice, facts: Facts) -> str:
    """The score with the parts that are established, and the names of those that are not."""
    parts = propose(facts).estimates
    settled = [f"{PARTS[one.part]} {one.numbers}, {one.why}" for one in parts if one.least == one.most]
    ranging = [f"{PARTS[one.part]} {one.numbers}" for one in parts if one.least < one.most]
    most = f" to {found.score_at_most:.2f}, {found.band_at_most}" if found.score_at_most > found.score else ""
    known = f": {'; '.join(settled)}" if settled else ""
    left_open = f". Not established: {'; '.join(ranging)}" if ranging else ""
    return f"ENISA severity {found.score:.2f}, {found.band}{most}{known}{left_open}."


def _factors(found: Advice) -> list[str]:
    return [f"{line[0].upper()}{line[1:]}." for line in found.overriding]


def _unknown(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    shown = ", ".join(f"`{name}`" for name in names[:_MOST_UNKNOWN])
    more = f" and {len(names) - _MOST_UNKNOWN} more" if len(names) > _MOST_UNKNOWN else ""
    return [f"Still unknown: {shown}{more}."]


def _hipaa(facts: Facts) -> list[str]:
    """What HIPAA presumes; only a person's conclusion on all four factors ends it."""
    if not concerned(facts):
        return []
    factors = ", ".join(weigh(HipaaRecord()).open)
    return [f"HIPAA (45 CFR 164.402): a breach is presumed until a person concludes otherwise on {factors}."]
