"""What is told of a log: counts exact or said not to be, bulk downloads, hours, confidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.review.access import access_view
from playbooks.fact_types import Range
from playbooks.forensics.accesses import Access
from playbooks.forensics.bulk import BulkRule
from playbooks.forensics.hours import Rosters, WorkingHours
from playbooks.forensics.reading import Reading
from playbooks.forensics.reconstruction import Bounds, Fold
from playbooks.forensics.result import Result
from playbooks.forensics.scope import House, MappedSystem, propose
from playbooks.forensics.summary import summarise

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WINDOW = (NOON - timedelta(days=1), NOON + timedelta(days=1))
DAY_SHIFT = WorkingHours("Europe/Berlin", frozenset(range(5)), timedelta(hours=8), timedelta(hours=17))
NIGHT_SHIFT = WorkingHours("Asia/Manila", frozenset({0}), timedelta(hours=22), timedelta(hours=6))
ACCESSES = st.lists(
    st.builds(
        Access,
        at=st.integers(0, 100_000).map(lambda second: NOON + timedelta(seconds=second)),
        account=st.sampled_from(["anna", "ben", "ANNA"]),
        client=st.sampled_from(["ours", "theirs", ""]),
        system=st.sampled_from(["crm", "mail"]),
        record=st.sampled_from(["", *"abcdefgh"]),
        records=st.integers(0, 3),
    )
)


def folded(accesses: Sequence[Access], bounds: Bounds | None = None, rule: BulkRule | None = None) -> Fold:
    fold = Fold(
        {"crm": rule or BulkRule()}, {"crm": Rosters(DAY_SHIFT, {"Ben": NIGHT_SHIFT})}, bounds or Bounds()
    )
    for access in accesses:
        fold.add(access)
    return fold


def reading(**more: object) -> Reading:
    made = Reading("log", "crm", *WINDOW, rows=100, in_window=100)
    made.hours = set(range(int(WINDOW[0].timestamp()) // 3600, int(WINDOW[1].timestamp()) // 3600))
    for name, value in more.items():
        setattr(made, name, value)
    return made


def told(accesses: Sequence[Access], *readings: Reading, bounds: Bounds | None = None) -> Result:
    return summarise(folded(accesses, bounds), readings or (reading(),), WINDOW, None)


def access(record: str = "a", **more: object) -> Access:
    return Access(NOON, "anna", "ours", "crm", record)._replace(**more)  # type: ignore[arg-type] # by name


@given(ACCESSES)
def test_order_changes_nothing(accesses: list[Access]) -> None:
    forth, back = told(accesses), told(accesses[::-1])
    lines = [
        {line.model_copy(update={"account": line.account.lower()}) for line in one.lines}
        for one in (forth, back)
    ]
    assert lines[0] == lines[1]
    assert forth.clients == back.clients
    assert forth.hours == back.hours


@given(ACCESSES)
def test_the_true_number_of_records_lies_within_the_range(accesses: list[Access]) -> None:
    named: dict[str, set[tuple[str, str]]] = defaultdict(set)
    rows = defaultdict(int)
    for one in accesses:
        rows[one.client] += 1
        if one.record:
            named[one.client].add((one.system, one.record))
    for line in told(accesses).clients:
        assert line.accesses == rows[line.client]
        assert line.records.high is not None
        assert len(named[line.client]) <= line.records.high
        if not line.unnamed_rows:
            assert line.records == Range(low=len(named[line.client]), high=len(named[line.client]))


@given(ACCESSES)
def test_a_result_survives_its_keeping(accesses: list[Access]) -> None:
    result = told(accesses)
    assert Result.model_validate_json(result.model_dump_json()) == result


def test_two_accounts_that_touch_one_record_touched_one_record() -> None:
    (line,) = told([access(), access(account="ben")]).clients
    assert (line.records, line.accounts) == (Range(low=1, high=1), 2)


def test_rows_that_name_no_record_make_a_range() -> None:
    (line,) = told([access("a"), access("b"), access("", records=40)]).clients
    assert line.records == Range(low=40, high=42)


def test_past_its_bound_a_count_is_a_lower_bound() -> None:
    many = [access(f"r{n}") for n in range(50)]
    result = told(many, bounds=Bounds(records_of_group=10))
    (line,) = result.clients
    assert (line.records, line.is_exact) == (Range(low=10, high=50), False)
    assert any("lower counts are bounds" in finding for finding in result.findings)
    others = told([access(account=f"a{n}") for n in range(50)], bounds=Bounds(groups=10))
    assert others.left_out == 40
    assert any(finding.startswith("40 accesses belong to accounts past") for finding in others.findings)


def test_a_bulk_download_says_what_was_expected_and_seen() -> None:
    rows = [access(f"r{n}", bytes=10) for n in range(4)]
    fold = folded(rows, rule=BulkRule(records=3, bytes=39))
    (group,) = fold.groups.values()
    assert [one.told for one in group.downloads] == [
        "expected at most 3 records, seen 4", "expected at most 39 bytes, seen 40",
    ]  # fmt: skip
    assert (group.downloads[0].since, group.downloads[0].until) == (NOON, NOON + timedelta(hours=1))
    assert not folded(rows, rule=BulkRule(records=4)).groups[group.key].downloads


@pytest.mark.parametrize(
    ("account", "at", "late"),
    [
        ("anna", datetime(2026, 3, 2, 7, 0, tzinfo=UTC), False),  # Monday 08:00 in Berlin
        ("anna", datetime(2026, 3, 2, 6, 59, tzinfo=UTC), True),
        ("anna", datetime(2026, 3, 7, 12, 0, tzinfo=UTC), True),  # a Saturday
        ("anna", datetime(2026, 3, 30, 6, 30, tzinfo=UTC), False),  # clocks went forward the day before
        ("BEN", datetime(2026, 3, 2, 14, 0, tzinfo=UTC), False),  # Monday 22:00 in Manila
        ("ben", datetime(2026, 3, 2, 21, 59, tzinfo=UTC), False),  # Tuesday 05:59: Monday's shift
        ("ben", datetime(2026, 3, 3, 14, 0, tzinfo=UTC), True),  # Tuesday's is none
    ],
)
def test_hours_are_the_persons_own_by_their_own_clocks(account: str, at: datetime, *, late: bool) -> None:
    (line,) = told([access(account=account, at=at)]).lines
    assert line.share_after_hours == float(late)


def test_whose_hours_nobody_knows_has_no_share() -> None:
    (line,) = told([access(system="mail")]).lines
    assert line.share_after_hours is None


@pytest.mark.parametrize(
    ("more", "confidence", "why"),
    [
        ({}, "high", "every record is named"),
        ({"broken": 1, "rows": 1_000}, "medium", "a few rows of log cannot be read"),
        ({"broken": 5}, "low", "5% of log cannot be read"),
        ({"naive": 3}, "medium", "zone was taken for granted"),
        ({"hours": set()}, "low", "gaps in log"),
        ({"missing": ["a.csv could not be read"]}, "low", "parts of log were not read"),
    ],
)
def test_confidence_follows_from_how_the_log_was_read(
    more: dict[str, object], confidence: str, why: str
) -> None:
    house = House(systems=(MappedSystem(ref="crm", clients=("ours",), log_source="log"),), clients=("ours",))
    proposal = propose(1, told([access()], reading(**more)), house)
    assert proposal.clients[0].confidence == confidence
    assert why in proposal.clients[0].why[0]


def test_what_the_map_and_the_log_do_not_agree_on_is_a_finding() -> None:
    house = House(
        systems=(MappedSystem(ref="payroll", clients=("ours",), categories=("employment",)),),
        clients=("ours", "theirs"),
        cases={"ours": "A"},
    )
    rows = [access(), access(client="theirs"), access(client="stranger"), access(client="")]
    proposal = propose(3, told(rows), house)
    assert set(proposal.findings) >= {
        "the data map does not know the system crm",
        "records of theirs were touched, and it is no case of this incident yet",
        "no client on record, though the log names them: stranger",
        "1 accesses name no client: whose records they touched is unknown",
        "the data map names no access log of payroll: what happened there is unknown",
        "no log of payroll was read, which holds data of ours",
    }
    assert proposal.new_clients == ("theirs",)
    assert proposal.confidence == "low"
    assert {one.client: one.case for one in proposal.clients}["ours"] == "A"


def test_a_large_download_of_few_records_outlasts_many_quiet_hours() -> None:
    rule = BulkRule(500, 1_000)
    rows = [access(at=NOON, bytes=1_000_000)]
    rows += [access(at=NOON + timedelta(hours=hour), records=9, bytes=1) for hour in range(1, 100)]
    (group,) = folded(rows, rule=rule).groups.values()
    assert [(one.of, one.seen) for one in group.downloads] == [("bytes", 1_000_000)]


def test_what_one_account_takes_of_several_clients_together_is_a_bulk_download_too() -> None:
    rows = [access(client=client, record="", records=300) for client in ("ours", "theirs")]
    found = told(rows)
    assert not [one for line in found.clients for one in line.downloads]
    (finding,) = (one for one in found.findings if "bulk" in one)
    assert "seen 600" in finding
    assert "anna" not in finding
    beside = told(
        [access(client="ours", record="", records=600), access(client="theirs", record="", records=1)]
    )
    assert not [one for one in beside.findings if "bulk" in one], "a client's own download says it already"


def test_a_log_that_says_nothing_in_a_short_period_is_a_finding() -> None:
    result = told(
        [access()],
        reading(),
        reading(source="other", hours=set(), in_window=0, longest_silence=timedelta(days=9)),
    )
    assert "other: the log says nothing of anybody in the whole period" in result.findings


@pytest.mark.parametrize("systems", [(), (MappedSystem(ref="mail", clients=("ours",), log_source="m"),)])
def test_what_is_amiss_with_the_log_of_another_system_that_may_hold_the_clients_data_counts(
    systems: tuple[MappedSystem, ...],
) -> None:
    other = reading(source="m", missing=["no file lies where the source says"], in_window=0, hours=set())
    other.system = "mail"
    crm = MappedSystem(ref="crm", clients=("ours",), log_source="log")
    house = House(systems=(crm, *systems), clients=("ours",))
    (scope,) = propose(1, told([access()], reading(), other), house).clients
    assert scope.confidence == "low"
    assert "parts of m were not read" in scope.why


def test_what_is_amiss_with_a_log_that_holds_other_clients_alone_does_not_count() -> None:
    other = reading(source="m", missing=["x"])
    other.system = "mail"
    mapped = (MappedSystem(ref="crm", clients=("ours",)), MappedSystem(ref="mail", clients=("theirs",)))
    (scope,) = propose(
        1, told([access()], reading(), other), House(systems=mapped, clients=("ours",))
    ).clients
    assert scope.confidence == "high"


def test_why_a_number_is_doubtful_is_told_to_nobody_who_sees_one_client_only() -> None:
    result = told([access()], reading(source="their-own-log", missing=["x"]))
    proposal = propose(1, result, House(clients=("ours",)))
    (whole,) = access_view(1, NOON, result, proposal, None).lines
    (part,) = access_view(1, NOON, result, proposal, ["ours"]).lines
    assert "their-own-log" in str(whole.why)
    assert (part.confidence, part.why) == ("low", ())
