"""Whose data an alert is about: by its source, by what it hints at, by the data map; else nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flows.intake.claims import Claim
from flows.intake.surroundings import Surroundings

MOST = 50
"""Clients that one alert may name; more are for triage to sort out."""

_WITH_DOMAIN = ("account", "email")


def clients_of(claim: Claim, bound_to: str, around: Surroundings) -> tuple[str, ...]:
    """The references of the clients, none where nobody knows, which triage must answer.

    A source that watches one client's data speaks of that client alone, whatever a payload hints.
    """
    if bound_to:
        return (bound_to,)
    hinted = _found(_hints(claim), around.clients)
    return (hinted or _found(_systems(claim), around.systems))[:MOST]


def _found(names: Iterable[str], known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if not known:
        return ()
    return tuple(dict.fromkeys(ref for name in names for ref in known.get(name.casefold(), ())))


def _hints(claim: Claim) -> Iterable[str]:
    """What the payload says of clients; then the domains that it names, and those of its accounts."""
    yield from claim.client_hints
    for one in claim.observables:
        if one.kind == "domain":
            yield one.value
        elif one.kind in _WITH_DOMAIN and "@" in one.value:
            yield one.value.rpartition("@")[2]


def _systems(claim: Claim) -> Iterable[str]:
    """The hosts that it names, whole and by their first label."""
    for one in claim.observables:
        if one.kind == "host":
            yield one.value
            yield one.value.partition(".")[0]
