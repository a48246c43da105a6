"""The small pure parts of the desk: sessions, throttle, words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flows.desk import words
from flows.desk.rendering import environment
from flows.desk.sessions import LENGTH, from_cookie, new_session, to_cookie
from flows.desk.throttle import Throttle
from store.seal import Keyring

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEYS = Keyring([bytes(32)])


def test_a_session_lasts_fifteen_minutes_and_not_an_instant_longer() -> None:
    cookie = to_cookie(KEYS, new_session(7, NOW))
    held = from_cookie(KEYS, cookie, NOW + LENGTH - timedelta(seconds=1))
    assert held is not None
    assert held.responder_id == 7
    assert from_cookie(KEYS, cookie, NOW + LENGTH) is None


@pytest.mark.parametrize("cookie", [None, "", "x", "AAAA", "é", "A" * 9000])
def test_a_cookie_that_is_not_ours_is_no_session(cookie: str | None) -> None:
    assert from_cookie(KEYS, cookie, NOW) is None


def test_another_houses_cookie_is_no_session() -> None:
    cookie = to_cookie(Keyring([bytes([1]) * 32]), new_session(7, NOW))
    assert from_cookie(KEYS, cookie, NOW) is None


def test_an_address_waits_after_its_tries_and_others_do_not() -> None:
    throttle = Throttle(tries=2, within=timedelta(seconds=60))
    assert [throttle.wait("a", NOW).total_seconds() for _ in range(3)] == [0, 0, 60]
    assert throttle.wait("b", NOW) == timedelta(0)
    assert throttle.wait("a", NOW + timedelta(seconds=60)) == timedelta(0)


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (timedelta(seconds=20), "under a minute left"),
        (timedelta(minutes=5), "5 min left"),
        (timedelta(hours=3, minutes=5), "3 h 5 min left"),
        (timedelta(hours=2), "2 h left"),
        (timedelta(days=2, hours=4, minutes=9), "2 d 4 h left"),
        (timedelta(minutes=-90), "over by 1 h 30 min"),
    ],
)
def test_time_left_is_told_in_its_two_largest_units(span: timedelta, told: str) -> None:
    assert words.left_words(NOW + span, NOW) == told


def test_facts_are_told_in_the_words_of_the_dictionary() -> None:
    assert words.fact_words("personal_data", True) == "yes"
    assert words.fact_words("source_kind", "mistake") == "A mistake without intent"
    assert words.fact_words("aware_at", "2026-03-02T12:00:00+00:00") == "02 Mar 2026 12:00Z"
    assert words.fact_words("retired_long_ago", ["a", "b"]) == "a, b"


def test_a_template_makes_every_string_inert() -> None:
    hostile = "<b>\x1b[31m\u202e{{ 7*7 }}"
    assert environment().from_string("{{ it }}").render(it=hostile) == "&lt;b&gt;{{ 7*7 }}"
