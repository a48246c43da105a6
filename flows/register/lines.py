"""One line of the register, made from an incident's material. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from flows.desk.words import clock_words, fact_words, span_words
from flows.review.findings import action_lines, details
from flows.review.lateness import reasons_for
from flows.review.material import Material
from notify.register_view import RegisterLine
from notify.wall_view import RUNNING
from playbooks.fact_types import UNKNOWN
from playbooks.facts import FactView, to_json
from playbooks.severity.advising import advise
from playbooks.vocabulary import whom
from store.chain import Broken, Verified
from store.tables import Obligation

NOT_STATED = "not stated"
REMEDIAL = ("contain", "recover")
"""The phases whose steps are measures."""
_NEVER = datetime.max.replace(tzinfo=UTC)


def register_line(material: Material, view: FactView, case_ref: str) -> RegisterLine:
    """What the register says of one case, or of the incident as a whole while it has none."""
    words = _Words(material, view, case_ref)
    duties = _duties(material, case_ref)
    return RegisterLine(
        incident=material.incident.ref,
        case_ref=case_ref,
        client=material.client(case_ref),
        our_role=words.fact("our_role"),
        state=material.incident.state.replace("_", " "),
        occurred_at=words.fact("occurred_at"),
        detected_at=words.fact("detected_at"),
        aware_at=words.fact("aware_at"),
        closed_at=material.incident.closed_at,
        nature=tuple(_nature(material, words)),
        data=words.fact("data_categories"),
        people=words.fact("people_affected"),
        records=words.fact("records_affected"),
        places=words.fact("jurisdictions"),
        effects=tuple(_effects(material, view, words)),
        measures=tuple(_measures(material, words)),
        told=tuple(_told(material, duty) for duty in duties if duty.state == "met"),
        not_told=tuple(_not_told(material, duty) for duty in duties if duty.state in ("waived", "not_owed")),
        still_due=tuple(_still_due(material, duty) for duty in duties if duty.state in RUNNING),
        proof=_proof(material),
    )


class _Words:
    """What is known and what was drafted for one case, in words."""

    def __init__(self, material: Material, view: FactView, case_ref: str) -> None:
        self.material, self.view, self.case_ref = material, view, case_ref

    def fact(self, name: str) -> str:
        """A fact in words; a count known of the incident only says so where there are several cases."""
        value = self.view.known(name, self.case_ref or None)
        if value is UNKNOWN:
            return NOT_STATED
        told = fact_words(name, to_json(value))
        of_all = name not in self.view.cases.get(self.case_ref, {}) and len(self.material.clients) > 1
        return f"{told} (the incident as a whole)" if of_all and name.endswith("_affected") else told

    def drafted(self, name: str) -> Iterator[str]:
        """What the latest drafts of notices for this case say under a heading, each text once."""
        drafts = [one for one in self.material.questions if one.kind == "draft"]
        told = [
            str(answer.fields.get(name, "")).strip()
            for one in drafts
            if one.case_ref == self.case_ref
            and self.material.may_quote(one.case_ref)
            and (answer := self.material.accepted(one)) is not None
            and answer.decision == "draft"
        ]
        yield from dict.fromkeys(text for text in told if text)


def _duties(material: Material, case_ref: str) -> list[Obligation]:
    """The duties of a case, the first due first, then those of the incident that no case carries."""
    carried = {duty.rule_id for duty in material.duties if duty.case_ref}
    found = [
        duty
        for duty in material.duties
        if duty.case_ref == case_ref
        or (not duty.case_ref and not (duty.state == "not_owed" and duty.rule_id in carried))
    ]
    return sorted(found, key=lambda duty: (not duty.case_ref, duty.due_at or _NEVER, duty.id))


def _nature(material: Material, words: _Words) -> Iterator[str]:
    yield material.plan.neutral_title if material.limited else material.plan.title
    if not material.limited:
        yield material.incident.title
    yield from words.drafted("nature")


def _effects(material: Material, view: FactView, words: _Words) -> Iterator[str]:
    yield f"risk to the people: {words.fact('risk')}"
    if not material.limited:  # on a part of the facts the method would say something else
        advice = advise(view.for_case(words.case_ref or None))
        yield (
            f"the method's advice, not the decision: {advice.band} (score {advice.score:.1f}),"
            f" at most {advice.band_at_most} (score {advice.score_at_most:.1f}) if what is unknown is bad"
        )
    yield from (f"likely consequences: {text}" for text in words.drafted("consequences"))


def _measures(material: Material, words: _Words) -> Iterator[str]:
    for question in material.questions:
        row, answer = material.row_of(question), material.accepted(question)
        if row is None or answer is None or question.kind != "step" or answer.decision != "done":
            continue
        if material.phase(row) in REMEDIAL and question.case_ref in ("", words.case_ref):
            said = details(material, question, answer) if material.may_quote(question.case_ref) else ()
            told = "; ".join(f"{label}: {value}" for label, value in said)
            done = f"{material.step_title(row)}, {clock_words(answer.answered_at)}, {answer.handle}"
            yield f"{done}: {told}" if told else done
    yield from (f"as told: {text}" for text in words.drafted("measures"))
    for item in action_lines(material):
        title = f"{item.title}, " if item.title else ""
        yield f"action {item.ref}: {title}{item.owner}, due {clock_words(item.due_at)}, {item.standing}"


def _told(material: Material, duty: Obligation) -> str:
    when = clock_words(duty.met_at) if duty.met_at else NOT_STATED
    told = f"{_whom(duty)}: {when}"
    if duty.met_at and duty.due_at:
        late = duty.met_at - duty.due_at
        told += f", late by {span_words(late)}" if duty.met_at > duty.due_at else ", in time"
        told += ", measured by our own target" if duty.policy else ""
    told += f"; proof: {duty.proof}" if duty.proof else ""
    reasons = "; ".join(reasons_for(material, duty))
    return f"{told}; reasons for the delay: {reasons}" if reasons else told


def _not_told(material: Material, duty: Obligation) -> str:
    """Why nobody was told; a decision of two people with the facts that it rests on."""
    told = f"{_whom(duty)}: {duty.state.replace('_', ' ')}; {duty.why or NOT_STATED}"
    if duty.rests_on is None or material.limited:  # some facts of the incident may speak of another client
        return told
    facts = [
        f"{name.replace('_', ' ')} {fact_words(name, value)}"
        for name, value in duty.rests_on["facts"].items()
    ]
    return f"{told}; resting on: {', '.join(facts)}" if facts else told


def _still_due(material: Material, duty: Obligation) -> str:
    more = ", presumed until the facts rule it out" if duty.state == "presumed" else ""
    if duty.delayed_until is not None:
        more += f", lawfully delayed until {clock_words(duty.delayed_until)}: {duty.delay_basis}"
    if duty.due_at is None:
        return f"{_whom(duty)}: no deadline yet{more}"
    over = ", OVERDUE" if duty.due_at < material.until else ""
    return f"{_whom(duty)}: due {clock_words(duty.due_at)}{over}{more}"


def _whom(duty: Obligation) -> str:
    told = f"{whom(duty.recipient, duty.addressee)} under {duty.rule_id} ({duty.citation})"
    return told if duty.case_ref else f"{told}, for the incident as a whole"


def _proof(material: Material) -> str:
    match material.verdict:
        case Verified(entries=entries, head=head):
            return f"timeline of {entries} entries is whole, its last hash {head}"
        case Broken(seq=seq, why=why):
            return f"TIMELINE BROKEN at entry {seq}: {why}"
