"""The kinds of source there are, each an adapter of its own; and which of them a body is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.intake.adapters import (
    alertmanager,
    cloudwatch,
    crowdstrike,
    datadog,
    defender,
    elastalert,
    elastic,
    falco,
    forcepoint_dlp,
    gcp_monitoring,
    gcp_scc,
    generic,
    github,
    grafana,
    graph_security,
    guardduty,
    m365_audit,
    macie,
    ocsf,
    okta,
    opsgenie,
    pagerduty,
    securityhub,
    sentinel,
    sentinelone,
    sentry,
    splunk,
    suricata,
    symantec_dlp,
    sysdig,
    wazuh,
    zeek,
)
from flows.intake.adapters.adapter import Adapter
from flows.intake.body import read_json
from flows.intake.claims import Understood
from flows.intake.mapping_library import shipped_adapters
from playbooks.errors import NotFound, PayloadFault

AUTO = "auto"
"""The kind of a source that several tools post to: each body is recognised by itself."""

CODED: tuple[Adapter, ...] = tuple(
    one.ADAPTER
    for one in (
        alertmanager,
        guardduty,
        cloudwatch,
        grafana,
        macie,
        securityhub,
        gcp_scc,
        gcp_monitoring,
        okta,
        sentinel,
        defender,
        graph_security,
        m365_audit,
        github,
        splunk,
        elastic,
        wazuh,
        crowdstrike,
        sentinelone,
        falco,
        sysdig,
        suricata,
        zeek,
        datadog,
        pagerduty,
        opsgenie,
        sentry,
        ocsf,
        symantec_dlp,
        forcepoint_dlp,
        elastalert,
    )
)
"""The adapters that are code; that of our own watch is not among them, for nobody may post its findings."""

ADAPTERS: Mapping[str, Adapter] = {one.kind: one for one in (*CODED, *shipped_adapters(), generic.ADAPTER)}
"""Every adapter by its kind, in the order in which they are asked; ours last, for it asks for least."""


def recognised(body: Any) -> Adapter | None:
    """The adapter whose tool sent this body, as the body alone tells; None where none recognises it."""
    if generic.is_ours(body):  # the most frequent, and known at a glance
        return generic.ADAPTER
    return next((one for one in ADAPTERS.values() if one.recognises(body)), None)


def read_claims(kind: str, raw: bytes) -> Understood:
    """What a body of that kind of source claims; raises PayloadFault where it is not of its shape."""
    if kind != AUTO and kind not in ADAPTERS:
        raise NotFound("no such kind of source", which=kind, mend=f"use {AUTO}, {', '.join(ADAPTERS)}")
    body = read_json(raw)
    adapter = recognised(body) if kind == AUTO else ADAPTERS[kind]
    if adapter is None:
        raise PayloadFault("no tool is recognised", which="body", mend="name the source's kind, or map it")
    return Understood(adapter.kind, adapter.read(body))
