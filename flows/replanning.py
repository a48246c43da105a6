"""Moving a running incident to another playbook or version: its answers stay, the plan changes."""

from __future__ import annotations

from collections.abc import Sequence

from flows.advancing import advance
from flows.circle import refuse_outsider
from flows.clock import wall_now
from flows.deciding import Decision, deciding, note, say
from flows.gathering import key_of, plan_of, steps_of
from flows.house import House
from flows.identity import spend
from flows.incidents import find_incident, no_such_incident, refuse_unopened
from flows.law.steps import LIVE
from flows.plan_proof import plan_digest
from flows.questions import announce, close_questions
from flows.rounds import states_with_released
from flows.settling.ending import ask_again
from flows.vouching import Vouched, refuse_exercise_only
from playbooks.errors import Refused
from playbooks.models import Playbook
from playbooks.plan_diff import StepChange, plan_changes
from store.scope import Scope
from store.tables import Incident, Question, Responder, StepRow

_SHOWN_ONLY = frozenset({"title", "instructions", "do_not", "evidence", "tlp", "when", "if_unknown", "after"})
"""Keys that change what a step waits for or how it reads, not what its open form asks."""


def difference(house: House, ref: str, name: str) -> tuple[Playbook, Playbook, tuple[StepChange, ...]]:
    """The plan an incident follows, the one it would follow, and what differs.

    Raises NotFound, or Refused for a playbook that nobody may open an incident with today either.
    """
    with house.store.reading() as session:
        old = plan_of(find_incident(session, ref))
    new = house.trust.for_person(name or old.id, wall_now().date()).playbook
    return old, new, plan_changes(old, new)


def replan(
    house: House, ref: str, seen: Playbook, new: Playbook, by: Sequence[Vouched], used_for: str
) -> None:
    """Let an incident follow another plan, on the word of a commander and a second person.

    What was done stays done; a step that is gone is withdrawn and keeps its words; an open one that asks
    something else is asked anew. Raises Refused, also where the plan is no longer the one that was `seen`.
    """
    with deciding(house, ref) as decision:
        handles = _entitled(decision, by, used_for)
        old = plan_of(decision.incident)
        _refuse_needless(decision.incident, old, seen, new)
        doubts = _doubts(decision, new)
        asked = [*_carry_over(decision, old, new), *_tell_and_advance(decision, old, new, handles, doubts)]
        announce(decision, [one for one in asked if one.state == "open"])


def _doubts(decision: Decision, new: Playbook) -> str:
    """What speaks against relying on the new plan today; raises Refused where it may not be used."""
    found = decision.house.trust.concerns(new, decision.wall.date())
    if refused := [one.words for one in found if one.refuses]:
        raise Refused("this playbook may not be used", which=new.ref, mend="; ".join(refused))
    return "; ".join(one.words for one in found)


def _tell_and_advance(
    decision: Decision, old: Playbook, new: Playbook, handles: tuple[str, str], doubts: str
) -> list[Question]:
    """Write down who moved the incident to what, tell the channel without a name that tells, and go on."""
    said = {"from": old.ref, "to": new.ref, "with": handles[1], "plan": plan_digest(decision.incident)}
    if old.restricted != new.restricted:
        said["circle"] = "is kept small now" if new.restricted else "is open now"
    note(decision, "replanned", handles[0], said)
    if doubts:
        note(decision, "playbook_doubted", "system", {"playbook": new.ref, "why": doubts})
    text = f"The incident now follows {new.ref} instead of {old.ref}"
    if old.restricted or new.restricted:
        text = "The incident now follows another plan: read its page"
    say(decision, "note", f"replanned/{decision.wall.isoformat()}", text=text)
    return advance(decision)


def _entitled(decision: Decision, by: Sequence[Vouched], used_for: str) -> tuple[str, str]:
    """The two who vouch, their codes spent; raises Refused."""
    session, incident = decision.session, decision.incident
    people = [session.get_one(Responder, one.responder_id) for one in by]
    for one, responder in zip(by, people, strict=True):
        if incident.kind != "exercise":
            refuse_exercise_only(responder)
        refuse_outsider(session, incident, responder)
        if not Scope.of(responder).sees(session, incident):
            raise no_such_incident(incident.ref)
        spend(session, responder, one.counter, used_for, decision.wall)
    first, second = people
    if "commander" not in first.roles:
        raise Refused("only a commander moves an incident", which=first.handle, mend="let a commander ask")
    if not {"commander", "approver"}.intersection(second.roles):
        raise Refused("the second is a commander or an approver", which=second.handle, mend="ask one")
    return first.handle, second.handle


def _refuse_needless(incident: Incident, old: Playbook, seen: Playbook, new: Playbook) -> None:
    refuse_unopened(incident)
    if old != seen:
        raise Refused(
            "the plan was changed meanwhile", which=incident.ref, mend="look at the difference again"
        )
    if old == new:
        raise Refused("the incident follows this plan already", which=new.ref)


def _carry_over(decision: Decision, old: Playbook, new: Playbook) -> list[Question]:
    """Bring every step over to the new plan; returns what is asked anew."""
    changes = {change.step_id: change for change in plan_changes(old, new)}
    decision.incident.plan, decision.incident.playbook = new.pinned(), new.id
    decision.session.add(decision.incident)
    opened: list[Question] = []
    rows = steps_of(decision.session, decision.incident_id)
    states = states_with_released(decision.session, rows)
    for row in rows:
        change, is_live = changes.get(row.step_id), states[key_of(row)] in LIVE
        if change is None:
            continue
        if change.kind == "removed":
            _take_out(decision, old, row, is_live=is_live)
            continue
        was_beside, row.added = bool(row.added), ""  # of the plan, perhaps again
        decision.session.add(row)
        if is_live and "per" in change.keys:
            _withdraw(decision, row, "the new plan asks this of others")
        elif is_live and (was_beside or not _SHOWN_ONLY.issuperset(change.keys)):
            opened.append(ask_again(decision, row, f"the playbook is now {new.ref}"))
    return opened


def _take_out(decision: Decision, old: Playbook, row: StepRow, *, is_live: bool) -> None:
    """Let a step that the new plan lacks keep its words; an open one is withdrawn, unless it is sent."""
    if row.added:
        return  # it stood beside the old plan already
    step = old.step(row.step_id)
    if step.kind == "notice":  # beside a plan a step says itself whom it tells
        step = step.model_copy(update={"addressee": row.addressee or step.addressee})
    row.added = step.model_dump_json()
    decision.session.add(row)
    if is_live:
        _withdraw(decision, row, "the new plan has no such step")


def _withdraw(decision: Decision, row: StepRow, why: str) -> None:
    row.state, row.why, row.ended_at = "withdrawn", why, decision.now
    decision.session.add(row)
    close_questions(decision, row)
    note(decision, "step_withdrawn", "system", {"step": row.step_id, "why": why}, case_ref=row.case_ref)
