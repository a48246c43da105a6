"""Each kind of message renders within Slack's limits, is marked as exercise, and says the same everywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify.kinds import KINDS, MessageFault, check_fields
from notify.render import instant, render, render_bare, render_terminal, span
from playbooks.errors import InstantFault
from tests.fakes.slack_rules import ALL_TEXT_LIMIT, block_faults, texts_of

DUE = "2026-11-20T14:05:00+00:00"
COMMON = {"ref": "INC-2026-0007", "exercise": False, "link": "https://desk.example/q/12"}
QUESTION = {
    "title": "Confirm the alert",
    "role": "commander",
    "due_at": DUE,
    "link": "https://desk.example/q/12",
}
LEFT = {"recipient": "client controller", "rule": "CONTRACT", "due_at": DUE, "left": 90, "threshold": "1h"}
OVER = {"recipient": "data subjects", "rule": "EU-GDPR-34", "due_at": DUE, "over": 90, "case": "B"}
PERSON = {"handle": "ana", "slack_id": "U012AB3CD"}
VALUES: dict[str, Any] = {
    "on_duty": [PERSON], "next_people": [PERSON], "lines": ["Phase contain"], "day": "22 Nov 2026",
    "changes": [{"role": "commander", "before": [PERSON], "after": []}],
    "sections": [{"head": "Open", "lines": ["INC-2026-0007"], "more": 2}],
    "clocks": [OVER, LEFT],
    "questions": [QUESTION], "due_at": DUE, "at": DUE, "last_at": DUE, "left": 64_800, "over": 90,
    "silent_for": 75, "threshold": "75", "met": 3, "total": 4, "count": 2, "round": 2,
    "until": DUE, "window": 3, "clients": 2, "told": 1, "held": 4, "opened": 2,
    "since": DUE, "elsewhere": 3,
}  # fmt: skip


def sample(kind: str, **given: Any) -> dict[str, Any]:
    """Every field of a kind, with plausible values unless given."""
    names = KINDS[kind].needs | KINDS[kind].may
    return {name: VALUES.get(name, f"some {name}") for name in names} | COMMON | given


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_template_and_renders_with_and_without_its_optional_fields(kind: str) -> None:
    full = sample(kind)
    bare = {name: full[name] for name in KINDS[kind].needs} | {"ref": "INC-2026-0007", "exercise": False}
    for fields in (full, bare):
        check_fields(kind, fields)
        message = render(kind, fields)
        assert not block_faults(list(message.blocks))
        assert "None" not in message.text + message.plain
        assert "INC-2026-0007" in message.text
        assert "\n" not in message.plain


def test_no_template_is_without_a_kind() -> None:
    names = {entry.name.removesuffix(".j2") for entry in (files("notify") / "templates/slack").iterdir()}
    assert names == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_an_exercise_is_marked_wherever_it_is_read(kind: str) -> None:
    message = render(kind, sample(kind, exercise=True))
    assert message.text.startswith("[EXERCISE INC-2026-0007]")
    assert message.plain.startswith("[EXERCISE INC-2026-0007]")
    assert "EXERCISE - not a real incident" in texts_of(list(message.blocks))[-1]
    assert render_terminal(kind, sample(kind, exercise=True)).startswith("[EXERCISE INC-2026-0007]")


def test_a_clock_warning_reads_well_in_slack_and_in_a_terminal() -> None:
    told = {"recipient": "the supervisory authority", "rule": "EU-GDPR-33-1", "to_role": None}
    fields = sample("clock_warning", **told)
    message = render("clock_warning", fields)
    assert message.text == "[INC-2026-0007] *18 h 0 min left* to tell the supervisory authority"
    assert render_terminal("clock_warning", fields) == (
        "[INC-2026-0007] 18 h 0 min left to tell the supervisory authority\n"
        "  Due 20 Nov 2026 14:05 UTC; 75 % of the time has passed\n"
        "  Rule EU-GDPR-33-1"
    )


def test_clocks_that_warn_together_are_listed_and_the_overdue_ask_for_reasons() -> None:
    shown = render_terminal("clock_digest", sample("clock_digest", to_role="approver"))
    assert shown == (
        "[INC-2026-0007] 2 clocks run out, for approver\n"
        "  The duty stands where it is overdue: tell them now, and give the reasons for the delay.\n"
        "  • data subjects (EU-GDPR-34, case B): 2 min overdue since 20 Nov 2026 14:05 UTC\n"
        "  • client controller (CONTRACT): 2 min left, due 20 Nov 2026 14:05 UTC"
    )
    assert "reasons" not in render_terminal("clock_digest", sample("clock_digest", clocks=[LEFT]))


def test_slack_makes_no_link_of_a_bare_word() -> None:
    blocks = str(render("note", sample("note")).blocks)
    assert blocks.count("'type': 'mrkdwn'") == blocks.count("'verbatim': True") > 0


def test_a_question_links_to_the_desk() -> None:
    message = render("question_opened", sample("question_opened", title="Disable the account", role="it"))
    assert "<https://desk.example/q/12|Disable the account>" in message.text


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_hostile_and_long_values_stay_within_the_limits_and_inert(kind: str, data: st.DataObject) -> None:
    nasty = st.sampled_from(
        ["<!channel>", "&" * 5000, "*_~`" * 900, "{{ 7*7 }}", "\x1b[2J", "\u202e", "x" * 9000]
    )
    free = [name for name in KINDS[kind].needs | KINDS[kind].may if name not in VALUES]
    given_fields: dict[str, Any] = {name: data.draw(nasty) for name in free}
    if "questions" in KINDS[kind].needs:
        given_fields["questions"] = [QUESTION | {"title": data.draw(nasty), "role": data.draw(nasty)}] * 60
    if "clocks" in KINDS[kind].needs:
        given_fields["clocks"] = [OVER | {"recipient": data.draw(nasty), "rule": data.draw(nasty)}] * 60
    message = render(kind, sample(kind, **given_fields))
    shown = texts_of(list(message.blocks))
    assert not block_faults(list(message.blocks))
    assert sum(map(len, shown)) <= ALL_TEXT_LIMIT
    assert len(message.text) < 4000
    for part in (*shown, message.text):
        assert "`" not in part
        assert "<!" not in part
    for part in (*shown, message.text, message.plain):
        assert not {"\x1b", "\u202e"} & set(part)
        assert "49" not in part


@pytest.mark.parametrize("name", ["text", "ref", "exercise"])
def test_a_missing_field_is_named(name: str) -> None:
    fields = sample("note")
    del fields[name]
    with pytest.raises(MessageFault, match=f"give {name}"):
        render("note", fields)


def test_an_unknown_kind_and_a_foreign_field_are_refused_where_messages_are_queued() -> None:
    with pytest.raises(MessageFault, match="no such kind"):
        check_fields("gossip", COMMON)
    with pytest.raises(MessageFault, match="client_name"):
        check_fields("note", sample("note", client_name="Example Retail Ltd"))


def test_a_foreign_field_is_never_shown() -> None:
    assert "Retail" not in str(render("note", sample("note", client_name="Example Retail Ltd")))


def test_a_field_of_the_wrong_shape_is_a_fault_of_ours() -> None:
    with pytest.raises(MessageFault):
        render("incident_opened", sample("incident_opened", questions=7))


def test_a_bare_message_says_where_to_read_on() -> None:
    assert "clock\uff3fwarning" not in render_bare("clock_warning", "INC-2026-0007", exercise=False).text
    assert "read the details on the desk" in render_bare("x", "INC-2026-0007", exercise=True).text


def test_an_instant_is_shown_in_utc_and_needs_its_offset() -> None:
    assert instant("2026-11-20T16:05:00+02:00") == "20 Nov 2026 14:05 UTC"
    assert instant(datetime(2026, 11, 20, 14, 5, tzinfo=UTC)) == "20 Nov 2026 14:05 UTC"
    for wrong in ("2026-11-20T16:05:00", "soon"):
        with pytest.raises(InstantFault):
            instant(wrong)


def test_spans_are_said_as_people_say_them() -> None:
    assert [span(value) for value in (30, 3600, 180_000, timedelta(minutes=45), -60, "a while")] == [
        "0 min", "1 h 0 min", "2 d 2 h", "45 min", "1 min", "a while",
    ]  # fmt: skip


def test_whoever_is_on_duty_is_mentioned_by_a_member_id_and_by_nothing_else() -> None:
    fields = sample("question_reminder", over=True, next_role=None)
    assert "<@U012AB3CD> (ana): please answer it" in str(render("question_reminder", fields).blocks)
    assert "U012AB3CD" not in render_terminal("question_reminder", fields)
    for foreign in ("U1", "u012ab3cd", "U012AB3CD> <!channel", "U012AB3CD\n", "", None, 7):
        told = [{"handle": "<!here>", "slack_id": foreign}]
        shown = str(render("question_reminder", fields | {"on_duty": told}).blocks)
        assert "<@" not in shown
        assert "<!" not in shown


def test_nobody_on_duty_is_said_with_the_next_of_the_ladder() -> None:
    fields = sample("question_reminder", over=None, left=5400, on_duty=[], next_role="approver", role="it")
    assert render_terminal("question_reminder", fields | {"title": "Disable the account"}) == (
        "[INC-2026-0007] Reminder for it: Disable the account\n"
        "  1 h 30 min left, due 20 Nov 2026 14:05 UTC\n"
        "  Nobody is on duty for it; next on the ladder is approver: ana"
    )


def test_a_digest_shows_ten_of_each_kind_and_says_how_many_more() -> None:
    sections = [
        {"head": "Open incidents", "lines": [f"INC-2026-{number:04}" for number in range(10)], "more": 3}
    ]
    shown = render_terminal("digest", sample("digest", about="the house", sections=sections)).splitlines()
    assert len(shown) == 1 + 1 + 10 + 1
    assert shown[-1].strip() == "\u2026 and 3 more"
