"""Telling the responders how the incident stands."""

from __future__ import annotations

from collections.abc import Mapping

from flows.deciding import Decision, say
from flows.gathering import open_questions
from flows.law.duties import duties_of
from playbooks.wording import Argument


def post_status(decision: Decision, arguments: Mapping[str, Argument]) -> Mapping[str, object]:
    """Post the status that the playbook names, and how many questions and duties are open."""
    questions = [q for q in open_questions(decision.session, decision.incident_id) if q.kind == "step"]
    duties = [d for d in duties_of(decision.session, decision.incident_id) if d.state in ("presumed", "owed")]
    status = arguments.get("status", "open")
    text = f"Status {status}: {len(questions)} questions and {len(duties)} duties are open"
    say(decision, "note", f"status/{decision.wall.isoformat()}", text=text)
    return {"questions": len(questions), "duties": len(duties)}
