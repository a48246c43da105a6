"""A closed incident becomes a scenario: its course is kept, and nothing that anybody wrote."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, select

from flows.asserting import RECORD
from flows.cli.exercise_replay import replay_
from flows.exercise.replaying import replay, written_out
from flows.house import House
from playbooks.errors import NotFound, Refused, SetupFault
from playbooks.exercises.reading import check_scenario, read_scenario
from playbooks.exercises.scenario import Scenario
from playbooks.exercises.teams import GOOD
from playbooks.facts import DICTIONARY
from playbooks.library import Library, load_playbooks
from playbooks.models import Playbook
from store import tables
from store.database import Store
from store.tables import Absence, Client, Contact, FactRow, Incident, Question, Responder, TimelineEntry
from store.types import SealedJson, SealedText
from tests.harness.databases import SECRET, SqliteFiles, fixed_keyring
from tests.harness.rehearsals import rehearse
from tests.harness.stocks import stock
from tests.harness.walks import CAST, OURS, START, THEIRS, Walk, begin_walk

TITLE = "Export by asmith of Example Retail Ltd from 198.51.100.7"
SAID = "Spoke with Anna Smith, anna.smith@retail.example"
LATER = START + timedelta(days=90)


@pytest.fixture(scope="module")
def past(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """An incident walked to its end, as if it had been in earnest."""
    folder = tmp_path_factory.mktemp("replay")
    store = Store.open(sqlite_files.new(folder), fixed_keyring())
    yield walked(store, folder)
    store.close()


def walked(store: Store, folder: Path) -> Walk:
    walk = begin_walk(store, folder, title=TITLE, alert="An export of 4412 records")
    walk.words = {"confirm-alert": {"explanation": SAID}, "triage": {"people_affected": "2140"}}
    walk.waits = {"triage": timedelta(minutes=40), "disable-account": timedelta(hours=3)}
    with store.writing() as session:
        for ref, host in ((OURS, "retail.example"), (THEIRS, "bank.example")):
            client = session.exec(select(Client).where(Client.ref == ref)).one()
            assert client.id is not None
            address = f"anna.smith@{host}"
            session.add(Contact(client_id=client.id, name="Anna Smith", address=address, channel="email"))
    walk.to("triage")
    with store.writing() as session:
        begins_at, until = walk.now + timedelta(minutes=5), walk.now + timedelta(hours=9)
        session.add(
            Absence(handle="privacy-1", by="commander-1", at=walk.now, begins_at=begins_at, until=until)
        )
    assert not walk.command("state", about="large_scale", value="yes")
    walk.to_the_end()
    with store.writing() as session:
        incident = walk.incident(session)
        incident.kind, incident.exercise_id = "real", None
        session.add(incident)
    return walk


@contextmanager
def undone(store: Store) -> Iterator[Session]:
    """A transaction whose changes are taken back."""
    with store.writing() as session:
        yield session
        session.rollback()


def scenario_of(past: Walk) -> Scenario:
    with past.house.store.reading() as session:
        return replay(past.house, session, past.ref, LATER)


def test_the_course_is_kept(past: Walk) -> None:
    """What was decided, how long it took, and what befell those who worked."""
    scenario = scenario_of(past)
    assert scenario.playbook == "data-exfiltration"
    assert scenario.answers["triage"].after == timedelta(minutes=50), "asked ten minutes before its turn came"
    late = next(one for one in scenario.expected if one.id == "disable-account")
    assert late.decision == "done"
    assert "after its target" in late.speaks_for
    assert "Late then: disable-account" in scenario.facilitator
    assert scenario.answers["triage"].fields["people_affected"] == "2000-2999"
    assert scenario.truth["people_affected"] == "100-199", "as it was known at the end"
    befell = {one.kind: one.role for one in scenario.injects}
    assert befell == {"new_fact": None, "person_unavailable": "privacy"}
    assert next(one for one in scenario.injects if one.facts).facts == {"large_scale": "yes"}
    assert "client_controller" in scenario.obligations.told
    assert len(scenario.clients) == 3
    assert scenario.alert.clients == ("example-client-b",)


def test_it_begins_on_the_same_weekday_at_the_same_hour(past: Walk) -> None:
    with past.house.store.reading() as session:
        began = past.incident(session).opened_at
    starts = scenario_of(past).starts_at
    assert starts == "2026-06-01T12:00Z"
    assert (began.weekday(), began.hour) == (0, 12)


def test_what_is_written_is_read_back_the_same(past: Walk) -> None:
    scenario = scenario_of(past)
    assert read_scenario(written_out(scenario), "again.yaml") == scenario


def test_it_passes_the_check(past: Walk) -> None:
    assert not check_scenario(scenario_of(past), past.house.playbooks)


def test_a_scripted_team_plays_it_to_the_end(past: Walk, sqlite_store: Store, tmp_path: Path) -> None:
    rehearsal = rehearse(sqlite_store, tmp_path, scenario_of(past), GOOD)
    rehearsal.player.play()
    with sqlite_store.reading() as session:
        again = session.exec(select(Incident).where(Incident.ref == rehearsal.ref)).one()
    assert again.state == "closed"


def test_no_name_word_or_address_is_in_it(past: Walk) -> None:
    text = written_out(scenario_of(past))
    for hidden in ("smith", "retail", "bank", "198.51", "4412", "2140", "commander-1", "privacy-1", "spoke"):
        assert hidden not in text.casefold()


def test_what_participants_see_does_not_name_the_incident(past: Walk) -> None:
    """Whoever could look the past incident up would know the end of the story."""
    scenario = scenario_of(past)
    number = past.ref.removeprefix("INC-")
    assert past.ref in scenario.facilitator
    assert number not in written_out(scenario.model_copy(update={"facilitator": "-"}))


def test_what_todays_playbook_asks_otherwise_is_left_out(past: Walk) -> None:
    """It is played by the playbook as it stands today: fields, steps and choices may be gone since then."""
    plan = json.loads(past.house.playbook("data-exfiltration").pinned())
    (triage,) = (step for phase in plan["phases"] for step in phase["steps"] if step["id"] == "triage")
    assert scenario_of(past).answers["triage"].fields
    triage["fields"] = []
    changed = Playbook.from_pinned(json.dumps(plan))
    library = Library({changed.id: (changed,)}, {changed.ref: changed})
    other = stock(House(past.house.settings, past.house.store), library)
    with other.store.reading() as session:
        scenario = replay(other, session, past.ref, LATER)
    assert not check_scenario(scenario, library)


def test_nothing_is_expected_of_a_step_that_what_is_so_does_not_ask(past: Walk) -> None:
    """What was looked into while nothing was known yet is not asked of those who know by then."""
    with undone(past.house.store) as session:
        for row in session.exec(select(FactRow).where(FactRow.name == "source_kind")):
            row.value = {"value": "mistake"}
            session.add(row)
        session.flush()
        scenario = replay(past.house, session, past.ref, LATER)
    assert "restrict-circle" in scenario.answers, "it was answered then, before it was known"
    expected = {one.id for one in scenario.expected}
    assert "triage" in expected
    assert "restrict-circle" not in expected
    assert not [
        one for objective in scenario.objectives for one in objective.measures
        if "restrict-circle" in (one.step, one.expected)
    ]  # fmt: skip


def test_what_was_passed_by_then_is_not_to_be_done_as_fast(past: Walk) -> None:
    with undone(past.house.store) as session:
        for answer in session.exec(select(tables.Answer)):
            answer.decision = "not_applicable"
        scenario = replay(past.house, session, past.ref, LATER)
    assert not any(one.step for objective in scenario.objectives for one in objective.measures)


def test_only_a_closed_real_incident_is_replayed(past: Walk) -> None:
    with past.house.store.reading() as session, pytest.raises(NotFound):
        replay(past.house, session, "INC-2020-9999", LATER)
    reopened = {"state": "open", "closed_at": None}
    for change, words in ((reopened, "closed"), ({"kind": "exercise"}, "exercise")):
        with undone(past.house.store) as session:
            incident = past.incident(session)
            incident.sqlmodel_update(change)
            session.add(incident)
            with pytest.raises(Refused, match=words):
                replay(past.house, session, past.ref, LATER)


def test_the_command_writes_a_file_once(
    past: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEVENTYTWO_DATA", str(past.house.settings.data))
    monkeypatch.setenv("SEVENTYTWO_KEY", base64.b64encode(SECRET).decode())
    monkeypatch.setenv("SEVENTYTWO_DATABASE_URL", past.house.store.engine.url.render_as_string(False))
    out = tmp_path / "again.yaml"
    replay_(past.ref, out=out)
    assert "expected decisions" in capsys.readouterr().out
    assert read_scenario(out.read_text(), out.name).playbook == "data-exfiltration"
    with pytest.raises(SetupFault, match="there already"):
        replay_(past.ref, out=out)
    replay_(past.ref)
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == (out.read_text(), "")
    with past.house.store.writing() as session:
        number = past.incident(session).id or 0
        session.add(tables.Exclusion(incident_id=number, handle="it-1", by="commander-1", at=LATER))
    replay_(past.ref)
    assert "Only a circle may know" in capsys.readouterr().err
    with past.house.store.writing() as session:
        session.delete(session.exec(select(tables.Exclusion)).one())


WORDS = st.text(min_size=1, max_size=40).filter(lambda text: "\0" not in text and text.isprintable())
REFS = {OURS: "w-one", THEIRS: "w-two", "own": "w-three"}
"""Other references for the clients, wherever they stand."""
HANDLES = {handle: f"w-{number}" for number, handle in enumerate(CAST)}
PLAN = load_playbooks().named("data-exfiltration")
KEPT = frozenset(
    {
        *(value for spec in DICTIONARY.values() for value in spec.values),
        *(value for step in PLAN.steps for one in step.fields for value in one.spec.values),
        *("yes", "no", "unknown", "email", "phone", "aware_at", "question", "closed"),
    }
)
"""Values of lists: what may be told."""


@settings(max_examples=6, deadline=None)
@given(words=WORDS)
def test_nothing_that_anybody_wrote_makes_a_difference(past: Walk, words: str) -> None:
    """Every sealed text, and every name, may say what it likes: the scenario stays the same to the letter."""
    before = written_out(scenario_of(past))
    with undone(past.house.store) as session:
        changed = sum(_overwrite(session, table, words) for table in _tables())
        assert changed > 100
        session.flush()
        session.expire_all()
        assert written_out(replay(past.house, session, past.ref, LATER)) == before


def test_every_sealed_column_is_overwritten() -> None:
    """The property above speaks of all sealed columns, of those to come too."""
    sealed = {f"{table.__tablename__}.{column.key}" for table in _tables() for column in _sealed(table)}
    assert {"incident.title", "answer.fields", "fact.value", "contact.address"} <= sealed
    assert len(sealed) > 50


def _tables() -> list[type[SQLModel]]:
    mapped = [one for one in vars(tables).values() if isinstance(one, type) and issubclass(one, SQLModel)]
    return [one for one in mapped if hasattr(one, "__table__") and one is not TimelineEntry]


def _sealed(table: type[SQLModel]) -> list[Any]:
    columns = SQLModel.metadata.tables[str(table.__tablename__)].columns
    return [one for one in columns if isinstance(one.type, SealedText | SealedJson)]


def _overwrite(session: Session, table: type[SQLModel], words: str) -> int:
    """Put other words into what people wrote in the rows of a table; how many values changed."""
    changed = 0
    for row in session.exec(select(table)).all():
        for column in _sealed(table):
            if value := getattr(row, column.key):
                setattr(row, column.key, _scrambled(value, words))
                changed += 1
        match row:
            case Client():
                row.ref = REFS[row.ref]
            case Responder() | Absence():
                row.handle = HANDLES[row.handle]
            case Question():
                row.title = row.assignee = "w"
            case FactRow() if row.author != RECORD:
                row.author = row.basis = "w"
        session.add(row)
    return changed


def _scrambled(value: Any, words: str) -> Any:
    """The same shape, with other words where it is no value of a list, no count and no instant."""
    match value:
        case dict():
            return {name: _scrambled(one, words) for name, one in value.items()}
        case list():
            return [_scrambled(one, words) for one in value]
        case str():
            return REFS.get(value, value if value in KEPT or value[:1].isdigit() else words)
        case plain:
            return plain
