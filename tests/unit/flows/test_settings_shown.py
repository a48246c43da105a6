"""Settings reach tracebacks and logs by their repr: no secret stands in it."""

from __future__ import annotations

from flows.settings import Settings

SECRETS = {
    "SEVENTYTWO_DATABASE_URL": "postgresql://u:hidden@db.example/x",
    "SEVENTYTWO_EVIDENCE": "s3://key:hidden@bucket/x",
    "PREFECT_API_AUTH_STRING": "admin:hidden",
    "SEVENTYTWO_SLACK_TOKEN": "xoxb-hidden",
    "SEVENTYTWO_SLACK_APP_TOKEN": "xapp-hidden",
    "SEVENTYTWO_SLACK_SIGNING_SECRET": "hidden",
    "SEVENTYTWO_SMTP_URL": "smtp://u:hidden@mail.example:587",
}


def test_no_secret_is_shown() -> None:
    settings = Settings.from_env(SECRETS)
    assert settings.smtp_url == SECRETS["SEVENTYTWO_SMTP_URL"]
    assert "hidden" not in repr(settings)
