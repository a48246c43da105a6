"""From facts to duties: what is owed to whom by when, and what changes when the facts do.

The statute and the contract are two duties, because a data protection officer answers for them apart: the
processor's `EU-GDPR-33-2` ("without undue delay", with a policy target) and `CONTRACT-<client ref>` with the
hours that were signed. One act, telling the client, meets both. While the contract's duty stands, the policy
target of a duty to the same recipient is never shown later than the contract's number.

A duty met or waived is never changed; only a move of its anchor is recorded, so that the ledger shows whether
it was met in time after all. A fact not yet known does not stop a clock: the duty is *presumed*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from playbooks.clocks import Due, due, stamp
from playbooks.contracts import ContractTermView, contract_rule
from playbooks.duties import Change, ChangeKind, ObligationView, State, applied
from playbooks.facts import UNKNOWN, FactView
from playbooks.law import Rule, in_force
from playbooks.timebase import aware
from playbooks.truth import Truth
from playbooks.verdicts import Verdict, anchor_of, judge, law_day
from playbooks.zones import TZDATA_VERSION, holidays_version

__all__ = ["Change", "ChangeKind", "ObligationView", "State", "applied", "decide_obligations"]

Authors = Mapping[tuple[str | None, str], str]

_STATES: dict[Truth, State] = {True: State.OWED, False: State.NOT_OWED, UNKNOWN: State.PRESUMED}


@dataclass(frozen=True, slots=True)
class _Target:
    """What the rule asks of one subject now, whatever the row says."""

    case: str | None
    rule: Rule
    verdict: Verdict
    anchor_at: datetime | None
    author: str
    due: Due

    @property
    def key(self) -> tuple[str | None, str]:
        return self.case, self.rule.id

    @property
    def state(self) -> State:
        return _STATES[self.verdict.holds]


def decide_obligations(
    rules: Iterable[Rule],
    contract_terms: Mapping[str, ContractTermView],
    view: FactView,
    cases: Sequence[str],
    existing: Sequence[ObligationView],
    now: datetime,
    *,
    authors: Authors | None = None,
    zones: Mapping[str | None, str] | None = None,
) -> tuple[Change, ...]:
    """What must change in the duties of an incident; once applied, the same facts change nothing more.

    `authors` says who stated a fact, by (case or None, fact name); `zones` the authority's zone, by case.
    Without cases the rules are put to the incident itself; once cases exist, its duties close into them.
    """
    now, book = aware(now, "now"), tuple(rules)
    rows = {(row.case, row.rule_id): row for row in existing}
    targets: list[_Target] = []
    for case in cases or (None,):
        term = contract_terms.get(case) if case is not None else None
        candidates = (*book, contract_rule(term)) if term else book
        found = _targets(candidates, view, case, now, authors or {}, zone_name=(zones or {}).get(case, "UTC"))
        targets.extend(_capped(found))
    changes = [_change(rows.get(target.key), target) for target in targets]
    wanted = {target.key for target in targets}
    changes += [_closed(row, cases) for key, row in rows.items() if key not in wanted and _is_open(row)]
    return tuple(sorted((c for c in changes if c), key=lambda c: (c.case or "", c.rule_id)))


def _targets(
    rules: Iterable[Rule],
    view: FactView,
    case: str | None,
    now: datetime,
    authors: Authors,
    *,
    zone_name: str,
) -> list[_Target]:
    """Each rule in force when its clock started, judged and computed for one subject."""
    found = []
    for rule in in_force(rules, lambda rule: law_day(rule, view, case, now)):
        at = anchor_of(rule, view, case)
        author = authors.get((case, rule.starts)) or authors.get((None, rule.starts)) or "author not recorded"
        computed = due(rule, at, zone_name=zone_name) if at else _not_computable(rule)
        found.append(_Target(case, rule, judge(rule, view, case), at, author, computed))
    return found


def _not_computable(rule: Rule) -> Due:
    text = f"not computable: nobody has stated {rule.starts} yet"
    return Due(
        None, None, rule.policy_hours is not None, text, rule.counting, TZDATA_VERSION, holidays_version()
    )


def _capped(targets: Sequence[_Target]) -> list[_Target]:
    """The targets, a policy number never later than what a contract says about the same recipient."""
    limits = {
        target.rule.recipient: target.due.due_at
        for target in targets
        if target.rule.source == "contract" and target.state is not State.NOT_OWED and target.due.due_at
    }
    return [_at_most(target, limits.get(target.rule.recipient)) for target in targets]


def _at_most(target: _Target, limit: datetime | None) -> _Target:
    shown = target.due
    if limit is None or not shown.policy or shown.due_at is None or shown.due_at <= limit:
        return target
    text = f"{shown.explanation}; not later than the contract's {stamp(limit)}"
    return replace(target, due=replace(shown, due_at=limit, explanation=text))


def _change(row: ObligationView | None, target: _Target) -> Change | None:
    """The change from the row to the target, or None where nothing differs."""
    if row is None:
        return None if target.state is State.NOT_OWED else _made(target, None, ChangeKind.APPEARED)
    if row.state in (State.MET, State.WAIVED):
        return _recorded_move(row, target)
    kind = _kind(row, target)
    return _made(target, row, kind) if kind else None


def _kind(row: ObligationView, target: _Target) -> ChangeKind | None:
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


def _recorded_move(row: ObligationView, target: _Target) -> Change | None:
    if target.anchor_at is None or target.anchor_at == row.anchor_at:
        return None
    return replace(_made(target, row, ChangeKind.MOVED), state=row.state)


def _made(target: _Target, row: ObligationView | None, kind: ChangeKind) -> Change:
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
        state=target.state,
        policy=computed.policy,
        anchor_at=target.anchor_at,
        anchor_author=target.author,
        due_at=computed.due_at,
        legal_due_at=computed.legal_due_at,
        explanation=_explained(row, target),
        why=target.verdict.why,
        counting=computed.counting,
        tzdata_version=computed.tzdata_version,
        holidays_version=computed.holidays_version,
    )


def _explained(row: ObligationView | None, target: _Target) -> str:
    text = target.due.explanation
    if target.anchor_at is not None:
        text += f"; started by {target.rule.starts}, stated by {target.author}"
    if row is None or _clock(row) == _target_clock(target):
        return text
    old = [f"{name} {stamp(at)}" for name, at in (("start", row.anchor_at), ("due", row.due_at)) if at]
    version = f", rule version {row.rule_version}" if row.rule_version != target.rule.version else ""
    return f"{text}; before: {', '.join(old) or 'not computable'}{version}"


def _closed(row: ObligationView, cases: Sequence[str]) -> Change:
    """An open duty that no rule asks for any more: carried by cases, or its rule does not hold."""
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
        anchor_author="system",
        explanation=why,
        why=(why,),
        counting="",
        tzdata_version=TZDATA_VERSION,
        holidays_version=holidays_version(),
    )


def _is_open(row: ObligationView) -> bool:
    return row.state in (State.PRESUMED, State.OWED)


def _clock(row: ObligationView) -> tuple[object, ...]:
    return row.rule_version, row.anchor_at, row.due_at, row.legal_due_at


def _target_clock(target: _Target) -> tuple[object, ...]:
    return target.rule.version, target.anchor_at, target.due.due_at, target.due.legal_due_at
