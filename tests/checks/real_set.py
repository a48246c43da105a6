"""What the real payloads leave wanting, with reasons: the one list for docs/sources.md and the tests."""

from __future__ import annotations

from collections.abc import Mapping

NO_ALERT: Mapping[str, tuple[str, str]] = {
    "elastalert/1": ("body", "fields of the user's own choice, none of which tells the tool"),
    "elastalert/2": ("body", "fields of the user's own choice, none of which tells the tool"),
    "aws-cloudwatch/3": ("Type", "a request to confirm a subscription: somebody opens its address once"),
    "aws-guardduty/8": ("detail.id", "an envelope whose finding is empty"),
    "microsoft-sentinel/2": ("type", "a comment on an incident, as the API returns it"),
}
"""Files in which no alert can be read: the field named when they are refused, and what they are."""

NO_TIME: Mapping[str, str] = {
    "alertmanager/9": "a minimal body without `startsAt`",
    "gcp-scc/13": "a log entry cut out of a test, without `timestamp`",
    **{f"gcp-scc/{n}": "a finding made for a test: `eventTime` is the first instant of 1970" for n in (2, 8)},
    "github/1": "an early form of the secret scanning webhook, without `created_at`",
    "github/2": "an early form of the secret scanning webhook, without `created_at`",
    **{f"grafana-legacy/{n}": "Grafana's legacy alerting sends no time" for n in (1, 2, 4, 5, 6, 7, 8)},
    "newrelic/5": "`createdAt` is before 1970",
    "okta/6": "`published` was replaced by a word when the example was made",
    "opsgenie/14": "`escalationTime` is 0",
    "pagerduty/15": "the first version of the Events API sends no time",
    "zabbix/1": "this media type sends no time: add one to its message",
}
"""Files whose tool states no time that can be one: the time of arrival counts."""
