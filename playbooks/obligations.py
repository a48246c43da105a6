"""From facts to duties: what is owed to whom by when, and what changes when the facts do.

The statute and the contract are two duties, because a data protection officer answers for them apart: the
processor's `EU-GDPR-33-2` ("without undue delay", with a policy target) and `CONTRACT` with the hours that
were signed. One act, telling the client, meets both. While the contract's duty stands, the policy target of a
duty to the same recipient is never shown later than the contract's number.

A duty met is never changed; only a move of its anchor is recorded, so that the ledger shows whether it was
met in time after all. One that two people waived comes back when a fact changes on which they decided. A fact
not yet known does not stop a clock: the duty is *presumed*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, replace
from datetime import datetime

from playbooks.calendars import Calendars
from playbooks.clocks import Due, stamp
from playbooks.contracts import ContractTermView, contract_rule
from playbooks.duties import Change, ChangeKind, ObligationView, State, applied
from playbooks.facts import UNKNOWN, FactView
from playbooks.law import Rule, submitted_rule
from playbooks.places import Place
from playbooks.truth import Truth
from playbooks.verdicts import Bench, Considered, Put, Subject, Verdict, resting_on
from playbooks.zones import TZDATA_VERSION, holidays_version

__all__ = ["Change", "ChangeKind", "ObligationView", "State", "applied", "consider", "decide_obligations"]

Authors = Mapping[tuple[Subject, str], str]

_STATES: dict[Truth, State] = {True: State.OWED, False: State.NOT_OWED, UNKNOWN: State.PRESUMED}
_SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class _Target:
    """What the rule asks of one subject now, whatever the row says."""

    case: Subject
    rule: Rule
    verdict: Verdict
    author: str
    due: Due

    @property
    def key(self) -> tuple[Subject, str]:
        return self.case, self.rule.id

    @property
    def state(self) -> State:
        return _STATES[self.verdict.holds]


def consider(
    rules: Iterable[Rule],
    contract_terms: Mapping[str, ContractTermView],
    view: FactView,
    cases: Sequence[str],
    now: datetime,
    *,
    existing: Sequence[ObligationView] = (),
    places: Mapping[Subject, Place] | None = None,
    footprint: frozenset[str] | None = None,
    calendars: Calendars | None = None,
) -> tuple[Considered, ...]:
    """Every rule in force put to every subject it can oblige, with its why or its why not, and its clock."""
    bench = _bench(rules, view, now, existing, places, footprint, calendars)
    return _within_contracts([bench.considered(one) for one in _put(bench, contract_terms, cases)])


def decide_obligations(
    rules: Iterable[Rule],
    contract_terms: Mapping[str, ContractTermView],
    view: FactView,
    cases: Sequence[str],
    existing: Sequence[ObligationView],
    now: datetime,
    *,
    authors: Authors | None = None,
    places: Mapping[Subject, Place] | None = None,
    footprint: frozenset[str] | None = None,
    calendars: Calendars | None = None,
) -> tuple[Change, ...]:
    """What must change in the duties of an incident; once applied, the same facts change nothing more.

    `authors` says who stated a fact, by (case or None, fact name); `places` the authority's place, by case.
    A rule `per: incident` is put to the incident itself, once; the others to each case, and until there is
    one to the incident, whose duties close into the cases.
    """
    bench = _bench(rules, view, now, existing, places, footprint, calendars)
    rows = {(row.case, row.rule_id): row for row in existing}
    duties = [one for one in _put(bench, contract_terms, cases) if one.rule.has_clock]
    asked = [one for one in duties if (one.case, one.rule.id) in rows or _may_oblige(bench, one)]
    counted = _within_contracts([bench.considered(one) for one in asked])
    live = {(one.case, one.rule.id) for one in counted if one.verdict.holds is not False}
    targets = [_target(one, rows, authors or {}, live) for one in counted]
    changes = [_change(rows.get(target.key), target, view) for target in targets]
    wanted = {(one.case, one.rule.id) for one in duties}
    changes += [_closed(row, cases) for key, row in rows.items() if key not in wanted and row.runs]
    return tuple(sorted((c for c in changes if c), key=lambda c: (c.case or "", c.rule_id)))


def _bench(
    rules: Iterable[Rule],
    view: FactView,
    now: datetime,
    existing: Sequence[ObligationView],
    places: Mapping[Subject, Place] | None,
    footprint: frozenset[str] | None,
    calendars: Calendars | None,
) -> Bench:
    met = {(row.case, row.rule_id): row.met_at for row in existing if row.met_at is not None}
    return Bench(rules, view, now, met, places or {}, footprint, calendars)


def _put(bench: Bench, terms: Mapping[str, ContractTermView], cases: Sequence[str]) -> Iterator[Put]:
    """Each rule before its subjects: ours to the incident, the others to the cases or, with none, to it."""
    yield from bench.put(None, only="incident" if cases else None)
    for case in cases:
        more = (contract_rule(terms[case]),) if case in terms else ()
        yield from bench.put(case, only="case", more=more)


def _may_oblige(bench: Bench, one: Put) -> bool:
    """Whether to presume it: what waits for another act, and may never be owed, waits for it unseen."""
    if one.verdict.holds is UNKNOWN and one.rule.depends_on:
        return bool(bench.events(one.rule, one.case))
    return one.verdict.holds is not False


def _target(
    one: Considered,
    rows: Mapping[tuple[Subject, str], ObligationView],
    authors: Authors,
    live: AbstractSet[tuple[Subject, str]],
) -> _Target:
    limbs = [name for limb in one.rule.limbs for name in limb]
    author = next(
        (authors[at, name] for name in limbs for at in (one.case, None) if (at, name) in authors),
        "author not recorded" if one.due.anchor_at and not one.rule.depends_on else _SYSTEM,
    )
    row, due = rows.get((one.case, one.rule.id)), one.due
    if row is not None and row.delayed_until is not None:
        due = _delayed(due, row.delayed_until)
    return _Target(one.case, one.rule, _after_its_parents(one, rows, live), author, due)


def _after_its_parents(
    one: Considered,
    rows: Mapping[tuple[Subject, str], ObligationView],
    live: AbstractSet[tuple[Subject, str]],
) -> Verdict:
    """The verdict, unless people decided that what starts the duty is not to be done; `live` holds by now."""
    for limb in one.rule.limbs:
        parents = [parent for name in limb if (parent := submitted_rule(name))]
        known = {parent: rows.get((one.case, parent)) for parent in parents}
        waived = [parent for parent, row in known.items() if row is not None and row.state is State.WAIVED]
        if (
            waived
            and len(parents) == len(limb)
            and not any(_may_start(row, (one.case, parent) in live) for parent, row in known.items())
        ):
            remark = f"{' and '.join(waived)}, which starts it, was waived"
            return replace(one.verdict, holds=False, remarks=(remark,))
    return one.verdict


def _may_start(row: ObligationView | None, is_live: bool) -> bool:
    """Whether a duty was met, which starts its dependents, or still may be."""
    if row is not None and row.state in (State.MET, State.WAIVED):
        return row.state is State.MET
    return is_live


def _delayed(due: Due, until: datetime) -> Due:
    if due.due_at is None or due.due_at >= until:
        return due
    text = f"{due.explanation}; lawfully delayed until {stamp(until)}"
    legal = max(due.legal_due_at, until) if due.legal_due_at else None
    return replace(due, due_at=until, legal_due_at=legal, explanation=text)


def _within_contracts(found: Sequence[Considered]) -> tuple[Considered, ...]:
    """The clocks, a policy number never later than what a contract says about the same recipient."""
    limits = {
        (one.case, one.rule.recipient): one.due.due_at
        for one in found
        if one.rule.source == "contract" and one.verdict.holds is not False and one.due.due_at
    }
    return tuple(_at_most(one, limits.get((one.case, one.rule.recipient))) for one in found)


def _at_most(one: Considered, limit: datetime | None) -> Considered:
    shown = one.due
    if limit is None or not shown.policy or shown.due_at is None or shown.due_at <= limit:
        return one
    text = f"{shown.explanation}; not later than the contract's {stamp(limit)}"
    return replace(one, due=replace(shown, due_at=limit, explanation=text))


def _change(row: ObligationView | None, target: _Target, view: FactView) -> Change | None:
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


def _stands_no_more(row: ObligationView, target: _Target, view: FactView) -> bool:
    """Whether a decision not to tell has lost a fact it rests on, while the rule may still oblige."""
    if row.rests_on is None or target.state is State.NOT_OWED:
        return False
    now = resting_on(target.rule, view, target.case)
    return any(now[name] != was for name, was in row.rests_on.items() if name in now)


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
    anchor = target.due.anchor_at
    if anchor is None or anchor == row.anchor_at:
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


def _explained(row: ObligationView | None, target: _Target) -> str:
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


def _closed(row: ObligationView, cases: Sequence[str]) -> Change:
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
        anchor_author=_SYSTEM,
        explanation=why,
        why=(why,),
        counting="",
        place="",
        tzdata_version=TZDATA_VERSION,
        holidays_version=holidays_version(),
    )


def _clock(row: ObligationView) -> tuple[object, ...]:
    return row.rule_version, row.anchor_at, row.due_at, row.legal_due_at


def _target_clock(target: _Target) -> tuple[object, ...]:
    computed = target.due
    return target.rule.version, computed.anchor_at, computed.due_at, computed.legal_due_at
