from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from playbooks.contracts import CONTRACT_RULE, ContractTermView
from playbooks.facts import UNKNOWN, FactValue, FactView
from playbooks.obligations import Change, ObligationView, State, applied, decide_obligations
from playbooks.rulebook import load_rules

REGIMES = ("EU-GDPR", "EU-NIS2", "US-HIPAA")
RULES = tuple(rule for rule in load_rules().values() if rule.id.startswith(REGIMES))
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SETTLED = (State.MET, State.WAIVED)

INSTANTS = st.integers(-100, 0).map(lambda hours: NOW + timedelta(hours=hours))
FACTS: st.SearchStrategy[dict[str, FactValue]] = st.fixed_dictionaries(
    {},
    optional={
        "aware_at": INSTANTS,
        "personal_data": st.sampled_from([True, False, UNKNOWN]),
        "our_role": st.sampled_from(["controller", "processor", UNKNOWN]),
        "our_status": st.sampled_from([frozenset({"none"}), frozenset({"nis2_entity"}), UNKNOWN]),
        "significant_incident": st.sampled_from([True, False, UNKNOWN]),
        "risk": st.sampled_from(["unlikely", "likely", "high", UNKNOWN]),
        "jurisdictions": st.sampled_from(
            [frozenset({"EU"}), frozenset({"US"}), frozenset({"EU", "IN"}), UNKNOWN]
        ),
    },
)
VIEWS = st.builds(FactView, FACTS, st.dictionaries(st.sampled_from("ABC"), FACTS, max_size=3))
TERMS = st.dictionaries(
    st.sampled_from("ABC"),
    st.builds(ContractTermView, st.just("example-retail"), st.sampled_from([4.0, 24.0, 36.0, 72.0])),
)


def decide(
    view: FactView, terms: dict[str, ContractTermView], rows: tuple[ObligationView, ...]
) -> tuple[Change, ...]:
    """Decide over all cases of the view with the shipped rules."""
    return decide_obligations(RULES, terms, view, sorted(view.cases), rows, NOW)


@st.composite
def histories(draw: st.DrawFn) -> tuple[ObligationView, ...]:
    """Rows as some earlier facts left them, some settled since."""
    rows: tuple[ObligationView, ...] = ()
    for _ in range(draw(st.integers(0, 3))):
        rows = applied(rows, decide(draw(VIEWS), draw(TERMS), rows))
        rows = tuple(
            row if draw(st.integers(0, 4)) else settled(row, draw(st.sampled_from(SETTLED))) for row in rows
        )
    return rows


def settled(row: ObligationView, state: State) -> ObligationView:
    """The row met or waived, unless it was never owed."""
    if row.state is State.NOT_OWED:
        return row
    return ObligationView(**{name: getattr(row, name) for name in row.__slots__} | {"state": state})


@given(histories(), VIEWS, TERMS)
def test_applied_changes_lead_to_no_changes(
    rows: tuple[ObligationView, ...], view: FactView, terms: dict[str, ContractTermView]
) -> None:
    after = applied(rows, decide(view, terms, rows))
    assert decide(view, terms, after) == ()


@given(histories(), VIEWS, TERMS)
def test_what_is_settled_stays_settled_and_no_row_is_lost(
    rows: tuple[ObligationView, ...], view: FactView, terms: dict[str, ContractTermView]
) -> None:
    after = {(row.case, row.rule_id): row for row in applied(rows, decide(view, terms, rows))}
    for row in rows:
        assert (row.case, row.rule_id) in after
        if row.state in SETTLED:
            assert after[row.case, row.rule_id].state is row.state


@given(histories(), VIEWS, TERMS)
def test_every_change_differs_from_its_row_and_says_why(
    rows: tuple[ObligationView, ...], view: FactView, terms: dict[str, ContractTermView]
) -> None:
    before = {(row.case, row.rule_id): row for row in rows}
    for change in decide(view, terms, rows):
        assert change.before == before.get((change.case, change.rule_id))
        assert change.why
        assert change.explanation
        (after,) = applied((), [change])
        assert after != change.before


@given(FACTS, TERMS)
def test_to_learn_nothing_never_hides_a_duty(
    facts: dict[str, FactValue], terms: dict[str, ContractTermView]
) -> None:
    """Forgetting a fact can only turn owed into presumed: what is unknown still runs, once started."""
    waiting = {rule.id for rule in RULES if rule.depends_on}
    owed = {change.rule_id for change in decide(FactView({}, {"A": facts}), terms, ())} - waiting
    for name in facts:
        less = {key: value for key, value in facts.items() if key != name}
        kept = {change.rule_id for change in decide(FactView({}, {"A": less}), terms, ())}
        assert owed <= kept


@given(VIEWS, TERMS)
def test_a_policy_target_is_never_later_than_the_contract_beside_it(
    view: FactView, terms: dict[str, ContractTermView]
) -> None:
    changes = decide(view, terms, ())
    limits = {change.case: change.due_at for change in changes if change.rule_id == CONTRACT_RULE}
    for change in changes:
        limit = limits.get(change.case)
        if change.recipient == "client_controller" and change.policy and limit and change.due_at:
            assert change.due_at <= limit
