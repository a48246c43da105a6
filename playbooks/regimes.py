"""Which families of law may oblige us for a client, and whom they make us tell: by the rules themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Final

from playbooks.facts import FactView
from playbooks.law import Rule
from playbooks.verdicts import Bench

CONTRACT: Final = "contract"
"""The regime of a client's contract."""
OTHER: Final = "other"
"""The regime of every rule outside the families that playbooks name."""
_FAMILIES: Final[Mapping[str, str]] = {
    "EU-GDPR": "gdpr",
    "UK-GDPR": "uk_gdpr",
    "US-CA": "ccpa",
    "US-NY": "us_states",
    "US-other": "us_states",
    "IN-DPDP": "dpdp",
    "VN": "vn_pdpl",
    "PH": "ph_dpa",
    "SG": "sg_pdpa",
    "AU": "au_privacy",
    "US-HIPAA": "hipaa",
    "PCI": "pci",
    "EU-NIS2": "nis2",
    "UK-NIS": "nis2",
    "EU-DORA": "dora",
    "US-SEC": "sec",
    "IN-CERTIN": "cert_in",
}
"""The family of a rule, by how its id begins."""
_CASE: Final = "A"

Owed = Mapping[str, frozenset[str]]
"""By regime, the recipients whom its rules could make us tell."""


def regime_of(rule_id: str) -> str:
    """The family that a rule belongs to; `other` for one outside all of them."""
    parts = rule_id.removeprefix("ASK-").split("-")
    heads = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((_FAMILIES[head] for head in heads if head in _FAMILIES), OTHER)


@dataclass(slots=True)
class Regimes:
    """The rules of law as of one day, asked what they may want of us for a client.

    `footprint` are the places where our clients have people: an unknown place outside them is not presumed.
    While no record says where, it is None, and every place is.
    """

    rules: Iterable[Rule]
    today: date
    footprint: frozenset[str] | None
    _found: dict[tuple[object, ...], Owed] = field(init=False, default_factory=dict)

    def owed(
        self, our_role: str, places: frozenset[str], status: frozenset[str], *, own: bool = False
    ) -> Owed:
        """What could be owed for such a client, everything of the incident itself being unknown.

        For our `own` organisation the rules are asked too that bind us whoever the client is.
        """
        key = our_role, places, status, own
        if key not in self._found:
            self._found[key] = self._ask(our_role, places, status, own=own)
        return self._found[key]

    def _ask(self, our_role: str, places: frozenset[str], status: frozenset[str], *, own: bool) -> Owed:
        record: dict[str, Any] = {"our_role": our_role, "jurisdictions": places, "client_status": status}
        known = {name: value for name, value in record.items() if value}
        view = FactView({"our_status": status} if own and status else {}, {_CASE: known})
        bench = Bench(self.rules, view, datetime.combine(self.today, time(), UTC), footprint=self.footprint)
        put = [*bench.put(_CASE, only="case"), *(bench.put(None, only="incident") if own else ())]
        owed: dict[str, set[str]] = {CONTRACT: {"client_controller"}} if our_role == "processor" else {}
        for one in put:
            if one.rule.kind == "notify" and one.verdict.holds is not False:
                owed.setdefault(regime_of(one.rule.id), set()).add(one.rule.recipient)
        return {regime: frozenset(recipients) for regime, recipients in sorted(owed.items())} or {
            OTHER: frozenset()
        }
