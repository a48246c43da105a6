"""What the commander does about duties: waive them, state that they were met, delay them lawfully."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from flows.deciding import Decision
from flows.forms import Given
from flows.gathering import view_of
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
"""How long a request that is not in writing delays at most, once (45 CFR 164.412(b), taken for every law)."""
LONGEST: Final = timedelta(days=366)
"""How long a request in writing delays at most; a longer delay is asked for anew."""
WRITTEN: Final = "written:"
"""How the basis of a delay begins that was asked for in writing."""
SKEW: Final = timedelta(minutes=5)


def text_of(details: Details, name: str) -> str:
    """What was written into a field, without the marks of a copied reference."""
    return str(details.get(name, "")).strip().strip("`")


def waive(decision: Decision, given: Given, details: Details) -> list[Question]:
    """Ask a second person to agree that nobody is told."""
    duties = _named(decision, details)
    return [_ask(decision, given, "waiver", f"Waive {_words(duties)}", duties)]


def met(decision: Decision, given: Given, details: Details) -> list[Question]:
    """Ask a second person to agree that a duty was met elsewhere, when and by which proof.

    Whoever tells before a clock has started has told: only before anybody noticed it nothing can be told.
    """
    duties, at, proof = _named(decision, details), details.get("at"), text_of(details, "basis")
    if len(duties) > 1:
        raise Refused("name one duty", mend=f"one of: {_words(duties)}")
    if not isinstance(at, datetime) or not proof:
        raise Refused("a duty met elsewhere needs its instant and its proof", mend="fill in both")
    rule = rule_of(decision.house, duties[0])
    if rule is not None and rule.depends_on and duties[0].anchor_at is None:
        first = " or ".join(rule.depends_on)
        raise Refused("it follows another act", which=rule.id, mend=f"state first that {first} was met")
    if at > decision.now + SKEW:
        raise Refused("it lies ahead", which="at", mend=f"it is {stamp(decision.now)} now")
    if (noticed := _noticed_at(decision, duties[0])) is not None and at < noticed:
        mend = f"it was noticed at {stamp(noticed)}"
        raise Refused("it was met before anybody noticed what happened", which="at", mend=mend)
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
    asked = asked_at if isinstance(asked_at, datetime) else decision.now
    if asked > decision.now + SKEW:
        raise Refused("it lies ahead", which="at", mend=f"it is {stamp(decision.now)} now")
    if duty.due_at is not None and duty.due_at < asked:
        mend = f"it was due at {stamp(duty.due_at)}; tell now, with the reasons for the delay"
        raise Refused("it was overdue when the delay was asked for", which=duty.rule_id, mend=mend)
    in_writing = basis.casefold().startswith(WRITTEN)
    if not in_writing and duty.delay_basis and not duty.delay_basis.casefold().startswith(WRITTEN):
        mend = f"a further delay needs a statement in writing: begin the basis with `{WRITTEN}`"
        raise Refused("it was delayed by word of mouth already", which=duty.rule_id, mend=mend)
    longest = LONGEST if in_writing else ORAL
    if until > asked + longest:
        beyond = "" if in_writing else f", or begin the basis with `{WRITTEN}` where it is in writing"
        raise Refused(
            f"such a request delays for {longest.days} days at most",
            which="until",
            mend=f"until {stamp(asked + longest)} at most{beyond}",
        )


def _noticed_at(decision: Decision, duty: Obligation) -> datetime | None:
    """When it was noticed, or if nobody says so, when it happened."""
    view = view_of(decision.session, decision.incident_id)
    found = (view.known(name, duty.case_ref or None) for name in ("detected_at", "occurred_at"))
    return next((at for at in found if isinstance(at, datetime)), None)


def _ask(
    decision: Decision, given: Given, what: str, title: str, duties: list[Obligation], **subject: Any
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
