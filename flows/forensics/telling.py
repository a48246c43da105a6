"""The proposed scope in references and numbers alone, as Prefect may show it: nobody and nothing named."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session

from flows.forensics.proposing import latest_proposal
from flows.review.access import records_words
from playbooks.forensics.scope import ClientScope, Proposal
from playbooks.models import Step
from playbooks.timebase import stamp

ASKED_FOR = "records_affected"
"""The fact whose question is put beside the proposal."""


def proposed_lines(session: Session, incident_id: int, step: Step | None) -> tuple[str, ...]:
    """What was proposed, for the form that asks how many records are affected; else nothing."""
    if step is None or all(field.fact != ASKED_FOR for field in step.fields):
        return ()
    proposal = latest_proposal(session, incident_id)
    return tuple(lines_of(proposal)) if proposal else ()


def lines_of(proposal: Proposal) -> Iterator[str]:
    """The proposal, a line for each case and for what has no case."""
    for one in proposal.clients:
        if one.case:
            yield f"case {one.case}: {_counts(one)}"
    if others := [one for one in proposal.clients if one.is_known and not one.case]:
        yield f"{len(others)} more {_clients(len(others))} of ours touched, no case yet: see the page"
    if unknown := [one for one in proposal.clients if not one.is_known]:
        yield f"accesses to {len(unknown)} {_clients(len(unknown))} that nobody knows: see the page"
    if not proposal.clients:
        yield "no access was found; that is no proof that there was none"
    if proposal.findings:
        yield f"{len(proposal.findings)} findings on what stays unknown: see the page"


def markdown_of(proposal: Proposal) -> str:
    """The proposal as Markdown of ours."""
    cases = [one for one in proposal.clients if one.case]
    rows = [
        f"| {one.case} | {records_words(one.records)} | {one.confidence} | {_times(one)} |" for one in cases
    ]
    head = ["| Case | Records | Confidence | First and last access |", "|---|---|---|---|"]
    others = [f"- {line}" for line in lines_of(proposal) if not line.startswith("case ")]
    return "\n".join([*(head + rows if rows else []), "", *others]).strip()


def _counts(one: ClientScope) -> str:
    return f"{records_words(one.records)} records, confidence {one.confidence}, {_times(one)}"


def _times(one: ClientScope) -> str:
    return f"{stamp(one.first)} to {stamp(one.last)}"


def _clients(count: int) -> str:
    return "client" if count == 1 else "clients"
