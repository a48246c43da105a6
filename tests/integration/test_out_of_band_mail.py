"""The other way by mail: every responder of it gets every message, whoever's server was busy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flows.clock import wall_now
from notify.delivery.email import EmailWay
from notify.other_way import Mail
from notify.render import SlackMessage
from notify.sending import Dead, Sent, TryLater
from tests.fakes.smtp import FakeSmtp

TO = ("a@house.example", "b@house.example", "c@house.example")
SAID = SlackMessage("x", (), "INC-2026-0001 | opened", "https://desk.example/i/INC-2026-0001")


@pytest.fixture
def smtp() -> Iterator[FakeSmtp]:
    with FakeSmtp() as fake:
        yield fake


@pytest.fixture
def mail(smtp: FakeSmtp) -> Iterator[Mail]:
    made = Mail(EmailWay(smtp.url, "ir@house.example", trust=smtp.trust), "House", TO, wall_now)
    yield made
    made.close()


def post(mail: Mail) -> object:
    return mail.post("(elsewhere)", SAID, thread=None, key="k1")


def got(smtp: FakeSmtp) -> list[str]:
    return sorted(address for one in smtp.taken for address in one.recipients)


def test_each_responder_is_mailed(mail: Mail, smtp: FakeSmtp) -> None:
    assert post(mail) == Sent("k1")
    assert got(smtp) == list(TO)


def test_whoever_was_turned_away_for_now_is_tried_again_and_nobody_else(mail: Mail, smtp: FakeSmtp) -> None:
    smtp.refuse(TO[1], "451 4.7.1 greylisted, come back")
    assert isinstance(post(mail), TryLater)
    smtp.mend()
    assert post(mail) == Sent("k1")
    assert got(smtp) == list(TO)


def test_one_who_is_never_reached_holds_up_nothing_for_long(mail: Mail, smtp: FakeSmtp) -> None:
    smtp.refuse(TO[1], "451 4.7.1 greylisted, come back")
    outcomes = [post(mail) for _ in range(3)]
    assert isinstance(outcomes[0], TryLater)
    assert outcomes[-1] == Sent("k1")
    assert got(smtp) == [TO[0], TO[2]]


def test_where_all_are_refused_it_is_given_up(mail: Mail, smtp: FakeSmtp) -> None:
    for address in TO:
        smtp.refuse(address)
    assert isinstance(post(mail), Dead)


def test_one_wrong_address_gives_up_nothing_while_others_may_be_reached(mail: Mail, smtp: FakeSmtp) -> None:
    smtp.refuse(TO[0])
    for address in TO[1:]:
        smtp.refuse(address, "451 4.7.1 greylisted, come back")
    assert isinstance(post(mail), TryLater)
