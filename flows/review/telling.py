"""The duties with their clocks' ledgers, and the notices that met them with their proof."""

from __future__ import annotations

import re

from flows.desk.words import span_words
from flows.review.lateness import reasons_for
from flows.review.material import Material
from notify.report_clocks import DutyLine, LedgerLine, NoticeLine
from playbooks.clocks import Standing, standing
from playbooks.vocabulary import whom
from store.tables import Notice, Obligation

COUNTED = ("presumed", "owed", "met")

_FRACTION = re.compile(r"(?<=:\d\d)\.\d+(?=Z)")


def duty_lines(material: Material) -> tuple[DutyLine, ...]:
    """Every duty of the incident, those that were owed before those that were not."""
    rows = sorted(material.duties, key=lambda duty: (duty.state == "not_owed", duty.case_ref, duty.id))
    return tuple(_duty(material, duty) for duty in rows)


def standing_of(material: Material, duty: Obligation) -> str:
    """How a duty stands at the end of what the report tells: its state where no clock runs any more."""
    if duty.state not in COUNTED:
        return duty.state
    return standing(duty.due_at, duty.met_at, material.until, anchor_at=duty.anchor_at).value


def notice_lines(material: Material) -> tuple[NoticeLine, ...]:
    """Every notice, the versions replaced too: what was released is bound to its hash."""
    return tuple(_notice(material, notice) for notice in material.notices)


def _duty(material: Material, duty: Obligation) -> DutyLine:
    told = standing_of(material, duty)
    return DutyLine(
        rule=f"{duty.rule_id}, version {duty.rule_version}",
        title=duty.title,
        citation=duty.citation,
        recipient=whom(duty.recipient, duty.addressee),
        client=material.client(duty.case_ref),
        standing=told.replace("_", " "),
        is_late=told in (Standing.MET_LATE, Standing.OVERDUE),
        is_policy=duty.policy,
        anchor_at=duty.anchor_at,
        due_at=duty.due_at,
        legal_due_at=duty.legal_due_at,
        met_at=duty.met_at,
        margin=_margin(duty),
        why=duty.why,
        reasons=reasons_for(material, duty),
        ledger=_ledger(material, duty),
    )


def _margin(duty: Obligation) -> str:
    if duty.met_at is None or duty.due_at is None:
        return ""
    ahead = duty.met_at <= duty.due_at
    return f"{span_words(duty.due_at - duty.met_at)} {'before' if ahead else 'after'} the deadline"


def _ledger(material: Material, duty: Obligation) -> tuple[LedgerLine, ...]:
    return tuple(
        LedgerLine(
            seq=entry.seq,
            at=entry.at,
            author=entry.author,
            anchor_at=entry.anchor_at,
            due_at=entry.due_at,
            explanation=_FRACTION.sub("", entry.explanation),
            versions=f"rule {entry.rule_version}, time zones {entry.tzdata}, holidays {entry.holidays}",
        )
        for entry in material.ledger
        if entry.obligation_id == duty.id
    )


def _notice(material: Material, notice: Notice) -> NoticeLine:
    row = next(row for row in material.steps if row.id == notice.step_row_id)
    recipient = material.step(row).recipient or ""
    return NoticeLine(
        title=material.step_title(row),
        client=material.client(notice.case_ref),
        recipient=whom(recipient),
        channel=notice.channel,
        version=notice.version,
        state=notice.state,
        sha256=notice.sha256,
        drafted_by=notice.drafted_by,
        drafted_at=notice.drafted_at,
        approved_by=notice.approved_by,
        sent_at=notice.sent_at,
        accepted_at=notice.accepted_at,
        receipt=notice.receipt,
        meets=tuple(duty.citation for duty in material.duties if duty.id in notice.obligations),
    )
