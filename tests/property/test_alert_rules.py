"""Laws of the rules for alerts: bounded, the same in any order, and blind to what an alert smuggles in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.alerts.choosing import UNCLASSIFIED
from playbooks.alerts.correlation import KEYS_OF_A_RULE, KEYS_OF_AN_ALERT
from playbooks.alerts.matching import compile_match, match_faults
from playbooks.alerts.rules import load_alert_rules
from playbooks.alerts.view import AlertView, Category, DataHint, Severity, Status
from playbooks.condition_reader import LONGEST
from playbooks.errors import ConditionFault
from playbooks.library import load_playbooks

RULES = load_alert_rules()
LIBRARY = load_playbooks()
HOSTILE = [
    "{{ 7*7 }}", "=cmd|' /C calc'!A0", "\x1b]0;x\x07", "<script>", "<!channel>", "root", "-", "*", "", " ",
    "Agent-17", "AGENT-17 ", "İstanbul", "ß", "\u202e", "'; DROP TABLE alert", "\\", "a" * 5_000,
]  # fmt: skip

texts = st.sampled_from(HOSTILE) | st.text(max_size=20)
several = st.lists(texts, max_size=30).map(tuple)
alerts = st.builds(
    AlertView,
    source=texts,
    kind=texts,
    title=texts | st.sampled_from(["Bulk access", "Upload blocked", "USB stick", "leaver copies data"]),
    category=st.sampled_from(get_args(Category)),
    severity=st.sampled_from(get_args(Severity)),
    status=st.sampled_from(get_args(Status)),
    accounts=several,
    hosts=several,
    addresses=several,
    domains=several,
    clients=several,
    data_hints=st.lists(st.sampled_from(get_args(DataHint)), unique=True).map(tuple),
    playbook=st.sampled_from(["", *LIBRARY]),
)
RANK = list(reversed(get_args(Severity)))


@given(alerts, st.randoms(use_true_random=False))
def test_the_order_and_the_number_of_mentions_change_nothing(one: AlertView, chance: Any) -> None:
    mixed: dict[str, Any] = {}
    for name in ("accounts", "hosts", "addresses", "domains", "clients", "data_hints"):
        values = [*getattr(one, name), *getattr(one, name)[:2]]
        chance.shuffle(values)
        mixed[name] = tuple(values)
    other = replace(one, **mixed)
    assert RULES.grouping(other) == RULES.grouping(one)
    assert RULES.choose(other) == RULES.choose(one)


@given(alerts)
def test_keys_are_bounded_distinct_folded_and_never_blank(one: AlertView) -> None:
    found = RULES.grouping(one).keys
    assert len(found) == len(set(found)) <= KEYS_OF_AN_ALERT
    for rule in {key.rule for key in found}:
        assert sum(key.rule == rule for key in found) <= KEYS_OF_A_RULE
    for key in found:
        assert all(value and value == value.strip().casefold().strip() for value in key.values)


@given(alerts)
def test_an_alert_is_not_grouped_by_names_that_everybody_has(one: AlertView) -> None:
    common = {"same-account": {"root", "system", "-"}, "same-host": {"localhost", "-"}}
    assert not any(common.get(key.rule, set()) & set(key.values) for key in RULES.grouping(one).keys)


@given(alerts, st.sampled_from(["", *LIBRARY]))
def test_a_choice_exists_has_a_reason_and_never_lowers_what_the_tool_says(
    one: AlertView, of_source: str
) -> None:
    found = RULES.choose(one, of_source)
    assert found.playbook in LIBRARY
    assert found.why
    assert not of_source or found.playbook == of_source
    assert RANK.index(found.severity) >= RANK.index(one.severity)


@given(alerts)
def test_an_alert_accuses_nobody_and_calls_nothing_an_outflow_by_default(one: AlertView) -> None:
    playbook = RULES.choose(one).playbook
    assert not LIBRARY[playbook].restricted
    if playbook == "data-exfiltration":
        assert one.category in ("data_loss", "data_access")
    if RULES.choose(one).why.startswith("no rule matches"):
        assert playbook == UNCLASSIFIED


@given(st.text(max_size=200) | st.text(alphabet="()\"' \\andorit=[]", max_size=LONGEST + 5), alerts)
def test_any_text_is_a_condition_or_refused_with_its_mend(text: str, one: AlertView) -> None:
    if match_faults(text):
        with pytest.raises(ConditionFault) as refused:
            compile_match(text)
        assert refused.value.mend
    else:
        assert compile_match(text)(one) in (True, False)


@given(texts.filter(lambda text: text.isprintable() and text.strip() and "'" not in text and len(text) < 150))
def test_a_text_between_quotes_is_found_in_the_title_that_holds_it(text: str) -> None:
    title = f"before {text.strip()} after"
    assert compile_match(f"'{text}' in title")(AlertView("s", "k", title=title))
    assert compile_match(f"'{text}' in accounts")(AlertView("s", "k", accounts=(text.upper().lower(), text)))
