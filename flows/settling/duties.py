"""What the commander does about duties: waive them, state that they were met, delay them lawfully."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from flows.deciding import Decision
from flows.forms import Given
from flows.law.duties import duties_of
from flows.law.stages import rule_of, running
from flows.settling.words import ask_word
from playbooks.clocks import stamp
from playbooks.errors import Refused
from playbooks.fact_types import FactValue
from store.tables import Obligation, Question

Details = Mapping[str, FactValue]
"""The fields of the commander's form that were filled in."""
ORAL: Final = timedelta(days=30)
"""How long an oral request of law enforcement delays at most (45 CFR 164.412(b))."""
SKEW: Final = timedelta(minutes=5)


def text_of(details: Details, name: str) -> str:
    """What was written into a field, without the marks of a copied reference."""
    return str(details.get(name, "")).strip().strip("`")


def waive(decision: Decision, given: Given, details: Details) -> list[Question]:
    """Ask a second person to agree that nobody is told."""
    duties = _named(decision, details)
    return [_ask(decision, given, "waiver", f"Waive {_words(duties)}", duties)]


def met(decision: Decision, given: Given, details: Details) -> list[Question]:
    """Ask a second person to agree that a duty was met elsewhere, at an instant within its clock's run."""
    duties, at, proof = _named(decision, details), details.get("at"), text_of(details, "basis")
    if len(duties) > 1:
        raise Refused("name one duty", mend=f"one of: {_words(duties)}")
    if not isinstance(at, datetime) or not proof:
        raise Refused("a duty met elsewhere needs its instant and its proof", mend="fill in both")
    if at > decision.now + SKEW:
        raise Refused("it lies ahead", which="at", mend=f"it is {stamp(decision.now)} now")
    if duties[0].anchor_at is None:
        raise Refused("its clock has not started", which=duties[0].rule_id, mend="state first what starts it")
    if at < duties[0].anchor_at:
        mend = f"the clock started at {stamp(duties[0].anchor_at)}"
        raise Refused("it was met before its clock started", which="at", mend=mend)
    if duties[0].due_at is not None and at > duties[0].due_at and not given.reason.strip():
        raise Refused("it was late: the reasons for the delay are needed", which=duties[0].rule_id)
    title = f"Agree that it was met elsewhere: {_words(duties)}"
    return [_ask(decision, given, "meeting", title, duties, at=at.isoformat(), proof=proof)]


def delay(decision: Decision, given: Given, details: Details) -> list[Question]:
    """Ask a second person to agree to a delay that the law allows, with its basis and its end."""
    duties, until, basis = _named(decision, details), details.get("until"), text_of(details, "basis")
    if not isinstance(until, datetime) or not basis:
        raise Refused("a delay needs its end and its basis", mend="fill in both")
    if until <= decision.now:
        raise Refused(
            "the delay would be over already", which="until", mend=f"it is {stamp(decision.now)} now"
        )
    for duty in duties:
        _refuse_unlawful(decision, duty, until, details.get("at"), basis)
    title = f"Delay until {stamp(until)}: {_words(duties)}"
    return [_ask(decision, given, "delay", title, duties, until=until.isoformat(), basis=basis)]


def _refuse_unlawful(
    decision: Decision, duty: Obligation, until: datetime, asked_at: FactValue | None, basis: str
) -> None:
    rule = rule_of(decision.house, duty)
    if rule is None or not rule.lawful_delay:
        raise Refused("the law allows no delay of this duty", which=duty.rule_id)
    if "164.412" not in rule.lawful_delay or "written" in basis.casefold():
        return
    asked = asked_at if isinstance(asked_at, datetime) else decision.now
    if until > asked + ORAL:
        mend = f"until {stamp(asked + ORAL)} at most, or say in the basis that the statement is written"
        raise Refused(
            "an oral request delays for 30 days at most (45 CFR 164.412(b))", which="until", mend=mend
        )


def _ask(
    decision: Decision, given: Given, what: str, title: str, duties: list[Obligation], **subject: object
) -> Question:
    return ask_word(decision, given, what, title, duties=[duty.id for duty in duties], **subject)


def _named(decision: Decision, details: Details) -> list[Obligation]:
    """The running duties that `about` names, by rule, or by rule and case."""
    about = text_of(details, "about").casefold()
    runs = running(duties_of(decision.session, decision.incident_id))
    names = {_name(duty): duty for duty in runs}
    found = [
        duty for name, duty in names.items() if about and about in (duty.rule_id.casefold(), name.casefold())
    ]
    if not found:
        mend = f"one of: {', '.join(names)}" if names else "none is running"
        raise Refused("name a running duty", mend=mend)
    return found


def _name(duty: Obligation) -> str:
    return f"{duty.rule_id} {duty.case_ref}".strip()


def _words(duties: list[Obligation]) -> str:
    return ", ".join(_name(duty) for duty in duties)
