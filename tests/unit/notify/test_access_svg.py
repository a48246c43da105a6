"""Access drawn: well-formed, inert, and true to the numbers it is given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from notify.access_picture import AccessPicture, Bar, Mark, Series
from notify.access_svg import HEIGHT, SERIES, access_svg

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOSTILE = "</svg><script>x</script>\"' onload=x & \x1b[31m\u202e \x00"
SVG = "{http://www.w3.org/2000/svg}"


def picture(label: str = "ours") -> AccessPicture:
    return AccessPicture(
        title=label,
        start=START,
        step=HOUR,
        steps=4,
        series=(Series(label, ((0, 10), (3, 5))), Series("theirs", ((0, 10),))),
        marks=(Mark(START, label),),
        bars=(Bar(label, 10, 1_000, label), Bar("theirs", 3, None, "3 or more")),
    )


def rectangles(given: AccessPicture, colour: str) -> list[dict[str, str]]:
    root = ET.fromstring(str(access_svg(given)))
    return [dict(one.attrib) for one in root.iter(f"{SVG}rect") if one.get("fill") == colour]


def test_hostile_words_stay_words() -> None:
    svg = access_svg(picture(HOSTILE))
    root = ET.fromstring(str(svg))
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg",
        "title",
        "text",
        "line",
        "rect",
        "path",
    }
    assert not [name for one in root.iter() for name in one.attrib if name.startswith("on")]
    assert not {"\x1b", "\u202e", "\x00"} & set(svg)


def test_columns_are_as_high_as_their_share_and_stand_on_one_another() -> None:
    first, later = (one for one in rectangles(picture(), SERIES[0]) if "rx" not in one)
    (above,) = (one for one in rectangles(picture(), SERIES[1]) if "rx" not in one)
    assert float(first["height"]) == HEIGHT / 2
    assert float(later["height"]) == HEIGHT / 4
    assert float(above["y"]) + float(above["height"]) == pytest.approx(float(first["y"]))


def test_a_range_is_drawn_from_its_lower_to_its_upper_count() -> None:
    bars = [one for one in rectangles(picture(), SERIES[0]) if one.get("rx") == "2" and one["height"] == "13"]
    pale, full = (float(one["width"]) for one in bars)
    assert 0 < full < pale


def test_a_picture_of_one_moment_is_drawn() -> None:
    bare = AccessPicture("x", START, HOUR, 1, (), (), ())
    ET.fromstring(str(access_svg(bare)))
