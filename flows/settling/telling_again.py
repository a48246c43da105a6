"""Whoever was told before is told again at the commander's word: an update, a last word, a withdrawal."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlmodel import col, select

from flows.advancing import open_added
from flows.deciding import Decision
from flows.forms import Given
from flows.gathering import step_of, steps_of
from flows.law.stages import Told
from flows.law.steps import BY_HAND, LIVE
from flows.notice_phases import told_by, told_last
from flows.questions import visible
from flows.rounds import telling
from flows.settling.duties import Details, text_of
from playbooks.errors import Refused
from playbooks.models import Step
from playbooks.vocabulary import INSIDE, whom
from store.tables import Notice, Obligation, Question, StepRow

TARGET = timedelta(days=1)


def tell_again(decision: Decision, given: Given, details: Details) -> list[Question]:
    """Open a notice to a recipient who accepted one before, beside the plan, whether or not a duty runs."""
    told = _named(decision, text_of(details, "about"))
    last = told_last(decision.session, decision.incident, told)
    _refuse_if_being_told(decision, told)
    case_ref, recipient, addressee = told
    if last is None:
        return [_tell_inside(decision, recipient, given.reason)]
    before = step_of(decision.incident, decision.session.get_one(StepRow, last.step_row_id))
    step = Step(
        id=f"{BY_HAND}{secrets.token_hex(4)}",
        title=visible(f"Tell the {whom(recipient, addressee)} again"),
        kind="notice",
        role=before.role,
        per="case" if case_ref else "incident",
        target=TARGET,
        recipient=recipient,
        addressee=addressee,
        template=last.template.partition(".")[0],
        tlp=before.tlp,
        counsel=before.counsel,
        privileged=last.is_privileged,
        instructions=_instructions(last, given.reason),
    )
    return [open_added(decision, step, case_ref=case_ref)]


def _tell_inside(decision: Decision, recipient: str, reason: str) -> Question:
    """Open the first notice to our own staff or board, whom no law wants told."""
    step = Step(
        id=f"{BY_HAND}{secrets.token_hex(4)}",
        title=visible(f"Tell the {whom(recipient)}"),
        kind="notice",
        role="privacy",
        target=TARGET,
        recipient=recipient,
        template=recipient,
        instructions=visible(f"Say what they need to know, and name no client and no person.\n{reason}")[
            :4000
        ],
    )
    return open_added(decision, step)


def _instructions(last: Notice, reason: str) -> str:
    lines = [
        f"They accepted notice {last.id} before. Say what is known now; an empty field is told as it was.",
        "Choose `withdrawal` where it was no breach, or sent in error: it says why, and takes two people.",
    ]
    return "\n".join([*lines, visible(reason)]).strip()[:4000]


def _named(decision: Decision, about: str) -> Told:
    """Whom `about` names: a kind of recipient with its case, or a duty, of those who accepted a notice."""
    words = about.split()
    told = _told(decision)
    found = [one for one in told if words and _is_named(decision, one, words)]
    if not found and len(words) == 1 and words[0] in INSIDE:
        return "", words[0], ""
    if len(found) != 1:
        named = "; ".join(
            " ".join(part for part in (one[1], one[2], one[0]) if part) for one in found or told
        )
        mend = f"one of: {named}" if named else "nobody has accepted a notice yet"
        raise Refused("name one who was told before", which="about", mend=mend)
    return found[0]


def _told(decision: Decision) -> list[Told]:
    """Everybody who accepted a notice of the incident."""
    rows = select(Notice).where(
        Notice.incident_id == decision.incident_id,
        col(Notice.accepted_at).is_not(None),
        Notice.state != "withdrawn",
    )
    told = (told_by(decision.session, decision.incident, one) for one in decision.session.exec(rows))
    return list(dict.fromkeys(told))


def _is_named(decision: Decision, told: Told, words: list[str]) -> bool:
    """Whether words name a recipient, and whichever of case and addressee they name besides."""
    case_ref, recipient, addressee = told
    first, rest = words[0], words[1:]
    by_duty = first != recipient and _is_told_under(decision, told, first)
    beside = {case_ref.casefold(), addressee.casefold(), *addressee.casefold().split()}
    return (first == recipient or by_duty) and {word.casefold() for word in rest} <= beside


def _is_told_under(decision: Decision, told: Told, rule: str) -> bool:
    duties = select(Obligation).where(
        Obligation.incident_id == decision.incident_id, Obligation.rule_id == rule
    )
    owed = {(one.case_ref, one.recipient, one.addressee) for one in decision.session.exec(duties)}
    return told in owed


def _refuse_if_being_told(decision: Decision, told: Told) -> None:
    found = telling(decision)
    for row in steps_of(decision.session, decision.incident_id):
        step = step_of(decision.incident, row)
        if row.state in LIVE and step.kind == "notice" and found.told_in(step, row) == told:
            raise Refused("a notice to them is being written", which=step.title, mend="answer its draft")
