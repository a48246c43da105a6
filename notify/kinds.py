"""The kinds of message and the fields each must bring; a client's name or a tool's own title is never one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playbooks.errors import Mend

COMMON = frozenset({"ref", "exercise"})
COMMON_OPTIONAL = frozenset({"link"})


class MessageFault(Mend):
    """A message of no known kind, or without a field that its kind needs."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a message of one kind must and may bring besides `ref`, `exercise` and `link`."""

    needs: frozenset[str]
    may: frozenset[str] = frozenset()


def _kind(needs: str, may: str = "") -> Kind:
    return Kind(frozenset(needs.split()), frozenset(may.split()))


KINDS: Mapping[str, Kind] = {
    "incident_opened": _kind("playbook severity questions", "title"),
    "candidate_opened": _kind("playbook severity title role", "due_at question became by on_duty"),
    "candidate_accepted": _kind("", "by"),
    "candidate_dismissed": _kind("", "by why tests"),
    "test_matched": _kind("window until"),
    "incident_merged": _kind("", "into why"),
    "incident_taken_over": _kind("other clients", "differing told"),
    "incident_split": _kind("other alerts", "why"),
    "quiet_ended": _kind("window held opened"),
    "question_opened": _kind("phase title role", "due_at round question became by on_duty"),
    "answer_refused": _kind("title why", "by"),
    "step_done": _kind("phase title", "outcome by"),
    "clock_warning": _kind("recipient threshold due_at left", "rule to_role"),
    "clock_overdue": _kind("recipient due_at", "over rule to_role"),
    "clock_digest": _kind("clocks", "to_role"),
    "duty_reopened": _kind("recipient rule"),
    "escalated": _kind("title to_role why", "from_role on_duty"),
    "run_repaired": _kind("title why"),
    "notice_accepted": _kind("recipient at"),
    "notice_next_way": _kind("notice channel why"),
    "notice_in_doubt": _kind("notice minutes"),
    "notice_by_hand": _kind("notice to_role why"),
    "incident_closed": _kind("outcome", "met total"),
    "watch_silent": _kind("silent_for", "last_at"),
    "quarantined": _kind("source"),
    "action_due": _kind("title due_at", "owner"),
    "action_overdue": _kind("title due_at", "owner over"),
    "question_reminder": _kind("title role due_at", "left over on_duty next_role next_people"),
    "handover": _kind("changes lines"),
    "digest": _kind("about day sections"),
    "channel_frozen": _kind("since"),
    "channel_thawed": _kind("since until elsewhere"),
    "real_incident": _kind("incident"),
    "inject": _kind("title text", "role"),
    "note": _kind("text"),
}


def known_kind(kind: str) -> Kind:
    """The kind of that name; raises MessageFault with the names there are."""
    if kind not in KINDS:
        raise MessageFault("no such kind of message", which=kind, mend=f"one of {', '.join(KINDS)}")
    return KINDS[kind]


def with_defaults(kind: str, fields: Mapping[str, object]) -> dict[str, object]:
    """The fields, with none for each optional one left out; raises MessageFault if one is missing."""
    known = known_kind(kind)
    missing = (known.needs | COMMON) - fields.keys()
    if missing:
        raise MessageFault("a field is missing", which=kind, mend=f"give {', '.join(sorted(missing))}")
    return {**dict.fromkeys(known.may | COMMON_OPTIONAL), **fields}


def check_fields(kind: str, fields: Mapping[str, object]) -> None:
    """Raise MessageFault unless the fields are exactly those that the kind needs and may have."""
    foreign = with_defaults(kind, fields).keys() - known_kind(kind).needs - known_kind(kind).may
    foreign -= COMMON | COMMON_OPTIONAL
    if foreign:
        raise MessageFault("a field is not one of the kind's", which=kind, mend=f"leave {', '.join(foreign)}")
