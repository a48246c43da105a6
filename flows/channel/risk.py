"""Which questions may be answered in a window of Slack: those whose answer alone moves no duty and no word.

Everything else is answered in its form, where nothing that is asked or said passes through Slack.
"""

from __future__ import annotations

from sqlmodel import Session

from flows.channel.forms import fits
from flows.circle import is_guarded
from flows.forms import FormSpec
from flows.gathering import step_of
from flows.house import House
from flows.settling.steps import ACTION_FIELDS, OF_LAW
from playbooks.conditions import compile_condition
from playbooks.facts import FactView
from playbooks.verdicts import grounds_of
from store.tables import Incident, Question, StepRow

_ALSO = frozenset(
    {
        *("our_role", "personal_data", "jurisdictions", "incident_confirmed", "exfiltrated", "entity_class"),
        *("client_confirmed_at", "client_told_at"),
    }
)
"""By which a client's own terms apply, a clock is counted, or an incident is none at all."""


def is_low(house: House, session: Session, incident: Incident, question: Question, spec: FormSpec) -> bool:
    """Whether a question is a plain step: no second word, no fact that a law reads, no client, no circle."""
    row = session.get(StepRow, question.step_row_id) if question.step_row_id else None
    if question.kind != "step" or row is None or is_guarded(session, incident) or "asks" in question.subject:
        return False
    step = step_of(incident, row)
    if step.kind != "manual" or step.approvals or step.asks_law or row.step_id.startswith(OF_LAW):
        return False
    if any(field.spec.type == "clients" or field.name in ACTION_FIELDS for field in spec.fields):
        return False
    stated = {field.fact for field in spec.fields if field.fact}
    return fits(spec) and not stated & moving_facts(house)


def moving_facts(house: House) -> frozenset[str]:
    """Every fact that may start, end or put off a duty: what any rule's condition or clock reads."""
    names = {*_ALSO, *grounds_of(FactView({}, {}), None)}
    for rule in house.rules.values():
        names |= compile_condition(rule.when).names
        names |= {name for limb in rule.limbs for name in limb}
    return frozenset(names)
