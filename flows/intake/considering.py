"""What the rules make of one claim: its clients, its playbook and severity, its window, its groups. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flows.intake.claims import Claim, Severity
from flows.intake.clienting import clients_of
from flows.intake.deliveries import KnownSource
from flows.intake.grouping import Group, groups_of
from flows.intake.outcomes import Together, Way
from flows.intake.readings import view_of
from flows.intake.standings import GroupStanding
from flows.intake.surroundings import Surroundings
from playbooks.alerts.rules import AlertRules, Grouping
from playbooks.alerts.windows import Window, window_for
from store.seal import Keyring


@dataclass(frozen=True, slots=True)
class Considered:
    """One claim in the light of the rules."""

    clients: tuple[str, ...]
    playbook: str
    severity: Severity
    why: str
    """Why this playbook and severity."""
    window: Window | None
    grouping: Grouping
    groups: tuple[Group, ...]

    @property
    def is_candidate(self) -> bool:
        """Whether a person must accept it first: by its rule, or because a test was announced."""
        is_test = self.window is not None and self.window.kind == "test"
        return is_test or self.grouping.then == "candidate"

    @property
    def only_client(self) -> str:
        """The client whose channel may speak of it: the one there is, or empty."""
        return self.clients[0] if len(self.clients) == 1 else ""


def consider(
    claim: Claim,
    source: KnownSource,
    kind: str,
    *,
    rules: AlertRules,
    around: Surroundings,
    keyring: Keyring,
    at: datetime,
) -> Considered:
    """Weigh a claim by the rules at wall time `at`."""
    bound_to = around.names.get(source.client_id, "") if source.client_id is not None else ""
    clients = clients_of(claim, bound_to, around)
    view = view_of(claim, source.name, kind, clients)
    window = window_for(_announced_of(source, around.windows), view, at) if around.windows else None
    choice, grouping = rules.judge(view, source.playbook)
    test_id = window.id if window is not None and window.kind == "test" else None
    groups = groups_of(grouping, keyring, source.exercise_id, test_id, bound_to)
    return Considered(clients, choice.playbook, choice.severity, choice.why, window, grouping, groups)


def _announced_of(source: KnownSource, windows: Sequence[Window]) -> Sequence[Window]:
    """What was announced was announced of real tools, unless it names the exercise's own."""
    if source.exercise_id is None:
        return windows
    return [window for window in windows if window.source == source.name]


def way_of(one: Considered, held: Mapping[str, GroupStanding], at: datetime) -> Way:
    """Where the groups lead as they stand: to a live incident, or to be counted."""
    together = _together(one, held, at)
    return Way(
        together=together,
        quiet=_quiet(one.window),
        test=_test(one.window),
        is_candidate=one.is_candidate,
        seen=_seen(one, held, at) if one.grouping.threshold > 1 else 1,
        threshold=one.grouping.threshold,
        why=one.grouping.why,
    )


def _together(one: Considered, held: Mapping[str, GroupStanding], at: datetime) -> Together | None:
    """The live incident that the first of the groups leads to."""
    for group in one.groups:
        found = held.get(group.digest)
        if found is not None and _takes(found, one) and at - found.last_at <= group.window:
            why = f"{group.rule} as {found.incident}, within {_span(group.window.total_seconds())}"
            return Together(found.incident, why)
    return None


def _takes(group: GroupStanding, one: Considered) -> bool:
    """Whether the alert may join where its group leads: one that opens by itself waits with no candidate."""
    if not group.incident:
        return False
    return group.is_led_to != "candidate" or one.is_candidate


def counting_groups(one: Considered) -> tuple[Group, ...]:
    """The groups whose alerts a threshold counts; none where the rules count nothing."""
    key = one.grouping.threshold_key
    if one.grouping.threshold < 2 or key is None:
        return ()
    return tuple(group for group in one.groups if group.rule == key.rule)


def _seen(one: Considered, held: Mapping[str, GroupStanding], at: datetime) -> int:
    """How many alerts the fullest of the counted groups has with this one."""
    found = ((group, held.get(group.digest)) for group in counting_groups(one))
    counts = [so_far.alerts for group, so_far in found if so_far and at - so_far.last_at <= group.window]
    return max(counts, default=0) + 1


def _quiet(window: Window | None) -> str:
    if window is None or window.kind != "quiet":
        return ""
    return f"quiet window {window.id} until {window.until:%d %b %H:%M} UTC; it opens then if it still fires"


def _test(window: Window | None) -> str:
    if window is None or window.kind != "test":
        return ""
    return f"it matches the announced test {window.id}: somebody must look"


def _span(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours:g} h" if hours >= 1 else f"{seconds / 60:g} min"
