"""What was found: facts with their provenance, the responders' own words, evidence, action items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flows.desk.words import fact_label, fact_words, kind_words, payload_words, value_words
from flows.review.material import Material
from notify.report_view import ActionLine, EntryLine, EvidenceLine, Finding, KnownFact
from playbooks.models import Field
from store.tables import ActionItem, Answer, FactRow, Question

AGREED = frozenset({"action_title", "action_owner", "action_due"})
"""Fields that became an action item and are told there."""


def known_facts(material: Material) -> tuple[KnownFact, ...]:
    """The latest word on each fact, the incident's first and then each case's, in the order first stated."""
    groups: dict[tuple[int | None, str], list[FactRow]] = {}
    for row in material.facts:
        groups.setdefault((row.case_id, row.name), []).append(row)
    order = list(material.case_refs)
    latest = sorted(groups.items(), key=lambda item: order.index(item[0][0]))
    return tuple(_fact(material, rows) for _, rows in latest)


def findings(material: Material, *, of_review: bool) -> tuple[Finding, ...]:
    """What responders wrote down in the steps of the review, or in all others."""
    found = []
    for question in material.questions:
        row, answer = material.row_of(question), material.accepted(question)
        if row is None or answer is None or not material.may_quote(question.case_ref):
            continue
        lines = tuple(details(material, question, answer))
        if lines and (material.phase(row) == "review") == of_review:
            client = material.client(question.case_ref)
            found.append(Finding(question.title, client, answer.handle, answer.answered_at, lines))
    return tuple(found)


def evidence_lines(material: Material) -> tuple[EvidenceLine, ...]:
    """What was secured, by its hash."""
    return tuple(
        EvidenceLine(
            what=_secured(entry.payload),
            sha256=str(entry.payload.get("sha256", "")),
            size=int(entry.payload.get("bytes", 0)),
            by=entry.author,
            at=entry.at,
        )
        for entry in material.entries_of("evidence_secured")
        if entry.payload is not None and entry.payload.get("sha256")
    )


def _secured(payload: Mapping[str, Any]) -> str:
    """What was secured: an item of evidence, or as the first timelines have it, an alert."""
    named = payload.get("evidence")
    return f"Evidence {named}" if named else f"Alert {payload.get('alert', '')} as stored"


def action_lines(material: Material) -> tuple[ActionLine, ...]:
    """What was agreed to mend; its words only where they may be quoted."""
    quoted = material.may_quote("")
    return tuple(
        ActionLine(
            ref=item.ref,
            title=item.title if quoted else "",
            owner=item.owner,
            standing=_standing(material, item),
            due_at=item.due_at,
            closed_at=item.closed_at,
            evidence=item.evidence if quoted else "",
        )
        for item in material.actions
    )


def entry_lines(material: Material) -> tuple[EntryLine, ...]:
    """The timeline as it stands in the chain."""
    return tuple(
        EntryLine(
            seq=entry.seq,
            at=entry.at,
            recorded_at=entry.recorded_at,
            kind=kind_words(entry.kind),
            author=entry.author,
            client=material.client(entry.case_ref),
            lines=payload_words(entry.payload) if entry.payload else (),
            hash=entry.hash,
        )
        for entry in material.entries
    )


def _fact(material: Material, rows: list[FactRow]) -> KnownFact:
    row = rows[-1]
    return KnownFact(
        client=material.client(material.case_refs[row.case_id]),
        label=fact_label(row.name),
        value=fact_words(row.name, row.value["value"]),
        author=row.author,
        at=row.asserted_at,
        basis=_basis(material, row.basis),
        earlier=len(rows) - 1,
    )


def _basis(material: Material, basis: str) -> str:
    """What a fact rests on: the step's title where it names a question."""
    titles = {f"question {question.ref}": material.title(question) for question in material.questions}
    return titles.get(basis, "" if basis.startswith("question ") else basis)


def details(material: Material, question: Question, answer: Answer) -> Iterator[tuple[str, str]]:
    """What an answer says beside the facts, labelled."""
    row = material.row_of(question)
    if row is not None and question.kind == "step":
        for field in material.step(row).fields:
            told = answer.fields.get(field.name)
            if field.id is not None and field.name not in AGREED and told not in (None, "", []):
                yield field.label, _in_words(material, field, told)
    if question.kind == "step" and answer.decision == "done" and answer.fields.get("reason"):
        yield "Remark", str(answer.fields["reason"])


def _in_words(material: Material, field: Field, told: object) -> str:
    if field.type == "clients" and material.limited:
        return ", ".join(material.clients.values())
    labels = {choice.value: choice.label for choice in field.choices}
    return labels.get(str(told), value_words(told))


def _standing(material: Material, item: ActionItem) -> str:
    if item.state == "closed":
        return "closed late" if item.closed_at and item.closed_at > item.due_at else "closed"
    return "overdue" if material.mending_at > item.due_at else "open"
