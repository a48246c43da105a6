"""The younger incident closes into the older: clients, facts and earliest anchors go on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlmodel import Session, select

from flows.circle import kept_out, may_know
from flows.clock import wall_now
from flows.deciding import deciding
from flows.describing import describe
from flows.desk.kinship import kinship_shown
from flows.desk.look import Look
from flows.gathering import cases_of
from flows.incidents import merged_into
from flows.law.duties import duties_of
from flows.law.ending import meet_duties
from flows.merging.in_name import merge_in_name
from flows.merging.told import told_before
from flows.vouching import Vouched
from playbooks.errors import Refused, Unreachable
from playbooks.fact_types import Range
from store.chain import Verified
from store.database import Store
from store.scope import Scope
from store.tables import Client, ClockWarning, Incident, Responder
from store.timeline import verify
from tests.harness.matters import (
    Matters,
    alerts_of,
    begin_matters,
    duties,
    entries,
    known,
    questions,
    said,
    states,
)
from tests.harness.sweeps import GRAVE
from tests.harness.walks import OURS, START, THEIRS, Walk

SECRET = "insider-misuse"


@pytest.fixture
def matters(store: Store, tmp_path: Path) -> Matters:
    return begin_matters(store, tmp_path)


def merged(younger: Walk, older: Walk, why: str = "The same account did both.") -> str:
    return younger.command("merge", about=older.ref, reason=why)


def clients(walk: Walk) -> list[str]:
    with walk.house.store.reading() as session:
        cases = cases_of(session, walk.incident(session).id or 0)
        return [session.get_one(Client, case.client_id).ref for case in cases]


def whole(walk: Walk) -> bool:
    with walk.house.store.reading() as session:
        return isinstance(verify(session, walk.ref), Verified)


class TestTheOlder:
    def test_takes_over_the_clients_and_the_earliest_anchors(self, matters: Matters) -> None:
        older = matters.first
        younger = matters.matter(clients=(THEIRS,), aware_at=START - timedelta(hours=5))
        assert not merged(younger, older)
        assert clients(older) == [OURS, THEIRS]
        assert known(older).incident["aware_at"] == START - timedelta(hours=5)
        anchors = {one.anchor_at for one in duties(older) if one.anchor_at and one.state != "not_owed"}
        assert min(anchors) == START - timedelta(hours=5)
        assert whole(older)
        assert whole(younger)

    def test_learns_what_it_did_not_know_from_whoever_said_it(self, matters: Matters) -> None:
        older, younger = matters.first, matters.matter(clients=(THEIRS,))
        states(younger, encrypted=False)
        states(younger, "A", people_affected=4)
        states(older, contained=False)
        states(younger, contained=True)
        assert not merged(younger, older)
        view = known(older)
        assert view.incident["encrypted"] is False
        assert view.cases["B"]["people_affected"] == Range(low=4, high=4)
        assert view.incident["contained"] is False
        assert entries(older, "incident_taken_over")[0]["differing"] == ["contained"]
        assert said(older, "incident_taken_over")[0]["differing"] == "contained"
        stated = [one for one in entries(older, "facts_asserted") if one["basis"].startswith("merged from")]
        assert {one["basis"] for one in stated} == {f"merged from {younger.ref}"}

    def test_takes_no_fact_that_would_end_a_duty_of_its_own(self, matters: Matters) -> None:
        older, younger = matters.first, matters.matter(clients=(THEIRS,))
        states(younger, personal_data=False)
        before = {(one.rule_id, one.case_ref) for one in duties(older) if one.state in ("presumed", "owed")}
        assert not merged(younger, older)
        after = {(one.rule_id, one.case_ref) for one in duties(older) if one.state in ("presumed", "owed")}
        assert before <= after
        assert "personal_data" not in known(older).incident
        assert "personal_data" in entries(older, "incident_taken_over")[0]["differing"]

    def test_tells_what_was_met_there_and_owes_it_still(self, matters: Matters) -> None:
        older, younger = matters.first, matters.matter()
        with deciding(younger.house, younger.ref) as decision:
            met = [one for one in duties_of(decision.session, decision.incident_id) if one.case_ref][:1]
            meet_duties(decision, met, decision.now, "privacy-1", "by telephone")
        rule = met[0].rule_id
        assert not merged(younger, older)
        with older.house.store.reading() as session:
            (told,) = told_before(session, older.incident(session), Scope.whole())
            assert not told_before(session, older.incident(session), Scope.limited([THEIRS]))
        assert (told.incident, told.rule, told.case_ref) == (younger.ref, rule, "A")
        assert entries(older, "incident_taken_over")[0]["met_there"][0]["rule"] == rule
        assert said(older, "incident_taken_over")[0]["told"] == 1
        assert next(one for one in duties(older) if one.rule_id == rule).state in ("presumed", "owed")

    def test_says_in_the_form_of_a_notice_who_was_told_there_already(self, matters: Matters) -> None:
        older, younger = matters.first, matters.matter()
        for walk in (older, younger):
            states(walk, incident_confirmed=True, personal_data=True, encrypted=False, exfiltrated=True)
        with deciding(younger.house, younger.ref) as decision:
            theirs = [
                one
                for one in duties_of(decision.session, decision.incident_id)
                if one.recipient == "client_controller" and one.case_ref
            ]
            meet_duties(decision, theirs, decision.now, "privacy-1", "by telephone")
        assert not merged(younger, older)
        older.facts = GRAVE
        draft = older.to("tell-client")
        with older.house.store.reading() as session:
            text = describe(older.house, session, older.incident(session), draft)
        assert f"told already** in {younger.ref}" in text


class TestTheYounger:
    def test_ends_with_its_questions_steps_and_warnings_and_says_where_it_goes_on(
        self, matters: Matters
    ) -> None:
        older, younger = matters.first, matters.matter(alerts=2)
        kept = alerts_of(younger)
        assert not merged(younger, older)
        assert younger.state == "merged"
        assert {one.state for one in questions(younger)} <= {"answered", "withdrawn"}
        assert not [one for one in duties(younger) if one.state in ("presumed", "owed")]
        with younger.house.store.reading() as session:
            mine = ClockWarning.incident_id == younger.incident(session).id
            waiting = session.exec(select(ClockWarning).where(mine, ClockWarning.state == "waiting")).all()
        assert not waiting
        assert entries(younger, "incident_merged")[0]["into"] == older.ref
        assert said(younger, "incident_merged")[0]["into"] == older.ref
        assert alerts_of(younger) == kept, "no row moves"

    def test_is_merged_once_and_chains_are_followed_to_their_end(self, matters: Matters) -> None:
        first, second, third = matters.first, matters.matter(), matters.matter()
        assert not merged(third, second)
        assert "no such" not in merged(second, first)
        with first.house.store.reading() as session:
            assert merged_into(session, third.incident(session)).ref == first.ref
        fourth = matters.matter()
        assert f"name {first.ref}" in merged(fourth, second)
        assert fourth.state == "open"
        assert not merged(fourth, first)

    def test_of_a_candidate_ends_without_a_plan(self, matters: Matters) -> None:
        older, candidate = matters.first, matters.matter(state="candidate", clients=(THEIRS,))
        assert "needs a reason" in candidate.answer("candidate", "merge", into=older.ref, reason="")
        assert not candidate.answer("candidate", "merge", into=older.ref, reason="The same account.")
        assert candidate.state == "merged"
        assert clients(older) == [OURS, THEIRS]
        assert {one.kind for one in questions(candidate)} == {"candidate"}


class TestTheCircle:
    def test_whoever_is_kept_out_of_either_is_kept_out_of_both(self, matters: Matters) -> None:
        older, younger = matters.first, matters.matter()
        assert not younger.command("exclude", to_whom="it-1", reason="It is about them.")
        assert not older.command("exclude", to_whom="privacy-1", reason="A conflict.")
        assert not merged(younger, older)
        with older.house.store.reading() as session:
            for walk in (older, younger):
                out = kept_out(session, walk.incident(session).id or 0)
                assert out == {"it-1", "privacy-1"}

    def test_what_its_commander_may_not_know_of_is_no_incident_to_them(self, matters: Matters) -> None:
        older, younger = matters.first, matters.matter()
        assert not older.command("exclude", by="commander-2", to_whom="commander-1", reason="A conflict.")
        unknown = younger.command("merge", about="INC-2026-9999", reason="Why not.")
        assert merged(younger, older) == unknown
        assert "no such incident" in unknown
        assert younger.state == "open"

    def test_a_channel_does_not_hear_of_one_that_few_may_know_of(self, matters: Matters) -> None:
        older, younger = matters.first, matters.matter()
        assert not older.command("exclude", to_whom="it-1", reason="It is about them.")
        assert not merged(younger, older)
        assert older.ref not in str(said(younger, "incident_merged"))

    def test_a_restricted_incident_stays_among_the_few(self, matters: Matters) -> None:
        plain, secret = matters.first, matters.matter(playbook=SECRET)
        assert "restricted" in merged(secret, plain)
        other = matters.matter(playbook=SECRET)
        assert not merged(other, secret)
        for walk, knows in ((other, "commander-2"), (secret, "commander-2")):
            assert may_see(walk, knows)
            assert not may_see(walk, "approver-1")

    def test_its_page_is_told_to_whoever_may_know_of_it(self, matters: Matters) -> None:
        secret, plain = matters.matter(playbook=SECRET), matters.matter()
        assert not merged(plain, secret)
        assert secret.ref not in str(entries(plain, "incident_merged") + said(plain, "incident_merged"))
        assert kin(plain, "commander-2") == [("merged into", secret.ref)]
        assert kin(plain, "approver-1") == []
        assert kin(secret, "commander-2") == [("took over", plain.ref)]


class TestAtOnce:
    def test_of_two_who_merge_the_same_one_of_them_does(self, matters: Matters) -> None:
        younger = matters.matter()
        older, by_id = matters.first.ref, commander(matters)

        def act(number: int) -> str:
            by = Vouched("commander-1", by_id, 1_000 + number)
            try:
                merge_in_name(younger.house, younger.ref, older, "One deed.", by, f"c{number}")
            except Refused as refused:
                return str(refused)
            return ""

        with ThreadPoolExecutor(2) as pool:
            told = sorted(pool.map(act, range(2)))
        assert told[0] == ""
        assert "already" in told[1]
        assert len(entries(matters.first, "incident_taken_over")) == 1
        assert whole(matters.first)

    @pytest.mark.parametrize("backend", ["postgresql"])
    def test_two_that_wait_for_each_other_are_not_left_waiting(self, matters: Matters) -> None:
        """A form holds the younger and wants the older, while another holds that and wants the younger."""
        older, younger = matters.first, matters.matter()
        both = Barrier(2, timeout=60)

        def hold(one: Walk, other: Walk) -> str:
            try:
                with one.house.store.deciding(one.ref) as (session, _):
                    both.wait()
                    session.exec(select(Incident).where(Incident.ref == other.ref).with_for_update()).one()
            except Unreachable:
                return "try again"
            return "done"

        with ThreadPoolExecutor(2) as pool:
            told = [pool.submit(hold, older, younger), pool.submit(hold, younger, older)]
            assert sorted(one.result() for one in told) == ["done", "try again"]


def reader_of(session: Session, handle: str) -> Responder:
    return session.exec(select(Responder).where(Responder.handle == handle)).one()


def may_see(walk: Walk, handle: str) -> bool:
    with walk.house.store.reading() as session:
        return may_know(session, walk.incident(session), reader_of(session, handle))


def kin(walk: Walk, handle: str) -> list[tuple[str, str]]:
    with walk.house.store.reading() as session:
        look = Look(session, walk.incident(session), reader_of(session, handle), wall_now())
        return [(line.words, line.ref) for line in kinship_shown(look).lines]


def commander(matters: Matters) -> int:
    with matters.first.house.store.reading() as session:
        return session.exec(select(Responder.id).where(Responder.handle == "commander-1")).one() or 0
