from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from playbooks.clocks import due
from playbooks.rulebook import load_rules

pytestmark = pytest.mark.shared_data

READINGS = {"conservative": "due_at", "legal": "legal_due_at"}


def shared_rows() -> list[dict[str, Any]]:
    """The study's rows about 33(1) that this product shows; contested readings are no number of ours."""
    shared = os.environ.get("SEVENTYTWO_SHARED")
    if not shared:
        pytest.skip("SEVENTYTWO_SHARED is not set: the worked deadlines of the study are not at hand")
    vectors = json.loads((Path(shared) / "law" / "vectors.json").read_text("utf-8"))["vectors"]
    rows = [row for vector in vectors for row in vector["rows"]]
    return [row for row in rows if row["rule"] == "EU-GDPR-33-1" and row["reading"] in READINGS]


def test_every_worked_deadline_of_art_33_1_holds() -> None:
    """Every place in these rows lies whole hours from UTC, so the zone's name decides nothing."""
    rule = next(rule for rule in load_rules().values() if rule.id == "EU-GDPR-33-1")
    rows = shared_rows()
    assert len(rows) >= 16
    for row in rows:
        computed = due(rule, datetime.fromisoformat(row["input"]))
        assert getattr(computed, READINGS[row["reading"]]) == datetime.fromisoformat(row["due_utc"]), row
