"""Where things are: read once from the environment, never written back."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from playbooks.errors import SetupFault
from playbooks.validity import REACTIONS, PlaybookPolicy, Reaction

_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_PRIVATE = tuple(
    ip_network(each)
    for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
_LONGEST_DAYS = 5
"""Digits: a hundred thousand days and more are for ever."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One process's view of the installation; secrets among it are never printed."""

    data: Path
    database_url: str = field(repr=False)
    key_file: Path
    prefect_url: str
    prefect_ui_url: str
    prefect_auth: str = field(repr=False)
    desk_url: str
    slack_token: str = field(repr=False)
    slack_url: str
    slack_app_token: str = field(repr=False)
    """The app-level token by which Slack's requests come over Socket Mode; none: over signed HTTP, or not."""
    slack_signing_secret: str = field(repr=False)
    channel: str
    exercise_channel: str
    """Where exercises are spoken of, and nowhere else; empty: where their incident says."""
    out_of_band: str
    """Where the responders are told instead, while a channel is held to be compromised."""
    smtp_url: str = field(repr=False)
    """The mail server with its login, smtp:// (STARTTLS) or smtps://; empty: no mail is sent."""
    mail_from: str
    public_url: str
    """The desk as those outside reach it, for one-use links; empty: notices carry none."""
    portal_certificate: Path | None
    """Certificate and key (PEM) that we show to clients' portals."""
    portal_networks: tuple[IPv4Network | IPv6Network, ...]
    """Private networks, such as a VPN, in which clients' portals may stand; none: the world outside alone."""
    digest_at: str | None
    """When the morning digest comes, in our own local time; empty: never, None: as the roster says."""
    organisation: str
    playbook_folders: tuple[Path, ...]
    law_folders: tuple[Path, ...]
    calendar_folders: tuple[Path, ...]
    access_log_folders: tuple[Path, ...]
    access_watch_folders: tuple[Path, ...]
    alert_rule_folders: tuple[Path, ...]
    alert_payload_days: int
    """How many days raw payloads of alerts are kept; 0 for ever."""
    evidence_url: str = field(repr=False)
    """The vault of evidence: a folder, or storage by fsspec URL such as s3://bucket/prefix."""
    playbook_policy: PlaybookPolicy
    place: str
    """Whose zone and calendar count where neither a rule nor a client names a place."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Settings:
        """The settings that the environment names, with the embedded defaults for the rest."""
        data = Path(env.get("SEVENTYTWO_DATA", "data")).absolute()
        prefect_url = env.get("PREFECT_API_URL", "http://127.0.0.1:4200/api").rstrip("/")
        return cls(
            data=data,
            database_url=env.get("SEVENTYTWO_DATABASE_URL", f"sqlite:///{data / 'seventytwo.db'}"),
            key_file=Path(env.get("SEVENTYTWO_KEY_FILE", data / "key")),
            prefect_url=prefect_url,
            prefect_ui_url=env.get("SEVENTYTWO_PREFECT_UI_URL", prefect_url.removesuffix("/api")),
            prefect_auth=env.get("PREFECT_API_AUTH_STRING", ""),
            desk_url=env.get("SEVENTYTWO_DESK_URL", "http://127.0.0.1:7272").rstrip("/"),
            slack_token=env.get("SEVENTYTWO_SLACK_TOKEN", ""),
            slack_url=env.get("SEVENTYTWO_SLACK_URL", "https://slack.com/api/"),
            slack_app_token=env.get("SEVENTYTWO_SLACK_APP_TOKEN", ""),
            slack_signing_secret=env.get("SEVENTYTWO_SLACK_SIGNING_SECRET", ""),
            channel=env.get("SEVENTYTWO_CHANNEL", "#incidents"),
            exercise_channel=env.get("SEVENTYTWO_EXERCISE_CHANNEL", ""),
            out_of_band=env.get("SEVENTYTWO_OUT_OF_BAND", ""),
            smtp_url=env.get("SEVENTYTWO_SMTP_URL", ""),
            mail_from=env.get("SEVENTYTWO_MAIL_FROM", ""),
            public_url=env.get("SEVENTYTWO_PUBLIC_URL", "").rstrip("/"),
            portal_certificate=_file(env, "SEVENTYTWO_PORTAL_CERTIFICATE"),
            portal_networks=_networks(env, "SEVENTYTWO_PORTAL_NETWORKS"),
            digest_at=_time(env, "SEVENTYTWO_DIGEST_AT"),
            organisation=env.get("SEVENTYTWO_ORGANISATION", "Our organisation"),
            playbook_folders=_folders(env, "SEVENTYTWO_PLAYBOOKS"),
            law_folders=_folders(env, "SEVENTYTWO_LAW"),
            calendar_folders=_folders(env, "SEVENTYTWO_CALENDARS"),
            access_log_folders=_folders(env, "SEVENTYTWO_ACCESS_LOGS"),
            access_watch_folders=_folders(env, "SEVENTYTWO_ACCESS_WATCH"),
            alert_rule_folders=_folders(env, "SEVENTYTWO_ALERT_RULES"),
            alert_payload_days=_days(env, "SEVENTYTWO_ALERT_PAYLOAD_DAYS", 90),
            evidence_url=env.get("SEVENTYTWO_EVIDENCE") or str(data / "evidence"),
            playbook_policy=_policy(env),
            place=env.get("SEVENTYTWO_PLACE") or "EU",
        )


def _time(env: Mapping[str, str], name: str) -> str | None:
    said = env.get(name)
    if said and not _TIME.fullmatch(said):
        raise SetupFault(f"{name} is no time of day", which=said, mend="write it as 08:00, or leave it empty")
    return said


def _file(env: Mapping[str, str], name: str) -> Path | None:
    said = env.get(name)
    if said and not Path(said).is_file():
        raise SetupFault(
            f"{name} names a file that is not there", which=said, mend="put it there, or unset it"
        )
    return Path(said) if said else None


def _networks(env: Mapping[str, str], name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks by comma; none of them this machine, its neighbours' wire or a cloud's own addresses."""
    found = []
    for said in filter(None, (part.strip() for part in env.get(name, "").split(","))):
        try:
            network = ip_network(said)
        except ValueError:
            raise SetupFault(f"{name} names no network", which=said, mend="write it as 10.8.0.0/16") from None
        if not any(network.version == one.version and network.subnet_of(one) for one in _PRIVATE):  # type: ignore[arg-type]
            ours = ", ".join(str(one) for one in _PRIVATE)
            raise SetupFault(f"{name} names no private network", which=said, mend=f"one within {ours}")
        found.append(network)
    return tuple(found)


def _days(env: Mapping[str, str], name: str, usual: int) -> int:
    said = env.get(name) or str(usual)
    if not (said.isascii() and said.isdigit() and len(said) <= _LONGEST_DAYS):
        raise SetupFault(f"{name} is no number of days", which=said, mend="a whole number; 0 for ever")
    return int(said)


def _policy(env: Mapping[str, str]) -> PlaybookPolicy:
    """How an expired and an unsigned playbook are met, and whose signatures count."""
    return PlaybookPolicy(
        expired=_reaction(env, "SEVENTYTWO_EXPIRED_PLAYBOOKS", "warn"),
        unsigned=_reaction(env, "SEVENTYTWO_UNSIGNED_PLAYBOOKS", "allow"),
        signers=_folders(env, "SEVENTYTWO_PLAYBOOK_SIGNERS"),
    )


def _reaction(env: Mapping[str, str], name: str, usual: Reaction) -> Reaction:
    said = env.get(name) or usual
    for reaction in REACTIONS:
        if said == reaction:
            return reaction
    raise SetupFault(f"{name} is no reaction", which=said, mend=f"one of {', '.join(REACTIONS)}")


def _folders(env: Mapping[str, str], name: str) -> tuple[Path, ...]:
    folders = tuple(Path(part) for part in env.get(name, "").split(os.pathsep) if part)
    for folder in folders:
        if not folder.is_dir():
            raise SetupFault(f"{name} names a folder that is not there", which=str(folder), mend="create it")
    return folders
