"""The drawn timeline: well-formed, inert, and true to the instants it is given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from notify.timeline_picture import Band, Clock, Dot, Milestone, Picture, Tick
from notify.timeline_svg import GUTTER, RIGHT, timeline_svg

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOSTILE = "</svg><script>x</script>\"' onload=x & \x1b[31m\u202e \x00"
SVG = "{http://www.w3.org/2000/svg}"


def hours(count: float) -> datetime:
    return START + timedelta(hours=count)


def picture(words: str = "Contain") -> Picture:
    clock = Clock(words, words, START, hours(24), hours(30), hours(30), (Tick(hours(12), words),))
    return Picture(
        title=words,
        start=START,
        end=hours(40),
        bands=(Band(words, hours(10), hours(20)),),
        dots=(Dot(words, hours(20), words, refused=False), Dot(words, hours(15), words, refused=True)),
        clocks=(clock,),
        milestones=(Milestone(words, hours(10)),),
    )


def drawn(given: Picture) -> ET.Element:
    return ET.fromstring(str(timeline_svg(given)))


def marks(given: Picture, tag: str) -> list[dict[str, str]]:
    return [dict(found.attrib) for found in drawn(given).iter(f"{SVG}{tag}")]


def test_hostile_words_stay_words() -> None:
    svg = timeline_svg(picture(HOSTILE))
    root = ET.fromstring(str(svg))
    assert {found.tag.removeprefix(SVG) for found in root.iter()} <= {
        "svg", "g", "title", "text", "line", "rect", "circle", "path",
    }  # fmt: skip
    assert not [name for found in root.iter() for name in found.attrib if name.startswith("on")]
    assert not {"\x1b", "\u202e", "\x00"} & set(svg)
    assert "<script>x</script>" in (root.findtext(f"{SVG}title") or "")


def test_an_instant_stands_at_its_share_of_the_width() -> None:
    band = marks(picture(), "rect")[0]
    assert float(band["x"]) == pytest.approx(GUTTER + (RIGHT - GUTTER) / 4, abs=0.1)
    assert float(band["width"]) == pytest.approx((RIGHT - GUTTER) / 4, abs=0.2)


def test_a_clock_met_late_is_drawn_past_its_due_mark() -> None:
    late = [one for one in marks(picture(), "line") if one["stroke"] == "#b3372f"]
    assert [float(late[0]["x1"]), float(late[0]["x2"])] == pytest.approx(
        [GUTTER + (RIGHT - GUTTER) * share for share in (0.6, 0.75)], abs=0.1
    )
    (clock,) = picture().clocks
    in_time = replace(picture(), clocks=(replace(clock, met=hours(20), end=hours(20)),))
    assert not [one for one in marks(in_time, "line") if one["stroke"] == "#b3372f"]


def test_what_lies_outside_the_picture_is_cut_off() -> None:
    early = replace(picture(), end=hours(11))
    assert float(marks(early, "rect")[0]["x"]) + float(marks(early, "rect")[0]["width"]) == pytest.approx(
        RIGHT
    )
    assert marks(early, "circle") == []
    assert marks(early, "path") == []


def test_labels_that_would_overlap_get_rows_of_their_own() -> None:
    crowded = tuple(Milestone(f"a long label {at}", hours(at / 10)) for at in range(4))
    texts = [
        one for one in marks(replace(picture(), milestones=crowded), "text") if one.get("fill") == "#2d5f8b"
    ]
    assert len({one["y"] for one in texts}) == 4


@pytest.mark.parametrize(
    "span", [timedelta(0), timedelta(minutes=3), timedelta(days=9), timedelta(days=4000)]
)
def test_any_span_gets_a_readable_axis(span: timedelta) -> None:
    labels = [one for one in marks(replace(picture(), end=START + span), "text") if "text-anchor" in one]
    assert len(labels) <= 12
    assert labels or span < timedelta(minutes=5)
