"""Columns refuse what they cannot hold and give defaults of their own kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from playbooks.errors import SetupFault
from store.engine import make_engine
from store.seal import Keyring, use_keyring
from store.tables import Alert, Client, Quarantine, Question, SourceKey
from store.types import SealedJson, SealedText, canonical
from tests.harness.databases import fixed_keyring
from tests.harness.incidents import NOW


def test_plain_json_columns_start_empty_and_are_not_shared() -> None:
    first, second = (Client(ref=ref, name=ref, imported_at=NOW) for ref in ("a", "b"))
    assert (first.jurisdictions, first.jurisdictions is second.jurisdictions) == ([], False)
    question = Question(ref="Q-1", incident_id=1, kind="step", role="it", title="A step", opened_at=NOW)
    assert question.excluded == []


def test_equal_values_have_one_canonical_text() -> None:
    assert canonical({"b": [1, None], "a": "é"}) == '{"a":"\\u00e9","b":[1,null]}'


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_json_cannot_say_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical({"value": value})


def test_a_hostile_text_comes_back_as_it_was() -> None:
    use_keyring(fixed_keyring())
    hostile = "half a pair \ud800, a zero \x00, *bold*"
    dialect = make_engine("postgresql://nobody@127.0.0.1/none").dialect
    for column in (SealedText("alert.title"), SealedJson("alert.payload")):
        sealed = column.process_bind_param(hostile, dialect)
        assert column.process_result_value(sealed, dialect) == hostile


def test_a_keyring_in_use_may_be_changed() -> None:
    use_keyring(Keyring([bytes(32)]))
    use_keyring(fixed_keyring())
    dialect = make_engine("postgresql://nobody@127.0.0.1/none").dialect
    sealed = SealedText("alert.title").process_bind_param("A title", dialect)
    assert sealed is not None
    assert fixed_keyring().unseal("alert.title", sealed) == b"A title"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_a_database_that_cannot_serve_is_refused(url: str) -> None:
    with pytest.raises(SetupFault, match="sqlite:///"):
        make_engine(url)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupFault, match=r"missing/store\.db"):
        make_engine(f"sqlite:///{tmp_path}/missing/store.db")


def test_the_database_file_is_private_and_so_is_its_log(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.touch(0o644)
    with make_engine(f"sqlite:///{path}").connect() as connection:
        connection.exec_driver_sql("CREATE TABLE x (y)")
        connection.commit()
        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}


def test_what_is_sealed_stands_in_no_rows_repr() -> None:
    """A log line, a traceback or a failed assertion may show a row."""
    key = SourceKey(source_id=1, secret="hidden-word", added_at=NOW)
    body = Quarantine(source_id=1, fault="f", body="hidden-word", received_at=NOW)
    said: dict[str, Any] = {
        "title": "hidden-word",
        "reading": {"a": "hidden-word"},
        "payload": {"a": "hidden-word"},
    }
    alert = Alert.model_construct(source_id=1, **said)
    assert "hidden-word" not in f"{key!r}{key}{body!r}{alert!r}{alert}"
    assert "source_id=1" in repr(key)
