"""The proposed scope among the artifacts of the run that proposed it: case letters and counts, no names."""

from __future__ import annotations

import logging

from flows.exercise_channel import mark
from flows.forensics.proposing import latest_proposal
from flows.forensics.telling import markdown_of
from flows.gathering import find_question, plan_of, step_of
from flows.house import House
from flows.incidents import find_incident
from store.tables import StepRow

log = logging.getLogger("seventytwo.artifact")

PROPOSES = "propose_scope"
"""The action whose run the artifact hangs on."""


def hang_scope(home: House, ref: str, question_ref: str, run_id: str) -> None:
    """Show on the run of a proposal what was proposed, unless only a circle may know.

    Whatever goes wrong is logged and stops nothing.
    """
    try:
        with home.store.reading() as session:
            incident, question = find_incident(session, ref), find_question(session, question_ref)
            row = session.get(StepRow, question.step_row_id) if question else None
            if row is None or step_of(incident, row).action != PROPOSES or plan_of(incident).restricted:
                return
            proposal = latest_proposal(session, incident.id or 0)
        if proposal is not None:
            page = f"{home.settings.desk_url}/i/{ref}"
            about = (
                f"{mark(incident)}Scope of {ref} as proposed from R{proposal.reconstruction}; in full: {page}"
            )
            home.api.hang_markdown(run_id, f"scope-{ref.lower()}", markdown_of(proposal), about)
    except Exception:  # the step is done, the page beside it does not matter
        log.warning("the proposed scope of %s is not on its run", ref, exc_info=True)
