"""Create every table of the store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.triggers import guard_timeline, unguard_timeline

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stand_in", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_handle"), "absence", ["handle"], unique=False)
    op.create_table(
        "accessmark",
        sa.Column("log", sa.String(length=64), nullable=False),
        sa.Column("position", sa.JSON(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("read_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("log", name=op.f("pk_accessmark")),
    )
    op.create_table(
        "channelfreeze",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.String(length=32), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channelfreeze")),
    )
    op.create_index(op.f("ix_channelfreeze_channel"), "channelfreeze", ["channel"], unique=False)
    op.create_table(
        "client",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("our_role", sa.String(length=16), nullable=False),
        sa.Column("jurisdictions", sa.JSON(), nullable=False),
        sa.Column("status", sa.JSON(), nullable=False),
        sa.Column("place", sa.String(length=16), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("hints", sa.LargeBinary(), nullable=True),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("portal_secret", sa.LargeBinary(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("ref", name=op.f("uq_client_ref")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "datasystem",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("clients", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("jurisdictions", sa.JSON(), nullable=False),
        sa.Column("retention", sa.String(length=80), nullable=False),
        sa.Column("log_source", sa.String(length=64), nullable=False),
        sa.Column("notes", sa.LargeBinary(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datasystem")),
        sa.UniqueConstraint("ref", "version", name=op.f("uq_datasystem_ref_version")),
    )
    op.create_table(
        "exercise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("scenario", sa.String(length=64), nullable=False),
        sa.Column("pinned", sa.LargeBinary(), nullable=False),
        sa.Column("playbook", sa.String(length=64), nullable=False),
        sa.Column("playbook_version", sa.String(length=32), nullable=False),
        sa.Column("pace", sa.String(length=8), nullable=False),
        sa.Column("speed", sa.Float(), nullable=False),
        sa.Column("facilitator", sa.String(length=32), nullable=False),
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("scripted", sa.JSON(), nullable=False),
        sa.Column("clients", sa.JSON(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exercise")),
        sa.UniqueConstraint("name", name=op.f("uq_exercise_name")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "intakereply",
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("reply", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("request", name=op.f("pk_intakereply")),
    )
    op.create_index(op.f("ix_intakereply_at"), "intakereply", ["at"], unique=False)
    op.create_table(
        "responder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("clients", sa.JSON(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("code_period", sa.Integer(), nullable=False),
        sa.Column("slack_id", sa.String(length=32), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responder")),
        sa.UniqueConstraint("handle", name=op.f("uq_responder_handle")),
    )
    op.create_table(
        "roster",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("imported_by", sa.String(length=32), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster")),
        sa.UniqueConstraint("version", name=op.f("uq_roster_version")),
    )
    op.create_table(
        "timeline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("case_ref", sa.String(length=4), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("canonical", sa.String(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_timeline_chain_seq")),
    )
    op.create_table(
        "clocksegment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exercise_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("wall_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("incident_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["exercise_id"], ["exercise.id"], name=op.f("fk_clocksegment_exercise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clocksegment")),
        sa.UniqueConstraint("exercise_id", "seq", name=op.f("uq_clocksegment_exercise_id_seq")),
    )
    op.create_index(op.f("ix_clocksegment_exercise_id"), "clocksegment", ["exercise_id"], unique=False)
    op.create_table(
        "codeuse",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("responder_id", sa.Integer(), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("used_for", sa.String(length=120), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["responder_id"], ["responder.id"], name=op.f("fk_codeuse_responder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codeuse")),
        sa.UniqueConstraint("responder_id", "counter", name=op.f("uq_codeuse_responder_id_counter")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_contact_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_client_id"), "contact", ["client_id"], unique=False)
    op.create_table(
        "contractterm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Float(), nullable=True),
        sa.Column("starts", sa.String(length=32), nullable=False),
        sa.Column("citation", sa.String(length=200), nullable=False),
        sa.Column("window", sa.JSON(), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_contractterm_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contractterm")),
    )
    op.create_index(op.f("ix_contractterm_client_id"), "contractterm", ["client_id"], unique=False)
    op.create_table(
        "hotwash",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exercise_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["exercise_id"], ["exercise.id"], name=op.f("fk_hotwash_exercise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotwash")),
    )
    op.create_index(op.f("ix_hotwash_exercise_id"), "hotwash", ["exercise_id"], unique=False)
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("pending", sa.String(length=8), nullable=False),
        sa.Column("playbook", sa.String(length=64), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("exercise_id", sa.Integer(), nullable=True),
        sa.Column("previous_id", sa.Integer(), nullable=True),
        sa.Column("into_id", sa.Integer(), nullable=True),
        sa.Column("split_from_id", sa.Integer(), nullable=True),
        sa.Column("message_sequence", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["exercise_id"], ["exercise.id"], name=op.f("fk_incident_exercise_id")),
        sa.ForeignKeyConstraint(["into_id"], ["incident.id"], name=op.f("fk_incident_into_id")),
        sa.ForeignKeyConstraint(["previous_id"], ["incident.id"], name=op.f("fk_incident_previous_id")),
        sa.ForeignKeyConstraint(["split_from_id"], ["incident.id"], name=op.f("fk_incident_split_from_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("ref", name=op.f("uq_incident_ref")),
    )
    op.create_index(op.f("ix_incident_into_id"), "incident", ["into_id"], unique=False)
    op.create_index(op.f("ix_incident_pending"), "incident", ["pending"], unique=False)
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("auth", sa.String(length=16), nullable=False),
        sa.Column("playbook", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("exercise_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_source_client_id")),
        sa.ForeignKeyConstraint(["exercise_id"], ["exercise.id"], name=op.f("fk_source_exercise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("name", name=op.f("uq_source_name")),
    )
    op.create_table(
        "actionitem",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=24), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_actionitem_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actionitem")),
        sa.UniqueConstraint("ref", name=op.f("uq_actionitem_ref")),
    )
    op.create_index(op.f("ix_actionitem_incident_id"), "actionitem", ["incident_id"], unique=False)
    op.create_table(
        "alertgroup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("alerts", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_alertgroup_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alertgroup")),
        sa.UniqueConstraint("digest", name=op.f("uq_alertgroup_digest")),
    )
    op.create_table(
        "alertwindow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("match", sa.LargeBinary(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_alertwindow_client_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_alertwindow_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alertwindow")),
    )
    op.create_table(
        "brief",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_brief_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief")),
        sa.UniqueConstraint("incident_id", "channel", name=op.f("uq_brief_incident_id_channel")),
    )
    op.create_index(op.f("ix_brief_incident_id"), "brief", ["incident_id"], unique=False)
    op.create_table(
        "case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=4), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_case_client_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_case_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("incident_id", "client_id", name=op.f("uq_case_incident_id_client_id")),
        sa.UniqueConstraint("incident_id", "ref", name=op.f("uq_case_incident_id_ref")),
    )
    op.create_index(op.f("ix_case_client_id"), "case", ["client_id"], unique=False)
    op.create_table(
        "exclusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_exclusion_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
        sa.UniqueConstraint("incident_id", "handle", name=op.f("uq_exclusion_incident_id_handle")),
    )
    op.create_index(op.f("ix_exclusion_incident_id"), "exclusion", ["incident_id"], unique=False)
    op.create_table(
        "hypothesis",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source_kind", sa.String(length=24), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("opened_by", sa.String(length=32), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_hypothesis_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hypothesis")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_hypothesis_incident_id_number")),
    )
    op.create_index(op.f("ix_hypothesis_incident_id"), "hypothesis", ["incident_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("elsewhere", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_message_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("incident_id", "sequence", name=op.f("uq_message_incident_id_sequence")),
        sa.UniqueConstraint("key", name=op.f("uq_message_key")),
    )
    op.create_index(
        "ix_message_due",
        "message",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('queued', 'sending', 'unknown')"),
    )
    op.create_index(op.f("ix_message_edited_at"), "message", ["edited_at"], unique=False)
    op.create_index(
        "ix_message_line",
        "message",
        ["incident_id", "channel", "sequence"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('queued', 'sending', 'unknown')"),
    )
    op.create_table(
        "obligation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sa.String(length=4), nullable=False),
        sa.Column("rule_id", sa.String(length=64), nullable=False),
        sa.Column("rule_version", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("citation", sa.String(length=200), nullable=False),
        sa.Column("recipient", sa.String(length=32), nullable=False),
        sa.Column("addressee", sa.String(length=80), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("policy", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("anchor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("legal_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_reason", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("delayed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delay_basis", sa.LargeBinary(), nullable=False),
        sa.Column("rests_on", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_obligation_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation")),
        sa.UniqueConstraint(
            "incident_id", "case_ref", "rule_id", name=op.f("uq_obligation_incident_id_case_ref_rule_id")
        ),
    )
    op.create_index(op.f("ix_obligation_incident_id"), "obligation", ["incident_id"], unique=False)
    op.create_table(
        "observable",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=80), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_observable_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observable")),
        sa.UniqueConstraint(
            "incident_id", "kind", "digest", name=op.f("uq_observable_incident_id_kind_digest")
        ),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_observable_incident_id_number")),
    )
    op.create_index(op.f("ix_observable_incident_id"), "observable", ["incident_id"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=300), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_quarantine_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_table(
        "reconstruction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("window_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("rows_read", sa.BigInteger(), nullable=False),
        sa.Column("rows_broken", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_reconstruction_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconstruction")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_reconstruction_incident_id_number")),
    )
    op.create_index(op.f("ix_reconstruction_incident_id"), "reconstruction", ["incident_id"], unique=False)
    op.create_table(
        "sourcekey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_sourcekey_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sourcekey")),
    )
    op.create_index(op.f("ix_sourcekey_source_id"), "sourcekey", ["source_id"], unique=False)
    op.create_table(
        "step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sa.String(length=4), nullable=False),
        sa.Column("step_id", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("added", sa.LargeBinary(), nullable=False),
        sa.Column("addressee", sa.String(length=80), nullable=True),
        sa.Column("rests_on", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_step_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint(
            "incident_id",
            "case_ref",
            "step_id",
            "round",
            name=op.f("uq_step_incident_id_case_ref_step_id_round"),
        ),
    )
    op.create_index(op.f("ix_step_incident_id"), "step", ["incident_id"], unique=False)
    op.create_table(
        "warning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.String(length=8), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_warning_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning")),
        sa.UniqueConstraint("subject", "seq", "threshold", name=op.f("uq_warning_subject_seq_threshold")),
    )
    op.create_index(op.f("ix_warning_due_at"), "warning", ["due_at"], unique=False)
    op.create_index(op.f("ix_warning_incident_id"), "warning", ["incident_id"], unique=False)
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("reading", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("clients", sa.String(), nullable=False),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("window_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["alertgroup.id"], name=op.f("fk_alert_group_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_alert_incident_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_alert_source_id")),
        sa.ForeignKeyConstraint(["window_id"], ["alertwindow.id"], name=op.f("fk_alert_window_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("source_id", "fingerprint", name=op.f("uq_alert_source_id_fingerprint")),
    )
    op.create_index(
        "ix_alert_group_id",
        "alert",
        ["group_id"],
        unique=False,
        sqlite_where=sa.text("group_id IS NOT NULL"),
        postgresql_where=sa.text("group_id IS NOT NULL"),
    )
    op.create_index(
        "ix_alert_incident_id",
        "alert",
        ["incident_id"],
        unique=False,
        sqlite_where=sa.text("incident_id IS NOT NULL"),
        postgresql_where=sa.text("incident_id IS NOT NULL"),
    )
    op.create_index(
        "ix_alert_window_id",
        "alert",
        ["window_id"],
        unique=False,
        sqlite_where=sa.text("window_id IS NOT NULL"),
        postgresql_where=sa.text("window_id IS NOT NULL"),
    )
    op.create_table(
        "clockentry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("obligation_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("counting", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=16), nullable=False),
        sa.Column("anchor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("legal_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("explanation", sa.String(length=1000), nullable=False),
        sa.Column("rule_version", sa.String(length=16), nullable=False),
        sa.Column("tzdata", sa.String(length=16), nullable=False),
        sa.Column("holidays", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["obligation_id"], ["obligation.id"], name=op.f("fk_clockentry_obligation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clockentry")),
        sa.UniqueConstraint("obligation_id", "seq", name=op.f("uq_clockentry_obligation_id_seq")),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("case_ref", sa.String(length=4), nullable=False),
        sa.Column("step_row_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("origin", sa.LargeBinary(), nullable=False),
        sa.Column("tool", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("stored", sa.String(length=128), nullable=False),
        sa.Column("custodian", sa.String(length=32), nullable=False),
        sa.Column("collected_by", sa.String(length=32), nullable=False),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("disposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_evidence_incident_id")),
        sa.ForeignKeyConstraint(["step_row_id"], ["step.id"], name=op.f("fk_evidence_step_row_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_evidence_incident_id_number")),
    )
    op.create_index(op.f("ix_evidence_incident_id"), "evidence", ["incident_id"], unique=False)
    op.create_table(
        "fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("basis", sa.String(length=120), nullable=False),
        sa.Column("asserted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_fact_case_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_fact_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
    )
    op.create_index(op.f("ix_fact_incident_id"), "fact", ["incident_id"], unique=False)
    op.create_table(
        "hypothesisnote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hypothesis_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("speaks", sa.String(length=8), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("evidence", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["hypothesis_id"], ["hypothesis.id"], name=op.f("fk_hypothesisnote_hypothesis_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hypothesisnote")),
        sa.UniqueConstraint("hypothesis_id", "seq", name=op.f("uq_hypothesisnote_hypothesis_id_seq")),
    )
    op.create_index(
        op.f("ix_hypothesisnote_hypothesis_id"), "hypothesisnote", ["hypothesis_id"], unique=False
    )
    op.create_table(
        "inject",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exercise_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("step_row_id", sa.Integer(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["exercise_id"], ["exercise.id"], name=op.f("fk_inject_exercise_id")),
        sa.ForeignKeyConstraint(["step_row_id"], ["step.id"], name=op.f("fk_inject_step_row_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inject")),
        sa.UniqueConstraint("exercise_id", "key", name=op.f("uq_inject_exercise_id_key")),
    )
    op.create_index(op.f("ix_inject_exercise_id"), "inject", ["exercise_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("step_row_id", sa.Integer(), nullable=False),
        sa.Column("obligations", sa.JSON(), nullable=False),
        sa.Column("case_ref", sa.String(length=4), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=12), nullable=False),
        sa.Column("previous_id", sa.Integer(), nullable=True),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("findings", sa.LargeBinary(), nullable=True),
        sa.Column("is_privileged", sa.Boolean(), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("ways", sa.LargeBinary(), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("drafted_by", sa.String(length=32), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_notice_incident_id")),
        sa.ForeignKeyConstraint(["previous_id"], ["notice.id"], name=op.f("fk_notice_previous_id")),
        sa.ForeignKeyConstraint(["step_row_id"], ["step.id"], name=op.f("fk_notice_step_row_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("step_row_id", "version", name=op.f("uq_notice_step_row_id_version")),
    )
    op.create_index(op.f("ix_notice_incident_id"), "notice", ["incident_id"], unique=False)
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=24), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("step_row_id", sa.Integer(), nullable=True),
        sa.Column("case_ref", sa.String(length=4), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("assignee", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("fault", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("excluded", sa.JSON(), nullable=False),
        sa.Column("escalations", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rescued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_question_incident_id")),
        sa.ForeignKeyConstraint(["step_row_id"], ["step.id"], name=op.f("fk_question_step_row_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("ref", name=op.f("uq_question_ref")),
    )
    op.create_index(op.f("ix_question_incident_id"), "question", ["incident_id"], unique=False)
    op.create_index(op.f("ix_question_run_id"), "question", ["run_id"], unique=False)
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("fault", sa.LargeBinary(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_answer_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint("question_id", "attempt", name=op.f("uq_answer_question_id_attempt")),
    )
    op.create_index(op.f("ix_answer_question_id"), "answer", ["question_id"], unique=False)
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_approval_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("question_id", name=op.f("uq_approval_question_id")),
    )
    op.create_table(
        "channelact",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("responder_id", sa.Integer(), nullable=True),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=24), nullable=False),
        sa.Column("outcome", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_channelact_incident_id")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_channelact_question_id")),
        sa.ForeignKeyConstraint(["responder_id"], ["responder.id"], name=op.f("fk_channelact_responder_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_channelact")),
    )
    op.create_index(op.f("ix_channelact_at"), "channelact", ["at"], unique=False)
    op.create_index(op.f("ix_channelact_incident_id"), "channelact", ["incident_id"], unique=False)
    op.create_index(op.f("ix_channelact_question_id"), "channelact", ["question_id"], unique=False)
    op.create_table(
        "custody",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("to", sa.String(length=80), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_custody_evidence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody")),
        sa.UniqueConstraint("evidence_id", "seq", name=op.f("uq_custody_evidence_id_seq")),
    )
    op.create_index(op.f("ix_custody_evidence_id"), "custody", ["evidence_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("external_id", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.LargeBinary(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_delivery_incident_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_delivery_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("key", name=op.f("uq_delivery_key")),
        sa.UniqueConstraint("notice_id", "position", name=op.f("uq_delivery_notice_id_position")),
    )
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('queued', 'sending', 'unknown')"),
    )
    op.create_index(op.f("ix_delivery_incident_id"), "delivery", ["incident_id"], unique=False)
    op.create_index(op.f("ix_delivery_notice_id"), "delivery", ["notice_id"], unique=False)
    op.create_index(op.f("ix_delivery_silent_at"), "delivery", ["silent_at"], unique=False)
    op.create_index(op.f("ix_delivery_token"), "delivery", ["token"], unique=False)
    op.create_table(
        "noticedocument",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_noticedocument_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_noticedocument")),
        sa.UniqueConstraint("notice_id", "kind", name=op.f("uq_noticedocument_notice_id_kind")),
    )
    op.create_table(
        "snooze",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_snooze_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snooze")),
        sa.UniqueConstraint("question_id", "handle", name=op.f("uq_snooze_question_id_handle")),
    )
    guard_timeline(op.get_bind())


def downgrade() -> None:
    unguard_timeline(op.get_bind())
    op.drop_table("snooze")
    op.drop_table("noticedocument")
    op.drop_index(op.f("ix_delivery_token"), table_name="delivery")
    op.drop_index(op.f("ix_delivery_silent_at"), table_name="delivery")
    op.drop_index(op.f("ix_delivery_notice_id"), table_name="delivery")
    op.drop_index(op.f("ix_delivery_incident_id"), table_name="delivery")
    op.drop_index(
        "ix_delivery_due",
        table_name="delivery",
        sqlite_where=sa.text("state IN ('queued', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('queued', 'sending', 'unknown')"),
    )
    op.drop_table("delivery")
    op.drop_index(op.f("ix_custody_evidence_id"), table_name="custody")
    op.drop_table("custody")
    op.drop_index(op.f("ix_channelact_question_id"), table_name="channelact")
    op.drop_index(op.f("ix_channelact_incident_id"), table_name="channelact")
    op.drop_index(op.f("ix_channelact_at"), table_name="channelact")
    op.drop_table("channelact")
    op.drop_table("approval")
    op.drop_index(op.f("ix_answer_question_id"), table_name="answer")
    op.drop_table("answer")
    op.drop_index(op.f("ix_question_run_id"), table_name="question")
    op.drop_index(op.f("ix_question_incident_id"), table_name="question")
    op.drop_table("question")
    op.drop_index(op.f("ix_notice_incident_id"), table_name="notice")
    op.drop_table("notice")
    op.drop_index(op.f("ix_inject_exercise_id"), table_name="inject")
    op.drop_table("inject")
    op.drop_index(op.f("ix_hypothesisnote_hypothesis_id"), table_name="hypothesisnote")
    op.drop_table("hypothesisnote")
    op.drop_index(op.f("ix_fact_incident_id"), table_name="fact")
    op.drop_table("fact")
    op.drop_index(op.f("ix_evidence_incident_id"), table_name="evidence")
    op.drop_table("evidence")
    op.drop_table("clockentry")
    op.drop_index(
        "ix_alert_window_id",
        table_name="alert",
        sqlite_where=sa.text("window_id IS NOT NULL"),
        postgresql_where=sa.text("window_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_alert_incident_id",
        table_name="alert",
        sqlite_where=sa.text("incident_id IS NOT NULL"),
        postgresql_where=sa.text("incident_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_alert_group_id",
        table_name="alert",
        sqlite_where=sa.text("group_id IS NOT NULL"),
        postgresql_where=sa.text("group_id IS NOT NULL"),
    )
    op.drop_table("alert")
    op.drop_index(op.f("ix_warning_incident_id"), table_name="warning")
    op.drop_index(op.f("ix_warning_due_at"), table_name="warning")
    op.drop_table("warning")
    op.drop_index(op.f("ix_step_incident_id"), table_name="step")
    op.drop_table("step")
    op.drop_index(op.f("ix_sourcekey_source_id"), table_name="sourcekey")
    op.drop_table("sourcekey")
    op.drop_index(op.f("ix_reconstruction_incident_id"), table_name="reconstruction")
    op.drop_table("reconstruction")
    op.drop_table("quarantine")
    op.drop_index(op.f("ix_observable_incident_id"), table_name="observable")
    op.drop_table("observable")
    op.drop_index(op.f("ix_obligation_incident_id"), table_name="obligation")
    op.drop_table("obligation")
    op.drop_index(
        "ix_message_line",
        table_name="message",
        sqlite_where=sa.text("state IN ('queued', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('queued', 'sending', 'unknown')"),
    )
    op.drop_index(op.f("ix_message_edited_at"), table_name="message")
    op.drop_index(
        "ix_message_due",
        table_name="message",
        sqlite_where=sa.text("state IN ('queued', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('queued', 'sending', 'unknown')"),
    )
    op.drop_table("message")
    op.drop_index(op.f("ix_hypothesis_incident_id"), table_name="hypothesis")
    op.drop_table("hypothesis")
    op.drop_index(op.f("ix_exclusion_incident_id"), table_name="exclusion")
    op.drop_table("exclusion")
    op.drop_index(op.f("ix_case_client_id"), table_name="case")
    op.drop_table("case")
    op.drop_index(op.f("ix_brief_incident_id"), table_name="brief")
    op.drop_table("brief")
    op.drop_table("alertwindow")
    op.drop_table("alertgroup")
    op.drop_index(op.f("ix_actionitem_incident_id"), table_name="actionitem")
    op.drop_table("actionitem")
    op.drop_table("source")
    op.drop_index(op.f("ix_incident_pending"), table_name="incident")
    op.drop_index(op.f("ix_incident_into_id"), table_name="incident")
    op.drop_table("incident")
    op.drop_index(op.f("ix_hotwash_exercise_id"), table_name="hotwash")
    op.drop_table("hotwash")
    op.drop_index(op.f("ix_contractterm_client_id"), table_name="contractterm")
    op.drop_table("contractterm")
    op.drop_index(op.f("ix_contact_client_id"), table_name="contact")
    op.drop_table("contact")
    op.drop_table("codeuse")
    op.drop_index(op.f("ix_clocksegment_exercise_id"), table_name="clocksegment")
    op.drop_table("clocksegment")
    op.drop_table("timeline")
    op.drop_table("roster")
    op.drop_table("responder")
    op.drop_index(op.f("ix_intakereply_at"), table_name="intakereply")
    op.drop_table("intakereply")
    op.drop_table("heartbeat")
    op.drop_table("exercise")
    op.drop_table("datasystem")
    op.drop_table("counter")
    op.drop_table("client")
    op.drop_index(op.f("ix_channelfreeze_channel"), table_name="channelfreeze")
    op.drop_table("channelfreeze")
    op.drop_table("accessmark")
    op.drop_index(op.f("ix_absence_handle"), table_name="absence")
    op.drop_table("absence")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS timeline_refuse()")
