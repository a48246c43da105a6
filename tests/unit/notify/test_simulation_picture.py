"""A simulation drawn: the same bytes for the same report, and outside words that do nothing."""

from __future__ import annotations

import struct
from typing import Literal
from xml.etree import ElementTree as ET

import pytest

from notify.simulation_picture import Helped, Missed, Picture, Spent, Way, simulation_picture

HOSTILE = "$\\frac{x}$ <script>alert(1)</script> \u202eevil\n" + "long " * 60
KINDS: tuple[Literal["svg", "png"], ...] = ("svg", "png")


def picture(label: str = "the client", *, ways: int = 1, helped: int = 2) -> Picture:
    return Picture(
        title=f"A playbook about {label}",
        missed=[
            Missed(label, 0.28, 0.27, 0.29, policy=False, due=24.0, told=[2.0, 9.0, 30.0], of=4),
            Missed(f"{label} again", 0.0, 0.0, 0.01, policy=True, due=None, told=[], of=4),
        ],
        ways=[Way(label, [Spent(label, 1.0, 20.0, 0.5)])] * ways,
        before=0.4,
        helped=[
            Helped(label, 0.2, -0.22, -0.18, is_sure=True),
            Helped(label, 0.4, -0.01, 0.01, is_sure=False),
        ][:helped],
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_report_gives_the_same_bytes(kind: Literal["svg", "png"]) -> None:
    assert simulation_picture(picture(), kind) == simulation_picture(picture(), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_words_from_outside_are_drawn_and_do_nothing(kind: Literal["svg", "png"]) -> None:
    drawn = simulation_picture(picture(HOSTILE), kind)
    assert b"<script" not in drawn


def test_letters_that_the_typeface_has_not_are_no_fault() -> None:
    assert simulation_picture(picture("\u7d04\u5b9a"), "png")


def test_the_svg_is_whole_and_asks_nothing_of_anybody() -> None:
    drawn = simulation_picture(picture(), "svg").decode()
    root = ET.fromstring(drawn)
    links = [value for one in root.iter() for name, value in one.attrib.items() if name.endswith("href")]
    assert all(link.startswith("#") for link in links)
    assert "date" not in drawn.lower().split("<defs", 1)[0].replace("update", "")


def test_every_part_takes_room_and_an_empty_report_is_drawn() -> None:
    def height(one: Picture) -> int:
        return int(struct.unpack(">II", simulation_picture(one, "png")[16:24])[1])

    assert height(picture(ways=2)) > height(picture(ways=1)) > height(picture(ways=0, helped=0))
    assert height(Picture("Nothing", [])) > 100
