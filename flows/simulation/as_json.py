"""A simulation's report as JSON: shares between 0 and 1 with their intervals, spans in seconds.

A place of a spread is null where so many never did it: of `p90`, more than one in ten.
"""

from __future__ import annotations

from datetime import UTC
from math import isinf, isnan
from typing import Any

from flows.simulation.reporting import Report
from flows.simulation.resting import resting_on
from playbooks.simulation.advice import Advice
from playbooks.simulation.critical import Critical
from playbooks.simulation.model import ClockSpec, Slot
from playbooks.simulation.results import ClockFound
from playbooks.simulation.statistics import Gain, Share, Spread


def as_json(report: Report) -> dict[str, Any]:
    """Everything that the text tells, and the steps and people in full."""
    simulation, found = report.prepared.simulation, report.found
    return {
        "playbook": report.prepared.plan.ref,
        "runs": found.runs,
        "incidents": found.incidents,
        "seed": found.seed,
        "opens_at": simulation.opens_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "zone": report.prepared.zone_name,
        "missed_any": _share(found.any_missed),
        "deadlines": found.deadlines,
        "late": found.late,
        "closed": [
            {"story": story, **_share(share), "after": _spread(spread)}
            for story, share, spread in found.closed
        ],
        "clocks": [_clock(one) for one in found.clocks],
        "never_began": [_named(one) for one in found.never_began],
        "still_ran": [_named(one) for one in found.still_ran],
        "ways": [_way(way, days) for way, days in zip(report.ways, report.weekdays, strict=True)],
        "advice": None if report.advice is None else _advice(report.advice),
        "steps": [
            {
                **_slot(one.slot),
                "story": one.story,
                "done": _share(one.done),
                "wait": _spread(one.wait),
                "work": _spread(one.work),
                "unfinished": one.stands,
            }
            for one in found.steps
        ],
        "people": [{"handle": one.handle, "busy": _spread(one.busy)} for one in found.people],
        "rests_on": list(resting_on(report)),
    }


def _named(one: ClockSpec) -> dict[str, Any]:
    return {"rule": one.rule, "title": one.title, "case": one.case}


def _share(share: Share) -> dict[str, Any]:
    return {
        "share": share.value if share.of else None,
        "low": share.low,
        "high": share.high,
        "hits": share.hits,
        "of": share.of,
    }


def _spread(spread: Spread | None) -> dict[str, Any] | None:
    if spread is None:
        return None
    places = {"p5": spread.p5, "p50": spread.median, "p90": spread.p90, "p95": spread.p95}
    return {name: None if isinf(at) else at for name, at in places.items()} | {"of": spread.of}


def _clock(one: ClockFound) -> dict[str, Any]:
    spec = one.spec
    return {
        "rule": spec.rule,
        "title": spec.title,
        "recipient": spec.recipient,
        "addressee": spec.addressee,
        "stage": spec.stage,
        "policy": spec.policy,
        "cases": list(one.cases),
        "began": _share(one.began),
        "missed": _share(one.missed),
        "late_cases": one.late_cases,
        "never": one.never,
        "met": _spread(one.met),
        "due": _spread(one.due),
        "used": _spread(one.used),
    }


def _slot(slot: Slot) -> dict[str, Any]:
    return {
        "step": slot.step,
        "title": slot.title,
        "case": slot.case,
        "round": slot.round,
        "part": slot.part,
        "role": slot.role,
        "by_law": slot.by_law,
    }


def _way(way: Critical, days: Any) -> dict[str, Any]:
    return {
        "rule": way.clock.spec.rule,
        "cases": list(way.clock.cases),
        "of": way.of,
        "looked_at": way.looked_at,
        "total": way.total,
        "until_instants": way.until_instants,
        "again": way.again,
        "legs": [
            {
                **_slot(leg.slot),
                "on_path": leg.on_path,
                "working": leg.working,
                "off_duty": leg.off_duty,
                "waiting": leg.waiting,
            }
            for leg in way.legs
        ],
        "never_past": [{**_slot(slot), "count": count} for slot, count in way.stands_at],
        "by_weekday": {name: _share(share) for name, share in days},
    }


def _advice(advice: Advice) -> dict[str, Any]:
    return {
        "runs": advice.runs,
        "of": advice.of,
        "changes": [
            {
                "kind": one.change.kind,
                "subject": one.change.subject,
                "words": one.change.words,
                "missed": _gain(one.missed),
                "clocks": [
                    {
                        "rule": each.clock.spec.rule,
                        "cases": list(each.clock.cases),
                        "missed": _gain(each.missed),
                        "earlier": each.earlier,
                    }
                    for each in one.on
                ],
            }
            for one in advice.bought
        ],
    }


def _gain(gain: Gain) -> dict[str, Any] | None:
    if isnan(gain.before):  # there was nothing to compare
        return None
    return {
        "before": gain.before,
        "after": gain.after,
        "change": gain.change,
        "low": gain.low,
        "high": gain.high,
        "sure": gain.is_sure,
    }
