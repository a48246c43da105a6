"""Real payloads of real tools, where SEVENTYTWO_SHARED names their folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flows.intake.claims import UNTITLED
from flows.intake.kinds import read_claims
from playbooks.errors import PayloadFault

ALERTS = Path(os.environ.get("SEVENTYTWO_SHARED", "/nowhere"), "data", "alerts")
FOLDERS = {"alertmanager": "alertmanager", "aws-guardduty": "guardduty"}
REFUSED = {"aws-guardduty/8.json": "detail.id"}  # an envelope without a finding

pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not ALERTS.is_dir(), reason="real payloads are not read: SEVENTYTWO_SHARED is unset"),
]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_real_payload_is_read_or_refused_by_field(folder: str) -> None:
    files = sorted(ALERTS.joinpath(folder).glob("*.json"))
    assert files
    for file in files:
        fault = REFUSED.get(f"{folder}/{file.name}")
        if fault:
            with pytest.raises(PayloadFault) as refused:
                read_claims(FOLDERS[folder], file.read_bytes())
            assert refused.value.which == fault
            continue
        found = read_claims(FOLDERS[folder], file.read_bytes()).claims
        assert found, file
        assert all(one.title != UNTITLED for one in found), file
