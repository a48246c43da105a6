"""How well incidents are prepared: each lack once with its cost, and what trips incidents up, worst first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from playbooks.coverage import Coverage, Trip, coverage
from playbooks.coverage_parts import WEIGHTS, ClientRecord, Kind, LastTest, Part, Staff
from playbooks.regimes import regime_of
from playbooks.rulebook import load_rules
from playbooks.wording import REGIMES

TODAY = date(2026, 11, 21)
RULES = tuple(load_rules().values())
TEMPLATES = frozenset({"notice-client", "notice-authority", "notice-other"})
KIND = Kind(
    "phishing",
    owner="forensics",
    roles=frozenset({"it", "forensics"}),
    regimes=frozenset({"gdpr", "contract"}),
    notices={"client_controller": "notice-client"},
    last_test=LastTest(date(2026, 6, 1), "1"),
    valid_from=date(2026, 1, 1),
    valid_until=date(2027, 11, 20),
)
CLIENT = ClientRecord(
    "client-7",
    jurisdictions=frozenset({"EU"}),
    status=frozenset({"none"}),
    has_hours=True,
    contacts={"client_controller": 2},
    systems=1,
)
STAFF = (
    Staff("it-1", frozenset({"it"})),
    Staff("forensics-1", frozenset({"forensics"})),
    Staff("forensics-2", frozenset({"forensics"})),
)


def covered(
    kind: Kind = KIND,
    client: ClientRecord = CLIENT,
    *,
    templates: frozenset[str] = TEMPLATES,
    staff: tuple[Staff, ...] = STAFF,
) -> Coverage:
    people_in = client.jurisdictions or None
    return coverage([kind], [client], RULES, templates, staff, TODAY, footprint=people_in)


def lacking(found: Coverage) -> list[tuple[str, set[int]]]:
    """What lacks, and the scores of the rows."""
    return [(trip.what, {row.score for row in found.rows}) for trip in found.trips]


def test_what_is_wholly_prepared_has_a_hundred_and_trips_over_nothing() -> None:
    found = covered()
    assert [(row.regime, row.score, row.lacks) for row in found.rows] == [
        ("contract", 100, ()),
        ("gdpr", 100, ()),
    ]
    assert (found.trips, found.score) == ((), 100)


def test_the_weights_are_of_a_hundred() -> None:
    assert sum(WEIGHTS.values()) == 100


@pytest.mark.parametrize(
    ("kind", "part", "score", "what"),
    [
        (replace(KIND, owner=""), "owner", 85, "names no owner"),
        (replace(KIND, last_test=None), "tested", 85, "never exercised"),
        (
            replace(KIND, last_test=LastTest(date(2025, 11, 20), "1")),
            "tested",
            92,
            "more than a year ago",
        ),
        (replace(KIND, version="2"), "tested", 92, "last exercised as version 1, not as 2"),
        (replace(KIND, revoked=True), "validity", 90, "revoked"),
        (replace(KIND, valid_until=None), "validity", 95, "nobody says until when"),
        (replace(KIND, valid_from=date(2027, 1, 1), valid_until=None), "validity", 90, "not valid today"),
        (replace(KIND, valid_until=date(2026, 11, 20)), "validity", 90, "not valid today"),
        (replace(KIND, valid_from=date(2026, 11, 22)), "validity", 90, "not valid today"),
        (replace(KIND, valid_until=date(2026, 12, 1)), "validity", 95, "less than a month"),
        (replace(KIND, notices={}), "template", 95, "the law's general one is added"),
        (replace(KIND, notices={"client_controller": "gone"}), "template", 90, "the notice gone"),
        (replace(KIND, regimes=frozenset()), "regime", 98, "does not speak of"),
    ],
)
def test_what_a_playbook_lacks_costs_its_part(kind: Kind, part: Part, score: int, what: str) -> None:
    found = covered(kind)
    assert {(row.score, row.lacks) for row in found.rows} == {(score, (part,))}
    assert all(what in trip.what and trip.about == "kind" for trip in found.trips)


@pytest.mark.parametrize(
    ("client", "part", "score", "what"),
    [
        (replace(CLIENT, has_hours=False), "term", 90, "strictest default"),
        (replace(CLIENT, contacts={}), "contacts", 85, "no contact for incidents"),
        (replace(CLIENT, contacts={"client_controller": 1}), "contacts", 96, "no backup"),
        (replace(CLIENT, systems=0), "data_map", 90, "names no system"),
        (replace(CLIENT, categories_known=False), "data_map", 95, "which categories"),
        (replace(CLIENT, logged=False), "data_map", 95, "no access log"),
    ],
)
def test_what_a_client_s_record_lacks_costs_its_part(
    client: ClientRecord, part: Part, score: int, what: str
) -> None:
    found = covered(client=client)
    assert {(row.score, row.lacks) for row in found.rows} == {(score, (part,))}
    ((trip),) = found.trips
    assert (what in trip.what, trip.about, trip.clients) == (True, "client", ("client-7",))


@pytest.mark.parametrize(
    ("staff", "score", "what"),
    [
        (STAFF[:1], 85, "nobody holds the role forensics, which keeps the playbook"),
        (STAFF[:2], 92, "one person alone holds the role forensics, which keeps it"),
        (STAFF[1:], 90, "nobody holds the role it"),
    ],
)
def test_roles_are_staffed_by_those_who_are_there(staff: tuple[Staff, ...], score: int, what: str) -> None:
    assert lacking(covered(staff=staff)) == [(what, {score})]


def test_who_may_not_see_a_client_does_not_count_for_it() -> None:
    elsewhere = replace(STAFF[0], clients=frozenset({"client-8"}))
    assert lacking(covered(staff=(elsewhere, *STAFF[1:]))) == [("nobody holds the role it", {90})]
    here = replace(STAFF[0], clients=frozenset({"client-7"}))
    assert covered(staff=(here, *STAFF[1:])).score == 100


def test_without_any_general_notice_what_the_plan_lacks_is_missing() -> None:
    found = covered(replace(KIND, notices={}), templates=frozenset())
    assert "the notice notice-other for the client whose data it is is missing" in [
        t.what for t in found.trips
    ]


class TestRegimes:
    def regimes(self, client: ClientRecord) -> set[str]:
        return {row.regime for row in covered(client=client).rows}

    def test_they_follow_from_the_rules_that_could_bind_us_for_the_client(self) -> None:
        assert self.regimes(CLIENT) == {"contract", "gdpr"}
        abroad = replace(CLIENT, jurisdictions=frozenset({"PH", "US-CA"}))
        assert self.regimes(abroad) == {"contract", "ph_dpa", "ccpa"}

    def test_a_special_regime_counts_where_it_is_stated_or_unknown_and_not_where_it_is_ruled_out(
        self,
    ) -> None:
        american = replace(CLIENT, jurisdictions=frozenset({"US-CA"}))
        covered_entity = replace(american, status=frozenset({"hipaa_covered_entity"}))
        assert "hipaa" in self.regimes(covered_entity)
        assert "hipaa" in self.regimes(replace(american, status=frozenset()))
        assert "hipaa" not in self.regimes(american)

    def test_law_outside_the_families_is_one_regime_that_no_playbook_need_name(self) -> None:
        found = covered(client=replace(CLIENT, jurisdictions=frozenset({"KE"})))
        assert {row.regime: row.score for row in found.rows} == {"contract": 100, "other": 100}

    def test_where_nobody_says_whose_people_they_are_that_is_said(self) -> None:
        found = covered(client=replace(CLIENT, jurisdictions=frozenset()))
        assert "no jurisdictions on record" in found.trips[0].what

    def test_while_no_client_s_people_are_known_to_live_anywhere_every_law_is_presumed(self) -> None:
        nowhere = self.regimes(replace(CLIENT, jurisdictions=frozenset()))
        assert nowhere >= {"contract", "gdpr", "uk_gdpr", "ccpa", "ph_dpa"}

    def test_our_own_organisation_has_no_contract_and_tells_authorities(self) -> None:
        own = replace(CLIENT, ref="own", own=True, our_role="controller", has_hours=False, contacts={})
        found = covered(client=own)
        assert {row.regime for row in found.rows} == {"gdpr"}
        assert {trip.what for trip in found.trips if trip.about == "client"} == {
            "no contact for the data-protection authority"
        }

    def test_our_own_special_regimes_bind_us_ourselves(self) -> None:
        own = replace(CLIENT, own=True, our_role="controller", status=frozenset({"nis2_entity"}))
        assert "nis2" in self.regimes(own)
        assert "nis2" not in self.regimes(replace(own, status=frozenset({"none"})))

    def test_every_rule_of_a_family_that_playbooks_name_is_known_to_be_one(self) -> None:
        families = {regime_of(rule.id) for rule in RULES}
        assert families - {"other"} == set(REGIMES) - {"contract"}
        assert regime_of("AU-RANSOM") == "au_privacy"
        assert regime_of("US-BANK-36H") == "other"


class TestTrips:
    def test_each_is_said_once_for_all_it_concerns_and_the_worst_comes_first(self) -> None:
        kinds = [replace(KIND, id=f"kind-{at}", last_test=None) for at in range(23)]
        silent = replace(CLIENT, ref="example-retail", contacts={})
        found = coverage(kinds, [CLIENT, silent], RULES, TEMPLATES, STAFF, TODAY)
        names, both = tuple(kind.id for kind in kinds), ("client-7", "example-retail")
        assert found.trips == (
            Trip("the playbook was never exercised", "kind", both, names, 92, 1380.0),
            Trip("no contact for incidents", "client", ("example-retail",), names, 46, 690.0),
        )

    def test_a_house_without_clients_has_no_rows_and_scores_nothing(self) -> None:
        found = coverage([KIND], [], RULES, TEMPLATES, STAFF, TODAY)
        assert (found.rows, found.trips, found.score) == ((), (), 0)
