"""What a flow says of each of its nodes: what it waits for, and under what it comes about."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from playbooks.cacao.graph import Flow, Guard


def waits_in(flow: Flow, real: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return for each real node the nearest real ones before it, without those that these wait for anyway."""
    near: dict[str, set[str]] = {}
    behind: dict[str, set[str]] = {}
    for name in flow.order:
        found: set[str] = set()
        for edge in flow.into[name]:
            found |= {edge.source} if edge.source in real else near[edge.source]
        far: set[str] = set().union(*(behind[one] for one in found))
        near[name], behind[name] = found - far, found | far
    at = {name: number for number, name in enumerate(flow.order)}
    return {name: tuple(sorted(near[name], key=at.__getitem__)) for name in flow.order if name in real}


def guards_in(flow: Flow, readable: Collection[str]) -> dict[str, tuple[Guard, ...]]:
    """Return for each node what holds whichever way leads there, in running order.

    Left out is what a person has answered already for a guard to be asked about at all; a condition that is
    `readable` is asked of nobody.
    """
    found: dict[str, frozenset[Guard]] = {}
    at = {name: number for number, name in enumerate(flow.order)}
    for name in flow.order:
        ways = [found[e.source] | ({e.guard} if e.guard else frozenset()) for e in flow.into[name]]
        found[name] = frozenset.intersection(*ways) if ways else frozenset()
    return {
        name: tuple(sorted(_nearest(guards, found, readable), key=lambda one: (at[one.step], one.answer)))
        for name, guards in found.items()
    }


def _nearest(
    guards: frozenset[Guard], of_all: Mapping[str, frozenset[Guard]], readable: Collection[str]
) -> frozenset[Guard]:
    asked = [guard for guard in guards if guard.step not in readable]
    implied = frozenset[Guard]().union(*(of_all[guard.step] for guard in asked))
    return guards - frozenset(guard for guard in implied if guard.step not in readable)
