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
from dataclasses import replace
from datetime import datetime

from playbooks.calendars import Calendars
from playbooks.clocks import Due, stamp
from playbooks.contracts import ContractTermView, contract_rule
from playbooks.duties import Change, ChangeKind, ObligationView, State, applied
from playbooks.duty_changes import SYSTEM, Target, change_of, closed
from playbooks.facts import UNKNOWN, FactView
from playbooks.law import Rule, submitted_rule
from playbooks.places import Place
from playbooks.verdicts import Bench, Considered, Put, Subject, Verdict

__all__ = ["Change", "ChangeKind", "ObligationView", "State", "applied", "consider", "decide_obligations"]

Authors = Mapping[tuple[Subject, str], str]


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
    changes = [change_of(rows.get(target.key), target, view) for target in targets]
    wanted = {(one.case, one.rule.id) for one in duties}
    changes += [closed(row, cases) for key, row in rows.items() if key not in wanted and row.runs]
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
) -> Target:
    limbs = [name for limb in one.rule.limbs for name in limb]
    author = next(
        (authors[at, name] for name in limbs for at in (one.case, None) if (at, name) in authors),
        "author not recorded" if one.due.anchor_at and not one.rule.depends_on else SYSTEM,
    )
    row, due = rows.get((one.case, one.rule.id)), one.due
    if row is not None and row.delayed_until is not None:
        due = _delayed(due, row.delayed_until)
    return Target(one.case, one.rule, _after_its_parents(one, rows, live), author, due)


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
