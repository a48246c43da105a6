"""Instants that cannot be: nothing is noticed, decided or contained before it happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from flows.deciding import Decision
from flows.gathering import gather
from playbooks.clocks import stamp
from playbooks.errors import Refused
from playbooks.fact_types import FactValue
from playbooks.facts import fact_spec

BEGIN: Final = "occurred_at"


def refuse_impossible(decision: Decision, case: str | None, stated: Mapping[str, FactValue]) -> None:
    """Raise Refused where an instant lies before what happened, as stated now or known; guesses do not count.

    What lies ahead is refused when the form is read.
    """
    known = gather(decision.session, decision.incident_id)
    said = {
        name: value
        for name, value in known.view.for_case(case).items()
        if (known.authors.get((case, name)) or known.authors.get((None, name))) != "system"
    }
    said.update(stated)
    began = said.get(BEGIN)
    if not isinstance(began, datetime) or not stated:
        return
    for name, value in said.items():
        is_new = name in stated or BEGIN in stated
        if is_new and isinstance(value, datetime) and value < began:
            label = fact_spec(name).label.rstrip("?")
            raise Refused(
                f"{label}: {stamp(value)} lies before it happened ({stamp(began)})",
                mend="correct whichever of the two is wrong",
            )
