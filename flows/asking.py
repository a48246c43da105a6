"""Carrying a question in a flow run: ask by a form, suspend, take the answer, ask again if it may not count.

The run is replayed from the top at every resume, so it decides only by what the store holds. The key of a
suspension is the question's attempt: a replay after a crash finds either the same form or the next one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput, keyset_from_base_key
from prefect.runtime import flow_run as this_run
from pydantic import ValidationError
from sqlmodel import select

from flows.actions import prepare
from flows.answering import Claim, put_anew, settle_action, take_answer
from flows.describing import describe
from flows.forensics.artifact import hang_scope
from flows.forms import FormSpec, Given, build_form
from flows.gathering import find_question
from flows.house import House, house
from flows.leases import leased
from flows.prefect_views import Keyset
from flows.specs import is_veiled, spec_of
from flows.starting import start_unstarted
from flows.veiling import unveil_values, veiled_form
from flows.wall.artifact import hang_wall
from playbooks.errors import NotFound, Unreachable
from store.tables import Incident, Question

T = TypeVar("T")
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds


@dataclass(frozen=True, slots=True)
class Task:
    """An open question as its run sees it, with the form to be asked."""

    claim: Claim
    kind: str
    spec: FormSpec
    description: str
    is_veiled: bool

    @property
    def form(self) -> FormSpec:
        """The form as Prefect shows it."""
        return veiled_form(self.spec) if self.is_veiled else self.spec

    def values_of(self, given: dict[str, Any]) -> dict[str, Any]:
        """The values of an answer to that form, by the names of what was asked."""
        return unveil_values(self.spec.fields, given) if self.is_veiled else given


def carry(ref: str, generation: int) -> str:
    """Carry one question until it is settled; a replay, or a run that is fenced off, changes nothing.

    A store or server that does not answer is asked again within the run. Prefect's own retries are no way:
    they forget which forms were answered.
    """
    home, run_id = house(), str(this_run.id)
    with leased(home, ref, generation):
        waiting = _forget_spent(home, ref, generation, run_id)
        while (task := _patiently(_load, home, ref, generation, run_id)) is not None:
            if task.kind != "action" and _keyset(task.claim).response not in waiting:
                hang_wall(home, task.claim.incident, run_id)
            _patiently(_take_on, home, task, run_id)
            start_unstarted(home, task.claim.incident)
    return "settled"


def _patiently(act: Callable[..., T], *given: Any) -> T:
    """What `act` returns, asked again for a while where a store or server does not answer."""
    for pause in PAUSES:
        try:
            return act(*given)
        except Unreachable:
            time.sleep(pause)
    return act(*given)


def _take_on(home: House, task: Task, run_id: str) -> None:
    if task.kind == "action":
        settle_action(home, task.claim, prepare)
        hang_scope(home, task.claim.incident, task.claim.question, run_id)
    else:
        _ask_once(home, task, run_id)


def _forget_spent(home: House, ref: str, generation: int, run_id: str) -> frozenset[str]:
    """Remove every answer from Prefect but the one still to be taken, whose key is returned.

    A crash may have come between storing an answer here and removing it there, and an answer given to a form
    that was superseded is never taken at all.
    """
    with home.store.reading() as session:
        question = find_question(session, ref)
    wanted = ""
    if question is not None and question.state == "open" and _is_mine(question, generation, run_id):
        wanted = _keyset(Claim("", ref, generation, question.attempt)).response
    keys = frozenset(home.api.answer_keys(run_id))
    for key in keys - {wanted}:
        home.api.delete_answer(run_id, key)
    return keys & {wanted}


def _load(home: House, ref: str, generation: int, run_id: str) -> Task | None:
    """The question, if it is still open and this run is the one that carries it."""
    with home.store.reading() as session:
        question = find_question(session, ref)
        if question is None:
            raise NotFound("no such question", which=ref)
        if question.state != "open" or not _is_mine(question, generation, run_id):
            return None
        incident = session.exec(select(Incident).where(Incident.id == question.incident_id)).one()
        return Task(
            claim=Claim(incident.ref, ref, generation, question.attempt),
            kind=question.kind,
            spec=spec_of(session, incident, question, f"{home.settings.desk_url}/i/{incident.ref}"),
            description=describe(home, session, incident, question),
            is_veiled=is_veiled(incident, question),
        )


def _is_mine(question: Question, generation: int, run_id: str) -> bool:
    return question.generation == generation and question.run_id in (None, run_id)


def _ask_once(home: House, task: Task, run_id: str) -> None:
    """Suspend on the form, or take the answer that it already has; afterwards Prefect holds no answer."""
    form = build_form(task.form).with_initial_data(description=task.description)
    keyset = _keyset(task.claim)
    values, fault = _answer(form, _key(task.claim))
    submitted_at = home.api.answer_created_at(run_id, keyset)
    if (
        submitted_at is None
    ):  # put back in the queue while it waited: its key is spent, and nobody has answered
        put_anew(home, task.claim)
        return
    take_answer(home, task.claim, _given(task.values_of(values), submitted_at), fault)
    home.api.delete_answer(run_id, keyset.response)


def _key(claim: Claim) -> str:
    """The key of a suspension; Prefect takes letters, digits and dashes only."""
    return f"{claim.question}-{claim.generation}-{claim.attempt}"


def _keyset(claim: Claim) -> Keyset:
    return Keyset(**keyset_from_base_key(f"suspended-{_key(claim)}"))


def _answer(form: type[RunInput], key: str) -> tuple[dict[str, Any], str]:
    """The values of the answer and what its form has against them; suspends the run while there is none."""
    try:
        return suspend_flow_run(wait_for_input=form, key=key, timeout=None).model_dump(), ""
    except ValidationError as invalid:
        return {}, "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in invalid.errors())


def _given(values: dict[str, Any], submitted_at: datetime) -> Given:
    values = {name: _storable(value) for name, value in values.items()}
    own = {name: values.get(name, "") for name in ("responder", "code", "decision", "reason")}
    rest = {name: value for name, value in values.items() if name not in own}
    return Given(own["responder"], own["code"], own["decision"], own["reason"], rest, submitted_at)


def _storable(value: Any) -> Any:
    """The value with a mark for what no database takes: NUL, and halves of characters."""
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
