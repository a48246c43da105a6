"""What the form of each kind of question asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from flows.exercise.supporting import playing_elsewhere
from flows.forms import FormSpec
from flows.gathering import cases_of, plan_of, step_of
from flows.identity import CODE_PERIOD
from flows.law.unasked import fields_of
from flows.notice_forms import fields_for, language_field
from flows.notice_phases import phase_field
from flows.text_proof import FIELD
from flows.veiling import numbered
from playbooks.models import Field
from store.tables import Client, Incident, Question, Responder, StepRow

NOBODY = "nobody-holds-this-role"
APPROVAL = {"approve": "it may go ahead", "refuse": "it may not; the reason goes back to whoever asked"}
DECISIONS: dict[str, dict[str, str]] = {
    "step": {"done": "the step is done", "not_applicable": "it does not apply here"},
    "approval": APPROVAL,
    "release": APPROVAL,
    "counsel": {
        "clear": "it may be put to those who release it",
        "change": "it may not yet; your words go back to whoever wrote it",
    },
    "draft": {
        "draft": "write the notice from these words",
        "do_not_notify": "nobody needs to be told; a second person must agree",
    },
    "proof": {"accepted": "the recipient has it", "not_delivered": "it did not arrive; write it anew"},
    "candidate": {
        "accept": "it is an incident; its plan begins, and its clocks stand since it came",
        "merge": "it belongs to an incident that is open; name that one",
        "dismiss": "it is no incident; only while nothing is owed",
    },
    "command": {
        "note": "write a remark into the timeline",
        "escalate": "name the next role for an open question",
        "reassign": "give an open question to a role or a person",
        "skip": "pass a step by; where a law or an approval is at stake, a second person must agree",
        "add_step": "add a step beside the plan: for a role or a person, about one client or all",
        "tell_again": "tell somebody again who was told before: more is known, or it was wrong; or `staff`, "
        "or `board`, by no law",
        "add_client": "add a client whose data is concerned, with its clocks and notices",
        "state": "state or correct a fact; one that ends or puts off a duty needs a second person",
        "waive": "end a duty to tell somebody; a second person must agree",
        "met": "state that a duty was met elsewhere, when, and by which proof; a second person must agree",
        "delay": "delay a duty as its law allows, until when and on what basis; a second person must agree",
        "exclude": "keep a responder out of this incident from now on",
        "readmit": "let them back in; a second person must agree",
        "merge": "it belongs to an older incident, named in `about`: that one takes it over, this one ends",
        "split": "alerts named by number in `about` are another matter: they open an incident of their own",
        "false_positive": "nothing happened; a second person must agree",
        "close": "everything is done",
    },
}
REASONED = frozenset(
    {
        *("not_applicable", "refuse", "do_not_notify", "not_delivered", "note", "skip", "state", "waive"),
        *("change", "exclude", "readmit", "merge", "split", "dismiss", "false_positive", "tell_again"),
    }
)


def _text(name: str, label: str, help_text: str = "", *, required: bool = False) -> Field:
    return Field(id=name, type="text", label=label, help=help_text, required=required)


def _asked(name: str, label: str, help_text: str = "") -> Field:
    return Field(id=name, type="yes_no_unknown", label=label, help=help_text, required=True)


COMMAND_FIELDS = (
    _text(
        "about",
        "About which question, duty, client, fact, alerts or incident",
        "as the list above names it, or a client's reference; a fact by its name and its case: "
        "people_affected B; whom to tell again likewise: client_controller B; for a step that is about one "
        "client alone: its case",
    ),
    _text(
        "value",
        "What the fact is",
        "for a fact that you state, as other forms take it: 120, yes, unknown; for a split: the playbook of "
        "the new incident, else the rules choose",
    ),
    _text("to_whom", "To which role or person", "a role, or a responder's handle"),
    _text("task", "What is to be done", "for a step that you add; Prefect and Slack show it: name nobody"),
    Field(
        id="at",
        type="instant",
        label="When was it met, or the delay asked for?",
        help="for a duty met elsewhere, or delayed",
    ),
    Field(
        id="until",
        type="instant",
        label="Until when?",
        help="the end of a lawful delay; or when an added step is due, else in 4 hours",
    ),
    _text(
        "basis",
        "By which proof, or on what basis",
        "for a duty met elsewhere, or delayed: reference, form; begin with `written:` where a delay was "
        "asked for in writing, else it is for 30 days at most, once",
    ),
)
CANDIDATE_FIELDS = (
    _text("into", "Into which incident", "for a merge: its reference, such as INC-2026-0001"),
)
DRAFT_FIELDS = (
    _text("nature", "What happened", "in plain words; no names of persons", required=True),
    _text("consequences", "Likely consequences for the people concerned", required=True),
    _text("measures", "What has been done, and what is proposed", required=True),
    _text("contact", "Whom to ask", "the data protection officer or another contact point", required=True),
    _text("late_reasons", "If it is late: the reasons for the delay"),
)
_HASH = _text(
    FIELD,
    "The first eight characters of the notice's SHA-256",
    "needed to agree: they stand below the text on its page at the desk, linked above",
)
RELEASE_FIELDS = (_HASH,)
COUNSEL_FIELDS = (
    _asked("privileged", "Is it privileged?", "yes: it is marked so, and its hash is another"),
    _asked("admits_more", "Does it admit more than the facts bear?"),
    _asked("names_third", "Does it name third parties that it may not name?"),
    _text("words", "Words to change", "for change: which, and into what; name nobody"),
    _HASH,
)
PROOF_FIELDS = (
    Field(id="sent_at", type="instant", label="Sent at", required=True),
    Field(id="accepted_at", type="instant", label="Accepted at", required=True),
    _text("receipt", "Receipt", "message id, or who confirmed it and how", required=True),
    _text("reference", "Reference number", "what the recipient or its portal calls it"),
    _text(
        "evidence_number",
        "Number of the receipt among the evidence",
        "of a file that was taken in for this incident; its SHA-256 becomes the proof",
    ),
    _text("way", "By which way", "as the notice's page numbers them; empty: the one taken last"),
)


def spec_of(session: Session, incident: Incident, question: Question, page: str = "") -> FormSpec:
    """The form of a question as things stand now; an action has none to ask."""
    decisions = DECISIONS.get(question.kind, {})
    fields = _fields(session, incident, question)
    return FormSpec(
        responders=holders_of(session, question.role, incident.exercise_id),
        decisions=decisions,
        fields=fields,
        clients=_clients(session) if any(one.spec.type == "clients" for one in fields) else (),
        needs_reason=REASONED & decisions.keys(),
        heads_up=f"Not accepted: {question.fault}" if question.fault else page and f"What to do: {page}",
        initial=_initial(session, incident, fields) | question.subject.get("reached", {}),
    )


def is_veiled(incident: Incident, question: Question) -> bool:
    """Whether a form shows numbers for what its playbook asks: in a restricted incident."""
    return question.kind == "step" and plan_of(incident).restricted


def holders_of(session: Session, role: str, exercise_id: int | None = None) -> tuple[str, ...]:
    """The handles of all who hold a role: all, so that the list tells nobody who is under investigation.

    Who is enrolled for exercises only stands in no form of a real incident, nor in another exercise's.
    """
    active = select(Responder).where(col(Responder.disabled_at).is_(None))
    if exercise_id is None:
        active = active.where(Responder.code_period >= CODE_PERIOD)
    rows = session.exec(active.order_by(col(Responder.handle)))
    elsewhere = playing_elsewhere(session, exercise_id)
    return tuple(row.handle for row in rows if role in row.roles and row.handle not in elsewhere) or (NOBODY,)


def _fields(session: Session, incident: Incident, question: Question) -> tuple[Field, ...]:
    match question.kind:
        case "command":
            return COMMAND_FIELDS
        case "candidate":
            return CANDIDATE_FIELDS
        case "draft":
            return _draft_fields(question.subject)
        case "counsel":
            return COUNSEL_FIELDS
        case "release":
            return RELEASE_FIELDS
        case "proof":
            return PROOF_FIELDS
        case "step":
            row = session.get(StepRow, question.step_row_id)
            assert row is not None
            step = step_of(incident, row)
            fields = fields_of(step, question.subject["asks"]) if "asks" in question.subject else step.fields
            return numbered(fields) if is_veiled(incident, question) else fields
        case _:
            return ()


def _draft_fields(subject: Mapping[str, Any]) -> tuple[Field, ...]:
    """What a draft asks; one that follows another asks its phase, and takes the last words for empty ones."""
    phases = list(subject.get("phases", ()))
    asked = fields_for(subject.get("wants", ()), again=bool(phases))
    own = tuple(_as_told(one) for one in DRAFT_FIELDS) if phases else DRAFT_FIELDS
    return phase_field(phases) + own + asked + language_field(subject.get("languages", ()))


def _as_told(one: Field) -> Field:
    if not one.required:
        return one
    words = f"{one.help}; empty: as told last" if one.help else "empty: as told last"
    return one.model_copy(update={"required": False, "help": words})


def _clients(session: Session) -> tuple[str, ...]:
    return tuple(session.exec(select(Client.ref).order_by(col(Client.ref))))


def _initial(session: Session, incident: Incident, fields: tuple[Field, ...]) -> dict[str, Any]:
    """What a form is filled with beforehand: the clients already known to be concerned."""
    names = [one.name for one in fields if one.spec.type == "clients"]
    if not names or incident.id is None:
        return {}
    clients = {client.id: client.ref for client in session.exec(select(Client))}
    known = [clients[case.client_id] for case in cases_of(session, incident.id)]
    return dict.fromkeys(names, known) if known else {}
