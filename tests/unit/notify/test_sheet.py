"""The deadline sheet on paper: what it says, what it leaves out, and that it needs nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

from notify.sheet import Sheet, render_sheet
from notify.wall_view import ClockRow, Wall

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ROW = ClockRow(
    incident="INC-2026-0001", case_ref="A", rule="EU-GDPR-33-1", title="Notify the authority",
    citation="GDPR, art 33(1)", recipient="data-protection authority", stage="initial", state="owed",
    standing="on_track", anchor_at=NOW, due_at=NOW + timedelta(hours=72), legal_due_at=None, met_at=None,
    delayed_until=None, left="3 d left", policy=False, stub=False, evidence="P-H", place="DE",
    zone="Asia/Manila", explanation="counted", no_number="", why="the name Example Retail Ltd stands here",
    started_by="", used=None, tzdata="2026.1", holidays="0.86",
)  # fmt: skip


class Tags(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def page(*rows: ClockRow, **more: Any) -> str:
    given = {"incident": "INC-2026-0001", "is_exercise": False, "state": "open", "now": NOW, "entry": 41}
    return render_sheet(Sheet((Wall(rows=rows, **(given | more)),), "Europe/Berlin", NOW))


def test_each_clock_has_a_box_its_times_and_room_to_sign() -> None:
    told = page(ROW, replace(ROW, rule="CONTRACT", case_ref="B"))
    assert told.count('<td class="box"><span></span></td>') == 2
    assert told.count('<td class="sign"></td>') == 2
    for words in ("Thu 26 Nov 2026 09:30Z", "Thu 26 Nov 17:30 Asia/Manila", "Thu 26 Nov 10:30 Europe/Berlin"):
        assert words in told
    assert "case B" in told


def test_it_says_when_it_was_made_from_which_entry_and_by_which_data() -> None:
    told = page(ROW)
    assert "As of Mon 23 Nov 2026 09:30Z" in told
    assert "entry 41 of its timeline" in told
    assert '<meta name="entry" content="INC-2026-0001 41">' in told
    assert "time zones 2026.1; holidays 0.86" in told


def test_it_fetches_nothing_and_says_so_to_the_browser() -> None:
    tags = Tags(page(ROW))
    assert not {"script", "img", "link", "iframe"} & set(tags.names)
    assert not [value for name, value in tags.attributes if name in ("src", "href")]
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in tags.attributes
    assert "url(" not in page(ROW)


def test_it_has_no_reason_that_people_wrote() -> None:
    assert "Example Retail" not in page(ROW)


def test_what_has_no_deadline_what_is_done_and_what_the_client_owes_stand_apart() -> None:
    told = page(
        ROW,
        replace(ROW, due_at=None, left="", no_number="nobody has stated classified_at yet"),
        replace(ROW, rule="OURS-MET", state="met", standing="met", met_at=NOW),
        replace(ROW, rule="THEIRS", started_by="our notice", used=timedelta(hours=12)),
        replace(ROW, rule="LATER", started_by="our notice", due_at=None, no_number="it starts when we tell"),
        replace(ROW, rule="MAYBE", state="presumed"),
    )
    at = [
        told.index(words)
        for words in (
            "Presumed: they run until", "MAYBE", "No deadline yet", "Nobody has stated classified_at yet",
            "own clocks: they owe these, not we", "THEIRS", "we have used 12 h",
            "Not started, it starts when we tell: LATER", "Done, or not owed",
            "Met Mon 23 Nov 2026 09:30Z: OURS-MET",
        )
    ]  # fmt: skip
    assert at == sorted(at)


def test_overdue_exercise_and_closed_are_said_aloud() -> None:
    told = page(replace(ROW, standing="overdue"), is_exercise=True, state="closed")
    assert re.search(r'class="loud">OVERDUE<', told)
    assert "EXERCISE, not a real incident" in told
    assert "This incident is closed" in told


def test_a_hostile_title_is_inert() -> None:
    told = page(replace(ROW, title="<script>alert(1)</script>\x1b[31m\u202e"))
    assert "&lt;script&gt;" in told
    assert not {"\x1b", "\u202e"} & set(told)
