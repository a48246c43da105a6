"""Which playbook may open an incident: dates, revocation, signatures, and what an alert gets all the same."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from flows.cli.playbook_versions import sign_
from flows.settings import Settings
from flows.trusting import FALLBACK, Trust
from playbooks.errors import FileFaults, NotFound, Refused, SetupFault
from playbooks.library import load_playbooks
from playbooks.signing import canonical, sign

SMALL = """\
id: small
version: "1"
title: A small playbook
neutral_title: Check
kind: small
valid_from: "2026-01-01"
valid_until: "2026-12-31"
phases:
  - id: detect
    steps:
      - {id: look, title: Look, kind: manual, role: it, target: 30m, instructions: Look closely.}
"""
DURING, AFTER, BEFORE = date(2026, 6, 1), date(2027, 1, 1), date(2025, 12, 31)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "small.yaml").write_text(SMALL, "utf-8")
    return folder


def trust(folder: Path, **env: str) -> Trust:
    settings = Settings.from_env({"SEVENTYTWO_PLAYBOOKS": str(folder), **env})
    return Trust(settings, load_playbooks(settings.playbook_folders))


def key_pair(folder: Path, name: str) -> bytes:
    """Write the public half into the folder of signers; returns the private half."""
    key = Ed25519PrivateKey.generate()
    folder.mkdir(exist_ok=True)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / f"{name}.pem").write_bytes(public)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def signed(folder: Path, key: bytes, name: str = "small") -> Path:
    signature = sign(load_playbooks([folder])[name], key)
    path = folder / "signatures" / f"{signature.playbook}.sig"
    path.parent.mkdir(exist_ok=True)
    path.write_text(signature.as_json(), "utf-8")
    return path


class TestDates:
    def test_within_its_dates_nothing_speaks_against_a_playbook(self, folder: Path) -> None:
        assert trust(folder).for_person("small", DURING).concerns == ()

    @pytest.mark.parametrize(
        ("day", "words"), [(AFTER, "it expired on 2026-12-31"), (BEFORE, "it is valid from 2026-01-01 only")]
    )
    def test_outside_them_it_warns(self, folder: Path, day: date, words: str) -> None:
        chosen = trust(folder).for_person("small", day)
        assert (chosen.playbook.ref, chosen.concerns) == ("small@1", (words,))

    def test_where_the_organisation_says_so_a_person_is_refused(self, folder: Path) -> None:
        strict = trust(folder, SEVENTYTWO_EXPIRED_PLAYBOOKS="refuse")
        with pytest.raises(Refused, match="it expired on 2026-12-31"):
            strict.for_person("small", AFTER)

    def test_an_alert_is_never_refused_it_gets_the_general_playbook(self, folder: Path) -> None:
        chosen = trust(folder, SEVENTYTWO_EXPIRED_PLAYBOOKS="refuse").for_alert("small", AFTER)
        assert chosen.playbook.id == FALLBACK
        assert chosen.concerns == ("small@1: it expired on 2026-12-31",)

    def test_an_alert_whose_playbook_is_gone_gets_the_general_one_too(self, folder: Path) -> None:
        chosen = trust(folder).for_alert("of-yesterday", DURING)
        assert (chosen.playbook.id, chosen.concerns) == (FALLBACK, ("no such playbook: of-yesterday",))
        with pytest.raises(NotFound):
            trust(folder).for_person("of-yesterday", DURING)

    def test_a_revoked_one_is_refused_whatever_the_dates(self, folder: Path) -> None:
        (folder / "small.yaml").write_text(SMALL + "revoked: It misled us in March.\n", "utf-8")
        with pytest.raises(Refused, match="It misled us in March"):
            trust(folder, SEVENTYTWO_EXPIRED_PLAYBOOKS="allow").for_person("small", DURING)

    def test_a_newer_version_serves_only_from_its_day_on(self, folder: Path) -> None:
        newer = SMALL.replace('version: "1"', 'version: "2"').replace("2026-01-01", "2026-07-01")
        (folder / "small-2.yaml").write_text(newer, "utf-8")
        both = trust(folder)
        assert both.for_alert("small", DURING).playbook.ref == "small@1"
        assert both.for_alert("small", date(2026, 7, 1)).playbook.ref == "small@2"


class TestSignatures:
    def test_one_that_nobody_signed_warns_or_is_refused_as_configured(self, folder: Path) -> None:
        words = "nobody whose signature counts has signed it"
        assert trust(folder).for_person("small", DURING).concerns == ()
        assert trust(folder, SEVENTYTWO_UNSIGNED_PLAYBOOKS="warn").for_person("small", DURING).concerns == (
            words,
        )
        with pytest.raises(Refused, match=words):
            trust(folder, SEVENTYTWO_UNSIGNED_PLAYBOOKS="refuse").for_person("small", DURING)

    def test_a_signature_by_a_key_that_counts_stands(self, folder: Path, tmp_path: Path) -> None:
        key = key_pair(tmp_path / "keys", "dpo")
        signed(folder, key)
        strict = {
            "SEVENTYTWO_UNSIGNED_PLAYBOOKS": "refuse",
            "SEVENTYTWO_PLAYBOOK_SIGNERS": str(tmp_path / "keys"),
        }
        found = trust(folder, **strict)
        chosen = found.for_person("small", DURING)
        assert (chosen.concerns, found.signer(chosen.playbook)) == ((), "dpo")

    def test_a_shipped_playbook_is_signed_from_the_organisation_s_own_folder(
        self, folder: Path, tmp_path: Path
    ) -> None:
        signed(folder, key_pair(tmp_path / "keys", "dpo"), "data-exfiltration")
        found = trust(folder, SEVENTYTWO_PLAYBOOK_SIGNERS=str(tmp_path / "keys"))
        assert found.signer(found.library["data-exfiltration"]) == "dpo"

    def test_a_stranger_s_signature_counts_for_nothing(self, folder: Path, tmp_path: Path) -> None:
        key_pair(tmp_path / "keys", "dpo")
        signed(folder, key_pair(tmp_path / "strangers", "x"))
        found = trust(folder, SEVENTYTWO_PLAYBOOK_SIGNERS=str(tmp_path / "keys"))
        assert found.signer(found.library["small"]) is None

    def test_one_word_changed_since_stops_the_loading(self, folder: Path, tmp_path: Path) -> None:
        signed(folder, key_pair(tmp_path / "keys", "dpo"))
        (folder / "small.yaml").write_text(SMALL.replace("Look closely", "Look away"), "utf-8")
        with pytest.raises(FileFaults, match="small@1 was changed since it was signed"):
            trust(folder, SEVENTYTWO_PLAYBOOK_SIGNERS=str(tmp_path / "keys"))

    def test_a_forged_digest_makes_no_signature(self, folder: Path, tmp_path: Path) -> None:
        key = key_pair(tmp_path / "keys", "dpo")
        path = signed(folder, key)
        before = load_playbooks([folder])["small"]
        (folder / "small.yaml").write_text(SMALL.replace("Look closely", "Look away"), "utf-8")
        after = load_playbooks([folder])["small"]
        told = path.read_text("utf-8")
        forged = sign(after, key_pair(tmp_path / "strangers", "x"))
        path.write_text(told.replace(sign(before, key).sha256, forged.sha256), "utf-8")
        found = trust(folder, SEVENTYTWO_PLAYBOOK_SIGNERS=str(tmp_path / "keys"))
        assert found.signer(found.library["small"]) is None

    def test_comments_and_the_order_of_keys_change_no_signature(self, folder: Path) -> None:
        before = canonical(load_playbooks([folder])["small"])
        lines = SMALL.splitlines()
        (folder / "small.yaml").write_text(
            "\n".join(["# read", *lines[4:5], *lines[:4], *lines[5:]]), "utf-8"
        )
        assert canonical(load_playbooks([folder])["small"]) == before

    @pytest.mark.parametrize("text", ["", "{}", "[", "null", '{"playbook": "small@1"}'])
    def test_a_file_that_is_no_signature_is_a_fault(self, folder: Path, text: str) -> None:
        (folder / "signatures").mkdir()
        (folder / "signatures" / "small@1.sig").write_text(text, "utf-8")
        with pytest.raises(FileFaults, match="no signature of a playbook"):
            trust(folder)

    def test_a_key_that_is_none_is_told(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "keys").mkdir()
        (tmp_path / "keys" / "dpo.pem").write_text("no key", "utf-8")
        with pytest.raises(SetupFault, match="not a public Ed25519 key \\(dpo\\)"):
            trust(folder, SEVENTYTWO_PLAYBOOK_SIGNERS=str(tmp_path / "keys"))


def test_a_word_that_is_no_reaction_is_told() -> None:
    with pytest.raises(SetupFault, match="SEVENTYTWO_UNSIGNED_PLAYBOOKS is no reaction"):
        Settings.from_env({"SEVENTYTWO_UNSIGNED_PLAYBOOKS": "maybe"})


STRICT = {"SEVENTYTWO_UNSIGNED_PLAYBOOKS": "refuse"}


class TestStandingIn:
    def test_what_speaks_against_the_general_playbook_is_said_too(self, folder: Path) -> None:
        chosen = trust(folder, **STRICT).for_alert("small", DURING)
        words = "nobody whose signature counts has signed it"
        assert chosen.concerns == (f"small@1: {words}", f"{FALLBACK}@1: {words}")
        assert trust(folder, **STRICT).for_alert("of-yesterday", DURING).concerns[1:] == (
            f"{FALLBACK}@1: {words}",
        )

    def test_what_stands_in_for_a_restricted_playbook_is_as_restricted_and_names_nobody(
        self, folder: Path
    ) -> None:
        chosen = trust(folder, **STRICT).for_alert("insider-misuse", DURING)
        assert (chosen.playbook.id, chosen.playbook.restricted, chosen.is_quiet) == (FALLBACK, True, True)
        assert type(chosen.playbook).from_pinned(chosen.playbook.pinned()).restricted
        assert not trust(folder).library[FALLBACK].restricted

    def test_of_a_playbook_that_is_gone_nobody_hears_the_name(self, folder: Path) -> None:
        assert trust(folder).for_alert("of-yesterday", DURING).is_quiet

    def test_a_newer_version_that_nobody_signed_yet_does_not_take_the_place_of_a_signed_one(
        self, folder: Path, tmp_path: Path
    ) -> None:
        signed(folder, key_pair(tmp_path / "keys", "dpo"))
        (folder / "small-2.yaml").write_text(SMALL.replace('version: "1"', 'version: "2"'), "utf-8")
        strict = trust(folder, **STRICT, SEVENTYTWO_PLAYBOOK_SIGNERS=str(tmp_path / "keys"))
        passed_over = "small@2: nobody whose signature counts has signed it"
        for chosen in (strict.for_alert("small", DURING), strict.for_person("small", DURING)):
            assert (chosen.playbook.ref, chosen.concerns) == ("small@1", (passed_over,))
        with pytest.raises(Refused):
            strict.for_person("small@2", DURING)


def test_a_pipe_among_the_signatures_is_named_and_not_waited_for(folder: Path) -> None:
    (folder / "signatures").mkdir()
    os.mkfifo(folder / "signatures" / "x.sig")
    with pytest.raises(FileFaults, match="not a plain file"):
        trust(folder)


def test_a_key_that_comes_with_a_later_release_ends_no_signature(folder: Path) -> None:
    said = json.loads(canonical(load_playbooks([folder])["small"]))
    assert set(said["phases"][0]["steps"][0]) == {"id", "title", "kind", "role", "target", "instructions"}
    assert "tlp" not in said


def test_signing_into_the_first_of_several_folders_signs_what_the_house_reads(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = tmp_path / "later"
    later.mkdir()
    (later / "small.yaml").write_text(SMALL.replace("Look closely", "Look twice"), "utf-8")
    monkeypatch.setenv("SEVENTYTWO_PLAYBOOKS", os.pathsep.join((str(folder), str(later))))
    key = tmp_path / "private.pem"
    key.write_bytes(key_pair(tmp_path / "keys", "dpo"))
    sign_("small", key=key, to=folder)
    settings = Settings.from_env({**os.environ, "SEVENTYTWO_PLAYBOOK_SIGNERS": str(tmp_path / "keys")})
    found = Trust(settings, load_playbooks(settings.playbook_folders))
    assert found.signer(found.library["small"]) == "dpo"
