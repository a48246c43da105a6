"""Who may bring an alert: every scheme by known answers, and what a repetition is known by.

The MACs were computed by openssl: printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac key
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from flows.intake.authentication import SCHEMES, Accepted, Denied, Verdict, sign, verify

BODY = b'{"a":1}'
STAMP = "1700000000"
NOW = datetime.fromtimestamp(int(STAMP), UTC)
OF_BODY = "88a67f24bbcdaed0e6c997404bb79a743baf44c6bab2f4c27328e3009d22e342"
OF_BODY_BY_OTHER = "6d5318f92e5561f77c1b686ef4a062a4a6504dcd982edac901b8e395de2db6e4"
KNOWN: Mapping[str, Mapping[str, str]] = {
    "hmac": {
        "X-Seventytwo-Timestamp": STAMP,
        "X-Seventytwo-Signature": "v1=a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03",
    },
    "bearer": {"Authorization": "Bearer key"},
    "basic": {"Authorization": "Basic c2llbTprZXk="},
    "api_key": {"X-Api-Key": "key"},
    "github": {"X-Hub-Signature-256": f"sha256={OF_BODY}"},
    "pagerduty": {"X-PagerDuty-Signature": f"v1={OF_BODY}"},
    "grafana": {
        "X-Grafana-Alerting-Timestamp": STAMP,
        "X-Grafana-Alerting-Signature": "ba2e91a1c006db43265dd2b67e179429a9e29cf81ab88294ad07ec4e03b6c5a3",
    },
    "slack": {
        "X-Slack-Request-Timestamp": STAMP,
        "X-Slack-Signature": "v0=3f00229db66e5b0b7299ad483b6cb6cff2d9bdd12ad57667f525e10266fa6a6b",
    },
    "sentry": {"Sentry-Hook-Signature": OF_BODY},
}
"""What a sender of each scheme adds for the source `siem` with the secret `key`."""
SIGNED = [name for name, scheme in SCHEMES.items() if not scheme.shows_secret]
TIMED = ["hmac", "grafana", "slack"]


def check(
    auth: str,
    given: Mapping[str, str],
    body: bytes = BODY,
    *,
    now: datetime = NOW,
    secrets: tuple[bytes, ...] = (b"key",),
    source: str = "siem",
) -> Verdict:
    headers = {name.lower().encode(): value.encode("utf-8") for name, value in given.items()}
    return verify(source, auth, secrets, headers, body, now=now)


def known_by(verdict: Verdict) -> str | None:
    assert isinstance(verdict, Accepted)
    return verdict.digest


def test_every_scheme_has_a_known_answer() -> None:
    assert set(KNOWN) == set(SCHEMES)


@pytest.mark.parametrize("auth", SCHEMES)
def test_what_independent_code_signed_is_accepted_and_we_sign_alike(auth: str) -> None:
    assert isinstance(check(auth, KNOWN[auth]), Accepted)
    assert SCHEMES[auth].prove("siem", "key", BODY, NOW) == KNOWN[auth]


def test_githubs_own_example_is_accepted() -> None:
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    given = {"X-Hub-Signature-256": signature}
    assert isinstance(
        check("github", given, b"Hello, World!", secrets=(b"It's a Secret to Everybody",)), Accepted
    )


@pytest.mark.parametrize("auth", SCHEMES)
def test_without_proof_or_with_that_of_another_scheme_a_request_is_unsigned(auth: str) -> None:
    assert check(auth, {}) == Denied("unsigned")
    for other in SCHEMES:
        if other != auth:
            assert check(auth, KNOWN[other]) == Denied("unsigned")


@pytest.mark.parametrize("auth", SCHEMES)
def test_another_secret_or_none_at_all_is_wrong(auth: str) -> None:
    assert check(auth, KNOWN[auth], secrets=(b"yek",)) == Denied("wrong")
    assert check(auth, KNOWN[auth], secrets=()) == Denied("wrong")


@pytest.mark.parametrize("auth", SIGNED)
def test_a_changed_body_is_wrong(auth: str) -> None:
    assert check(auth, KNOWN[auth], BODY + b" ") == Denied("wrong")


@pytest.mark.parametrize("auth", SCHEMES)
def test_while_keys_are_rotated_both_count(auth: str) -> None:
    for secrets in ((b"new", b"key"), (b"key", b"new")):
        assert isinstance(check(auth, KNOWN[auth], secrets=secrets), Accepted)


@pytest.mark.parametrize("auth", SIGNED)
@pytest.mark.parametrize("value", ["é", "v1=", "v0=é", "sha256=", ",,,", "v1=,v1=", "0" * 64, "\x00"])
def test_a_signature_that_is_none_is_wrong_and_no_fault(auth: str, value: str) -> None:
    given = {name: value if "signature" in name.lower() else text for name, text in KNOWN[auth].items()}
    assert check(auth, given) == Denied("wrong")


@pytest.mark.parametrize("auth", ["hmac", "github", "pagerduty", "slack"])
def test_a_signature_without_its_version_is_wrong(auth: str) -> None:
    given = {name: text.partition("=")[2] or text for name, text in KNOWN[auth].items()}
    assert check(auth, given) == Denied("wrong")


@pytest.mark.parametrize("auth", TIMED)
def test_a_timestamp_is_signed_with_the_body(auth: str) -> None:
    given = {name: "1700000001" if text == STAMP else text for name, text in KNOWN[auth].items()}
    assert check(auth, given) == Denied("wrong")


@pytest.mark.parametrize("auth", TIMED)
@pytest.mark.parametrize(("seconds", "counts"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_five_minutes_either_way_are_within_the_window(auth: str, seconds: int, *, counts: bool) -> None:
    verdict = check(auth, KNOWN[auth], now=NOW + timedelta(seconds=seconds))
    assert isinstance(verdict, Accepted) if counts else verdict == Denied("stale")


@pytest.mark.parametrize("stamp", ["yesterday", "9" * 400, "\u0661", "-1700000000", "1700000000.0", "1_7"])
def test_a_signed_timestamp_that_is_none_is_stale(stamp: str) -> None:
    signature = sign("key", stamp, BODY)
    given = {"X-Seventytwo-Timestamp": stamp, "X-Seventytwo-Signature": signature}
    assert check("hmac", given) == Denied("stale")


@pytest.mark.parametrize("auth", TIMED)
def test_the_same_signature_is_the_same_request_however_late_it_comes(auth: str) -> None:
    first = known_by(check(auth, KNOWN[auth]))
    assert first
    assert first == known_by(check(auth, KNOWN[auth], now=NOW + timedelta(seconds=9)))
    assert first != known_by(check(auth, KNOWN[auth], source="other"))
    later = SCHEMES[auth].prove("siem", "key", BODY, NOW + timedelta(seconds=1))
    assert first != known_by(check(auth, later))


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ("bearer", "Idempotency-Key"),
        ("basic", "Idempotency-Key"),
        ("api_key", "Idempotency-Key"),
        ("github", "X-GitHub-Delivery"),
        ("sentry", "Request-ID"),
    ],
)
def test_without_a_timestamp_a_request_is_known_by_its_delivery_and_body(auth: str, header: str) -> None:
    def proven(body: bytes, delivery: str) -> Verdict:
        return check(auth, {**SCHEMES[auth].prove("siem", "key", body, NOW), header: delivery}, body)

    assert known_by(check(auth, KNOWN[auth])) is None
    first = known_by(proven(BODY, "one"))
    assert first
    assert first == known_by(proven(BODY, "one"))
    assert first != known_by(proven(BODY, "two"))
    assert first != known_by(proven(b"{}", "one"))


def test_grafana_without_a_timestamp_signs_the_body_and_its_repeat_counts_anew() -> None:
    assert check("grafana", {"X-Grafana-Alerting-Signature": OF_BODY}) == Accepted(None)


def test_grafanas_timestamp_cannot_be_taken_away() -> None:
    without = {"X-Grafana-Alerting-Signature": KNOWN["grafana"]["X-Grafana-Alerting-Signature"]}
    assert check("grafana", without) == Denied("wrong")


def test_grafanas_timestamp_cannot_be_moved_into_the_body() -> None:
    """Else a request once seen proves itself for ever, outside of any window."""
    moved = {"X-Grafana-Alerting-Signature": KNOWN["grafana"]["X-Grafana-Alerting-Signature"]}
    assert check("grafana", moved, STAMP.encode() + b":" + BODY) == Denied("wrong")


def test_pagerduty_signs_by_each_of_its_secrets_and_one_of_ours_must_be_among_them() -> None:
    both = {"X-PagerDuty-Signature": f"v1={OF_BODY_BY_OTHER}, v1={OF_BODY}"}
    assert known_by(check("pagerduty", both)) == known_by(check("pagerduty", KNOWN["pagerduty"]))
    assert isinstance(check("pagerduty", both, secrets=(b"other",)), Accepted)
    many = {"X-PagerDuty-Signature": ",".join([f"v1={OF_BODY_BY_OTHER}"] * 8 + [f"v1={OF_BODY}"])}
    assert check("pagerduty", many) == Denied("wrong")


def test_the_schemes_name_may_be_written_in_any_case() -> None:
    assert isinstance(check("bearer", {"Authorization": "bEARER  key "}), Accepted)
    assert isinstance(check("basic", {"Authorization": "BASIC c2llbTprZXk="}), Accepted)


def test_basic_wants_the_sources_own_name_as_user() -> None:
    assert check("basic", KNOWN["basic"], source="other") == Denied("wrong")
