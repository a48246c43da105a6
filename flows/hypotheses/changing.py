"""What is proposed, said and decided about the source of an incident, within its deciding transaction."""

from __future__ import annotations

from sqlmodel import col, func, select

from flows.asserting import assert_facts
from flows.deciding import Decision, note
from flows.forbidden import refuse_in_words
from flows.gathering import plan_of, view_of
from flows.hypotheses.reading import Weighed, hypotheses_of
from playbooks.errors import Mend, NotFound, Refused
from playbooks.hypotheses import KINDS, UNEXPLAINED, Proposal, Speaks, starting_hypotheses
from store.tables import Evidence, Hypothesis, HypothesisNote

LONGEST = 2_000
"""How many characters a statement, a note or a reason may have."""
_MOST = 40


def propose(decision: Decision, kind: str, statement: str, author: str) -> Hypothesis:
    """Put an explanation beside the others; raises Mend for a kind that explains nothing, or no words."""
    if kind not in KINDS:
        raise Mend("no kind of source that explains", which=kind, mend=f"use {', '.join(KINDS)}")
    words = _worded(statement, "a hypothesis says in words how it may have happened")
    held = hypotheses_of(decision.session, decision.incident_id)
    if len(held) >= _MOST:
        raise Refused(f"{_MOST} hypotheses are as many as anybody can weigh", which=decision.incident.ref)
    row = Hypothesis(
        incident_id=decision.incident_id,
        number=len(held) + 1,
        source_kind=kind,
        statement=words,
        opened_by=author,
        opened_at=decision.now,
    )
    decision.session.add(row)
    decision.session.flush()
    note(decision, "hypothesis_proposed", author, {"number": row.number, "source": kind, "words": words})
    return row


def propose_starting(decision: Decision, author: str = "system") -> list[Hypothesis]:
    """Propose what is worth weighing in this kind of incident, as far as nobody has proposed it yet."""
    held = hypotheses_of(decision.session, decision.incident_id)
    known = {one.hypothesis.statement for one in held}
    proposals = starting_hypotheses(plan_of(decision.incident).kind)
    return [_start(decision, one, author) for one in proposals if one.statement not in known]


def speak(
    decision: Decision,
    number: int,
    speaks: Speaks,
    words: str,
    author: str,
    *,
    evidence: int | None = None,
) -> HypothesisNote:
    """Write down what speaks for or against a hypothesis; raises NotFound for it, or for its evidence."""
    one = _find(decision, number)
    said = _worded(words, "say what speaks for or against it")
    if evidence is not None:
        _refuse_unknown(decision, evidence)
    assert one.hypothesis.id is not None
    row = HypothesisNote(
        hypothesis_id=one.hypothesis.id,
        seq=len(one.notes) + 1,
        speaks=speaks,
        words=said,
        evidence=evidence,
        by=author,
        at=decision.now,
    )
    decision.session.add(row)
    payload = {"number": number, "speaks": speaks, "words": said, "evidence": evidence}
    note(decision, "hypothesis_weighed", author, payload)
    return row


def accept(decision: Decision, number: int, author: str, why: str = "") -> Hypothesis:
    """Take a hypothesis as the source, set the one before it aside, and state the fact.

    Raises Refused while nothing speaks for it, and while something speaks against it and no `why` answers.
    """
    one = _find(decision, number)
    reason = _worded(why, "say why it holds") if why.strip() else ""
    _refuse_unfounded(one, reason)
    for other in hypotheses_of(decision.session, decision.incident_id):
        if other.hypothesis.state == "accepted":
            _decide(decision, other.hypothesis, "set_aside", author, f"hypothesis {number} was accepted")
    _decide(decision, one.hypothesis, "accepted", author, reason)
    _state(decision, one.hypothesis.source_kind, number, author)
    return one.hypothesis


def set_aside(decision: Decision, number: int, author: str, why: str) -> Hypothesis:
    """Put a hypothesis aside and say why; if it was the accepted one, the source is not established again."""
    one = _find(decision, number).hypothesis
    reason = _worded(why, "say why it is set aside")
    if one.state == "set_aside":
        raise Refused("this hypothesis is set aside already", which=str(number))
    was_accepted = one.state == "accepted"
    _decide(decision, one, "set_aside", author, reason)
    stated = view_of(decision.session, decision.incident_id).known("source_kind")
    if was_accepted and stated == one.source_kind:
        _state(decision, UNEXPLAINED, number, author)
    return one


def _start(decision: Decision, one: Proposal, author: str) -> Hypothesis:
    return propose(decision, one.source_kind, one.statement, author)


def _refuse_unfounded(one: Weighed, reason: str) -> None:
    number = str(one.hypothesis.number)
    if one.hypothesis.state == "accepted":
        raise Refused("this hypothesis is accepted already", which=number)
    sides = {said.speaks for said in one.notes}
    if "for" not in sides:
        mend = "write down what does: seventytwo hypothesis for"
        raise Refused("nothing speaks for it", which=number, mend=mend)
    if "against" in sides and not reason:
        mend = "give a reason why it holds all the same"
        raise Refused("what speaks against it is not answered", which=number, mend=mend)


def _decide(decision: Decision, one: Hypothesis, state: str, author: str, why: str) -> None:
    one.state, one.why = state, why
    one.decided_by, one.decided_at = author, decision.now
    decision.session.add(one)
    note(decision, f"hypothesis_{state}", author, {"number": one.number, "why": why})


def _state(decision: Decision, kind: str, number: int, author: str) -> None:
    assert_facts(decision, {"source_kind": kind}, author=author, basis=f"hypothesis {number}")


def _find(decision: Decision, number: int) -> Weighed:
    for one in hypotheses_of(decision.session, decision.incident_id):
        if one.hypothesis.number == number:
            return one
    mend = f"see `seventytwo hypothesis list {decision.incident.ref}`"
    raise NotFound("no such hypothesis", which=str(number), mend=mend)


def _refuse_unknown(decision: Decision, evidence: int) -> None:
    """Raise NotFound for evidence that this incident does not have."""
    found = select(func.count()).where(
        col(Evidence.incident_id) == decision.incident_id,
        col(Evidence.number) == evidence,
    )
    if not decision.session.exec(found).one():
        raise NotFound("no such evidence in this incident", which=f"E{evidence}")


def _worded(text: str, empty: str) -> str:
    words = text.strip()
    if not words:
        raise Mend(empty)
    if len(words) > LONGEST or not all(char.isprintable() or char == "\n" for char in words):
        raise Mend("too long, or with characters that cannot be seen", mend=f"{LONGEST} characters at most")
    refuse_in_words(words=words)
    return words
