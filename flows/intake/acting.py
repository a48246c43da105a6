"""What is done for each claim of a batch: opened, joined, held or suppressed, over what was gathered for all.

Nothing is written of an alert or a group before the end, when all is written at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never

from sqlmodel import Session

from flows.house import House
from flows.intake import rows
from flows.intake.claims import Claim, Understood
from flows.intake.clienting import clients_of
from flows.intake.considering import Considered, consider, counting_groups, way_of
from flows.intake.dating import HeldBack, date_back
from flows.intake.deliveries import Arrival, Delivery, OpenIncident
from flows.intake.grouping import Group
from flows.intake.outcomes import (
    LIVE,
    Held,
    Joins,
    Known,
    Opens,
    Outcome,
    Suppressed,
    decide_by_rules,
    decide_known,
    decide_late,
)
from flows.intake.rows import Holder
from flows.intake.standings import GroupStanding, Standing, gather, gather_groups
from flows.intake.surroundings import Surroundings, Watched
from flows.intake.telling import Teller, Told, note_told


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one claim, and what the rules made of it where they were asked."""

    result: str
    why: str
    incident: str
    claim: Claim
    clients: tuple[str, ...]
    considered: Considered | None

    @property
    def told(self) -> dict[str, Any]:
        """What the sender is answered."""
        return {
            "result": self.result,
            "why": self.why,
            "incident": self.incident or None,
            "fingerprint": self.claim.fingerprint,
        }


@dataclass(slots=True)
class Intake:
    """What intake decides with; one for a process."""

    house: House
    open_incident: OpenIncident
    watched: Watched = field(default_factory=Watched)


class Batch:
    """The deciding of one batch over the standings gathered for it."""

    def __init__(
        self, session: Session, intake: Intake, deliveries: Sequence[Delivery], around: Surroundings
    ) -> None:
        self.session, self.intake, self.around = session, intake, around
        self.connection = session.connection()
        self.told: defaultdict[Teller, Told] = defaultdict(Told)
        self.named: defaultdict[int, set[str]] = defaultdict(set)
        """The clients that joined alerts named, by incident."""
        self.held_back: defaultdict[int, list[HeldBack]] = defaultdict(list)
        """What quiet windows held of what is now an incident's own."""
        self.wall = max((one.wall for one in deliveries), default=None)
        understood = [(one, one.content) for one in deliveries if isinstance(one.content, Understood)]
        keys = ((one.source.id, claim.fingerprint) for one, content in understood for claim in content.claims)
        self.standings = gather(self.connection, keys)
        self.considered = {
            id(claim): self._consider(one, content.kind, claim)
            for one, content in understood
            for claim in content.claims
            if not self.standings.is_live((one.source.id, claim.fingerprint))
        }
        groups = (group.digest for one in self.considered.values() for group in one.groups)
        gather_groups(self.connection, self.standings, dict.fromkeys(groups))

    def results(self, delivery: Delivery, content: Understood) -> list[Result]:
        """Carry out the claims of one delivery."""
        return [self._result(delivery, content.kind, claim) for claim in content.claims]

    def write(self) -> None:
        """Write what each alert says now and what it belongs to, once."""
        self.standings.write(self.connection)

    def tell(self) -> None:
        """Tell the timelines what came to their incidents, and ask for what follows from it."""
        note_told(self.session, self.told)
        for number, held in self.held_back.items():
            assert self.wall is not None
            date_back(self.session, self.intake.house, number, held, self.wall)
        self._ask_to_advance()

    def _consider(self, delivery: Delivery, kind: str, claim: Claim) -> Considered:
        house = self.intake.house
        return consider(
            claim,
            delivery.source,
            kind,
            rules=house.alert_rules,
            around=self.around,
            keyring=house.store.keyring,
            at=delivery.wall,
        )

    def _result(self, delivery: Delivery, kind: str, claim: Claim) -> Result:
        standing = self.standings.alerts[delivery.source.id, claim.fingerprint]
        one = self.considered.get(id(claim))
        outcome = self._outcome(delivery, claim, standing, one)
        is_new = isinstance(outcome, Opens) or (isinstance(outcome, Joins) and outcome.is_new)
        standing.count(claim, kind, delivery, is_new=is_new)
        if one is not None:
            standing.concern(one.clients, also=standing.is_live)
        match outcome:
            case Opens():
                assert one is not None
                self._open(delivery, claim, standing, one, outcome)
            case Joins():
                self._join(delivery, claim, standing, one, outcome)
            case Held():
                assert one is not None
                self._hold(standing, one, delivery.counted_at)
            case Suppressed():
                if outcome.is_quiet and one is not None and one.window is not None:
                    standing.bind(None, one.window.id, None)
            case _:
                assert_never(outcome)
        return _result_of(claim, outcome, standing, one)

    def _outcome(
        self, delivery: Delivery, claim: Claim, standing: Standing, one: Considered | None
    ) -> Outcome:
        if standing.is_late(delivery):
            return decide_late(standing.known)
        if standing.known is not None and (outcome := decide_known(claim, standing.known)) is not None:
            return outcome
        assert one is not None
        return decide_by_rules(claim, standing.known, way_of(one, self.standings.groups, delivery.counted_at))

    def _open(
        self, delivery: Delivery, claim: Claim, standing: Standing, one: Considered, outcome: Opens
    ) -> None:
        theirs, is_played = self.around.channels.get(one.only_client, ""), bool(delivery.source.exercise_id)
        arrival = Arrival(
            source=delivery.source,
            claim=claim,
            playbook=one.playbook,
            severity=one.severity,
            state=outcome.as_state,
            why=one.why,
            channel=delivery.source.channel or ("" if is_played else theirs),
            previous_id=standing.incident_id,
            wall=delivery.wall,
        )
        incident = self.intake.open_incident(self.session, arrival)
        self.session.flush()
        assert incident.id is not None
        holder = Holder(incident.id, incident.ref, incident.state, incident.pending)
        self.standings.holders[incident.id] = holder
        standing.known = Known(claim.status, claim.content, claim.severity, holder.ref, holder.state)
        self._belong(standing, one, holder, delivery.counted_at)

    def _join(
        self, delivery: Delivery, claim: Claim, standing: Standing, one: Considered | None, outcome: Joins
    ) -> None:
        told = self.told[Teller(outcome.incident, delivery.source.name, delivery.source.exercise_id)]
        holder = self._holder(standing, outcome)
        if outcome.is_new and one is not None:
            self._belong(standing, one, holder, delivery.counted_at)
            if holder.pending != "begin":  # whoever begins it tells of all that came before
                told.join(claim, outcome.why, standing.clients, delivery.wall)
        elif outcome.changed:
            told.change(claim, delivery.wall)
        if one is None and claim.client_hints:
            standing.concern(clients_of(claim, self._bound_to(delivery), self.around), also=True)
        if standing.clients:
            self.named[holder.id].update(standing.clients)
        standing.known = Known(claim.status, claim.content, claim.severity, holder.ref, holder.state)

    def _belong(self, standing: Standing, one: Considered, holder: Holder, at: datetime) -> None:
        """Make an alert an incident's own, and its groups with it."""
        if standing.held_by is not None and standing.alert_id is not None:
            self.held_back[holder.id].append(HeldBack(standing.alert_id, standing.held_by))
        standing.bind(holder.id, _test_id(one), None)
        self._lead_groups(one, holder, at)

    def _holder(self, standing: Standing, outcome: Joins) -> Holder:
        if not outcome.is_new:
            assert standing.incident_id is not None
            return self.standings.holders[standing.incident_id]
        return next(one for one in self.standings.holders.values() if one.ref == outcome.incident)

    def _hold(self, standing: Standing, one: Considered, at: datetime) -> None:
        counted = [(self._group(each, at), each.window) for each in counting_groups(one)]
        for group, window in counted:
            is_anew = group.count(at, window)
            if group.id is None:
                group.id = rows.insert_group(self.session, group.as_row())
            elif is_anew:
                self._let_go(group.id, None)
        fullest = max((group for group, _ in counted), key=lambda group: group.alerts)
        standing.bind(None, None, fullest.id)

    def _lead_groups(self, one: Considered, holder: Holder, at: datetime) -> None:
        """Let every group of an alert lead to its incident, but for those that lead to another live one."""
        for each in one.groups:
            group = self._group(each, at)
            is_led = bool(group.incident) and at - group.last_at <= each.window
            is_led = is_led and not (group.is_led_to == "candidate" and holder.state == "open")
            is_anew = group.count(at, each.window)
            if is_led:
                continue
            group.lead_to(holder)
            if group.id is not None:
                self._let_go(group.id, None if is_anew else holder.id)

    def _let_go(self, group_id: int, incident_id: int | None) -> None:
        """Give what waited with a group to the incident that it leads to, or to none if it counts no more."""
        if incident_id is None:
            self.connection.execute(rows.forget_waiting(), {"waited_with": group_id})
            return
        values = {"waited_with": group_id, "new_incident_id": incident_id}
        self.connection.execute(rows.release_group(), values)
        self.standings.release(group_id, incident_id)

    def _group(self, group: Group, at: datetime) -> GroupStanding:
        fresh = GroupStanding(digest=group.digest, rule=group.rule, began_at=at, last_at=at)
        return self.standings.groups.setdefault(group.digest, fresh)

    def _bound_to(self, delivery: Delivery) -> str:
        client_id = delivery.source.client_id
        return self.around.names.get(client_id, "") if client_id is not None else ""

    def _ask_to_advance(self) -> None:
        """Have the watch add the clients that alerts named and the incident has no case of yet."""
        waiting = {number: refs for number, refs in self.named.items() if self._is_begun(number)}
        if not waiting:
            return
        cases = rows.clients_of_incidents(self.session, waiting)
        if behind := [{"which": number} for number, refs in waiting.items() if refs - cases[number]]:
            self.connection.execute(rows.mark_pending(), behind)

    def _is_begun(self, number: int) -> bool:
        holder = self.standings.holders[number]
        return holder.state in LIVE and not holder.pending


def _test_id(one: Considered) -> int | None:
    return one.window.id if one.window is not None and one.window.kind == "test" else None


def _result_of(claim: Claim, outcome: Outcome, standing: Standing, one: Considered | None) -> Result:
    incident = standing.known.incident if standing.known is not None else ""
    result = _NAMES[type(outcome)]
    if isinstance(outcome, Opens) and outcome.as_state == "candidate":
        result = "candidate"
    return Result(result, outcome.why, incident, claim, standing.clients, one)


_NAMES: Mapping[type[Outcome], str] = {
    Opens: "opened",
    Joins: "joined",
    Suppressed: "suppressed",
    Held: "held",
}
