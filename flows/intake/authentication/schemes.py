"""Every way in which a source may prove itself, by its name."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flows.intake.authentication import github, grafana, pagerduty, sentry, tokens
from flows.intake.authentication.stamped import OURS, SLACK
from flows.intake.authentication.verdicts import Headers, Presented, Verdict

NO_SECRET = secrets.token_bytes(32)
"""What a request to an unknown source is compared with, so that it costs the same as a known one."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to prove who sends.

    `verify` checks a request; `prove` makes the headers for a source's name, secret, body and instant.
    """

    name: str
    verify: Callable[[Presented], Verdict]
    prove: Callable[[str, str, bytes, datetime], dict[str, str]]
    shows_secret: bool = False
    """Whether the secret itself travels with each request."""
    tool_makes_secret: bool = False
    """Whether the tool makes the secret, which we are then given."""


SCHEMES: Mapping[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        Scheme("hmac", OURS.verify, OURS.prove),
        Scheme("bearer", tokens.verify_bearer, tokens.prove_bearer, shows_secret=True),
        Scheme("basic", tokens.verify_basic, tokens.prove_basic, shows_secret=True),
        Scheme("api_key", tokens.verify_api_key, tokens.prove_api_key, shows_secret=True),
        Scheme("github", github.verify, github.prove),
        Scheme("pagerduty", pagerduty.verify, pagerduty.prove, tool_makes_secret=True),
        Scheme("grafana", grafana.verify, grafana.prove),
        Scheme("slack", SLACK.verify, SLACK.prove, tool_makes_secret=True),
        Scheme("sentry", sentry.verify, sentry.prove, tool_makes_secret=True),
    )
}


def verify(
    source: str, auth: str, secrets: Sequence[bytes], headers: Headers, body: bytes, *, now: datetime
) -> Verdict:
    """Check a request to a source at wall time `now`, by its scheme and each of its valid secrets."""
    return SCHEMES[auth].verify(Presented(source, secrets, headers, body, now))
