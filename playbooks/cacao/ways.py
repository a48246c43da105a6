"""What a flow says of each of its nodes: what it waits for, and under what it comes about."""

from __future__ import annotations

from collections.abc import Collection

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


def guards_in(flow: Flow) -> dict[str, tuple[Guard, ...]]:
    """Return for each node what holds whichever way leads there, in running order."""
    found: dict[str, frozenset[Guard]] = {}
    at = {name: number for number, name in enumerate(flow.order)}
    for name in flow.order:
        ways = [found[e.source] | ({e.guard} if e.guard else frozenset()) for e in flow.into[name]]
        found[name] = frozenset.intersection(*ways) if ways else frozenset()
    return {
        name: tuple(sorted(guards, key=lambda guard: (at[guard.step], guard.answer)))
        for name, guards in found.items()
    }
