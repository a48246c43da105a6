"""What becomes of a duty when its rule is put to the facts anew: nothing, or a change with its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from playbooks.clocks import Due, stamp
from playbooks.duties import Change, ChangeKind, ObligationView, State
from playbooks.facts import UNKNOWN, FactView
from playbooks.law import Rule
from playbooks.truth import Truth
from playbooks.verdicts import Subject, Verdict, resting_on
from playbooks.zones import TZDATA_VERSION, holidays_version

_STATES: dict[Truth, State] = {True: State.OWED, False: State.NOT_OWED, UNKNOWN: State.PRESUMED}
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Target:
    """What a rule asks of one subject now, whatever the row says."""

    case: Subject
    rule: Rule
    verdict: Verdict
    author: str
    due: Due

    @property
    def key(self) -> tuple[Subject, str]:
        """The duty it is about: its subject and its rule."""
        return self.case, self.rule.id

    @property
    def state(self) -> State:
        """How the duty stands by it."""
        return _STATES[self.verdict.holds]


def change_of(row: ObligationView | None, target: Target, view: FactView) -> Change | None:
    """The change from the row to the target, or None where nothing differs."""
    if row is None:
        return None if target.state is State.NOT_OWED else _made(target, None, ChangeKind.APPEARED)
    if row.state is State.WAIVED and _stands_no_more(row, target, view):
        again = replace(row, rests_on=None, delayed_until=None)
        return replace(_made(target, again, ChangeKind.REOPENED), before=row)
    if row.state in (State.MET, State.WAIVED):
        return _recorded_move(row, target)
    kind = _kind(row, target)
    return _made(target, row, kind) if kind else None


def _stands_no_more(row: ObligationView, target: Target, view: FactView) -> bool:
    """Whether a decision not to tell has lost a fact it rests on, while the rule may still oblige."""
    if row.rests_on is None or target.state is State.NOT_OWED:
        return False
    now = resting_on(target.rule, view, target.case)
    return any(now[name] != was for name, was in row.rests_on.items() if name in now)


def _kind(row: ObligationView, target: Target) -> ChangeKind | None:
    match row.state, target.state:
        case State.NOT_OWED, State.NOT_OWED:
            return None
        case State.NOT_OWED, _:
            return ChangeKind.REOPENED
        case _, State.NOT_OWED:
            return ChangeKind.CLOSED
        case State.PRESUMED, State.OWED:
            return ChangeKind.CONFIRMED
        case State.OWED, State.PRESUMED:
            return ChangeKind.DOUBTED
        case _:
            return ChangeKind.MOVED if _clock(row) != _target_clock(target) else None


def _recorded_move(row: ObligationView, target: Target) -> Change | None:
    anchor = target.due.anchor_at
    if anchor is None or anchor == row.anchor_at:
        return None
    return replace(_made(target, row, ChangeKind.MOVED), state=row.state)


def _made(target: Target, row: ObligationView | None, kind: ChangeKind) -> Change:
    rule, computed = target.rule, target.due
    return Change(
        kind=kind,
        before=row,
        case=target.case,
        rule_id=rule.id,
        rule_version=rule.version,
        title=rule.title,
        citation=str(rule.citation),
        recipient=rule.recipient,
        addressee=rule.addressee,
        stage=rule.stage,
        state=target.state,
        policy=computed.policy,
        anchor_at=computed.anchor_at,
        anchor_author=target.author,
        due_at=computed.due_at,
        legal_due_at=computed.legal_due_at,
        met_at=row.met_at if row else None,
        delayed_until=row.delayed_until if row else None,
        rests_on=row.rests_on if row else None,
        explanation=_explained(row, target),
        why=target.verdict.why,
        counting=computed.counting,
        place=computed.place,
        tzdata_version=computed.tzdata_version,
        holidays_version=computed.holidays_version,
    )


def _explained(row: ObligationView | None, target: Target) -> str:
    text = target.due.explanation
    if target.due.anchor_at is not None:
        text += f"; started by {_words(target.rule)}, stated by {target.author}"
    if row is None:
        return text
    if _clock(row) == _target_clock(target):
        return f"{text}; the clock is as before"
    old = [f"{name} {stamp(at)}" for name, at in (("start", row.anchor_at), ("due", row.due_at)) if at]
    version = f", rule version {row.rule_version}" if row.rule_version != target.rule.version else ""
    return f"{text}; before: {', '.join(old) or 'not computable'}{version}"


def _words(rule: Rule) -> str:
    return " and ".join(" or ".join(limb) for limb in rule.limbs)


def closed(row: ObligationView, cases: Sequence[str]) -> Change:
    """A running duty that no rule asks for any more: carried by cases, or its rule does not hold."""
    carried = row.case is None and bool(cases)
    why = (
        f"carried by case {', '.join(cases)}" if carried else "no rule or contract term in force asks for it"
    )
    kept = {field.name: getattr(row, field.name) for field in fields(ObligationView)} | {
        "state": State.NOT_OWED
    }
    return Change(
        **kept,
        kind=ChangeKind.CLOSED,
        before=row,
        anchor_author=SYSTEM,
        explanation=why,
        why=(why,),
        counting="",
        place="",
        tzdata_version=TZDATA_VERSION,
        holidays_version=holidays_version(),
    )


def _clock(row: ObligationView) -> tuple[object, ...]:
    return row.rule_version, row.anchor_at, row.due_at, row.legal_due_at


def _target_clock(target: Target) -> tuple[object, ...]:
    computed = target.due
    return target.rule.version, computed.anchor_at, computed.due_at, computed.legal_due_at
