"""A small scenario, and what three teams left behind of it, as records made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from playbooks.exercises.record import Decided, Duty, Happened, Record, Said, Told
from playbooks.exercises.scenario import Scenario

BEGAN = datetime(2026, 4, 3, 16, 0, tzinfo=UTC)
ENDED = BEGAN + timedelta(hours=80)

SCENARIO = Scenario.model_validate(
    {
        "id": "vendor-on-friday",
        "version": "1",
        "title": "A vendor calls on Friday evening",
        "playbook": "vendor-breach",
        "story": "A vendor lost records of Example Bank.",
        "facilitator": "The vendor plays for time.",
        "starts_at": "2026-04-03T18:00+02:00",
        "clients": [{"id": "example-bank", "name": "Example Bank"}],
        "alert": {"title": "Vendor reports an intrusion", "clients": ["example-bank"]},
        "injects": [
            {
                "id": "press-asks",
                "kind": "press_question",
                "at": "5h",
                "title": "A newspaper asks",
                "text": "Is it true?",
                "to": "counsel",
                "handled_within": "2h",
                "note": "They know no number.",
            },
            {
                "id": "second-call",
                "kind": "client_message",
                "at": "9h",
                "unless_done": "tell-client",
                "title": "The client hears of it elsewhere",
                "text": "Why did we learn it from the press?",
                "to": "client_lead",
            },
        ],
        "expected": [
            {
                "id": "cut-off",
                "step": "cut-vendor-access",
                "fields": {"access_cut": True},
                "within": "2h",
                "speaks_for": "The vendor cannot say that the intruder is gone.",
                "speaks_against": "Two clients work with the vendor's platform.",
            },
            {"id": "declare", "step": "command", "decision": "escalate", "speaks_for": "It is grave."},
        ],
        "obligations": {"told": ["client_controller"], "not_told": ["media"]},
        "objectives": [
            {
                "id": "tell",
                "title": "Tell clients in time on a holiday",
                "capability": "Public information and warning",
                "measures": [{"told": "client_controller"}, {"window_used": 75}],
            },
            {
                "id": "contain",
                "title": "Cut off a vendor",
                "capability": "Operational coordination",
                "measures": [
                    {"expected": "cut-off"},
                    {"step": "cut-vendor-access", "within": "3h"},
                    {"handled": "press-asks"},
                ],
            },
        ],
        "hot_wash": [{"id": "kept", "text": "What would you keep?"}],
    }
)


def at(hours: float) -> datetime:
    """So many hours after the start."""
    return BEGAN + timedelta(hours=hours)


GOOD = Record(
    name="EX-2026-0001",
    began_at=BEGAN,
    ended_at=ENDED,
    state="ended",
    why="closed",
    decided=(
        Decided(
            step="cut-vendor-access",
            kind="step",
            title="Cut the vendor off",
            case="",
            role="it",
            opened_at=BEGAN,
            due_at=at(2),
            answered_at=at(1),
            handle="it-1",
            decision="done",
            fields={"access_cut": "yes"},
        ),
        Decided(
            step="command",
            kind="command",
            title="Commander's form",
            case="",
            role="commander",
            opened_at=BEGAN,
            due_at=None,
            answered_at=at(1.5),
            handle="commander-1",
            decision="escalate",
            reason="Grave.",
        ),
        Decided(
            step="tell-client",
            kind="draft",
            title="Draft the notice to the client",
            case="B",
            role="client_lead",
            opened_at=at(2),
            due_at=at(6),
            answered_at=at(4),
            handle="lead-1",
            decision="done",
        ),
    ),
    duties=(
        Duty(
            "contract-24h",
            "Tell the client (contract)",
            "B",
            "client_controller",
            "met",
            policy=False,
            anchor_at=BEGAN,
            due_at=at(24),
            met_at=at(6),
        ),
        Duty(
            "media-x",
            "Tell the media",
            "B",
            "media",
            "not_owed",
            policy=False,
            anchor_at=None,
            due_at=None,
            met_at=None,
        ),
    ),
    happened=(
        Happened(
            "press-asks",
            "press_question",
            "A newspaper asks",
            at(5),
            "delivered",
            at(5),
            at(6),
            "counsel-1",
            "No comment before the client is told.",
            to="counsel",
            within=timedelta(hours=2),
        ),
        Happened(
            "second-call",
            "client_message",
            "The client hears of it elsewhere",
            at(9),
            "dropped",
            None,
            None,
            to="client_lead",
            forestalled_by="tell-client",
        ),
    ),
    told=(Told("client_controller", "B", at(5.5), 0),),
    handovers=(at(3),),
    hot_wash=(Said("kept", "it-1", "The call list."),),
)


def slow() -> Record:
    """The same, but everything comes late."""
    cut, command, draft = GOOD.decided
    duty, media = GOOD.duties
    press, second = GOOD.happened
    return replace(
        GOOD,
        decided=(
            replace(cut, answered_at=at(5), escalations=1),
            command,
            replace(draft, answered_at=at(20)),
        ),
        duties=(replace(duty, met_at=at(26)), media),
        happened=(
            replace(press, handled_at=at(9)),
            replace(
                second,
                state="delivered",
                delivered_at=at(9),
                handled_at=at(12),
                handled_by="lead-1",
                forestalled_by="",
            ),
        ),
    )


def forgetful() -> Record:
    """The same, but nobody tells the client."""
    cut, command, draft = GOOD.decided
    duty, media = GOOD.duties
    press, second = GOOD.happened
    return replace(
        GOOD,
        decided=(cut, command, replace(draft, answered_at=None, handle="", decision="")),
        duties=(replace(duty, state="owed", met_at=None), media),
        happened=(press, replace(second, state="delivered", delivered_at=at(9), forestalled_by="")),
        told=(),
    )
