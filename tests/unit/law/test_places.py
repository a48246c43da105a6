from __future__ import annotations

import pytest

from playbooks.errors import InstantFault, Mend
from playbooks.facts import DICTIONARY
from playbooks.places import UTC_PLACE, Place, place, place_codes, place_of_zone
from playbooks.zones import zone, zone_names

MEMBERS = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO"
STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND"
    " OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR"
)


@pytest.mark.parametrize(
    ("code", "zone_name", "calendar"),
    [
        ("EU", "Europe/Brussels", "EU"),
        ("GB", "Europe/London", "GB-ENG"),
        ("UK", "Europe/London", "GB-ENG"),
        ("US", "America/New_York", "US"),
        ("US-CA", "America/Los_Angeles", "US-CA"),
        ("US-other", "America/New_York", "US"),
        ("CA-QC", "America/Toronto", "CA-QC"),
        ("BR", "America/Sao_Paulo", "BR"),
        ("AU", "Australia/Sydney", "AU"),
        ("DE-BY", "Europe/Berlin", "DE-BY"),
        ("ES-CN", "Atlantic/Canary", "ES-CN"),
        ("CH-ZH", "Europe/Zurich", "CH-ZH"),
        ("PK", "Asia/Karachi", "PK"),
    ],
)
def test_a_code_has_its_zone_and_its_calendar(code: str, zone_name: str, calendar: str) -> None:
    found = place(code)
    assert (found.zone_name, found.calendar) == (zone_name, calendar)


def test_every_jurisdiction_of_the_facts_but_another_one_is_a_place() -> None:
    for choice in DICTIONARY["jurisdictions"].choices:
        if choice.value == "other":
            with pytest.raises(Mend):
                place(choice.value)
        else:
            assert place(choice.value).zone_name in zone_names(), choice.value


def test_every_member_state_and_every_state_of_the_united_states_is_a_place() -> None:
    codes = {*MEMBERS.split(), *(f"US-{state}" for state in STATES.split())}
    assert codes <= set(place_codes())


def test_every_listed_place_stands_once_and_has_a_zone_that_is_known() -> None:
    assert all(zone(place(code).zone_name) for code in place_codes())
    assert len(place_codes()) == len(set(place_codes()))


@pytest.mark.parametrize(
    ("code", "near"),
    [
        ("US-XX", "US-"),
        ("us-ca", "US-CA"),
        ("DE-XX", "DE"),
        ("", "such as BR"),
        ("../../etc", "such as BR"),
        ("RU", "several zones"),
        ("US-UM", "US-"),
    ],
)
def test_an_unknown_code_is_refused_and_names_what_is_near(code: str, near: str) -> None:
    with pytest.raises(Mend, match=near):
        place(code)


@pytest.mark.parametrize(
    ("zone_name", "country", "calendar"),
    [
        ("Europe/Berlin", "DE", "DE"),
        ("Europe/Oslo", "NO", "NO"),
        ("America/Los_Angeles", "US", "US"),
        ("Europe/London", "GB", "GB-ENG"),
        ("Asia/Calcutta", "IN", "IN"),
        ("US/Eastern", "US", "US"),
        ("Asia/Saigon", "VN", "VN"),
    ],
)
def test_a_zone_lies_in_a_country_and_keeps_its_own_clock(
    zone_name: str, country: str, calendar: str
) -> None:
    assert place_of_zone(zone_name) == Place(country, zone_name, calendar)


def test_a_zone_of_no_country_has_weekends_alone() -> None:
    assert place("UTC") == place_of_zone("UTC") == UTC_PLACE
    assert place_of_zone("Etc/GMT+5") == Place("Etc/GMT+5", "Etc/GMT+5", "")


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(InstantFault, match="unknown time zone"):
        place_of_zone("Europe/Atlantis")


def test_every_zone_finds_its_place_or_none() -> None:
    countries = {place_of_zone(name).name for name in zone_names()}
    assert {"DE", "BR", "IN", "US"} <= countries
