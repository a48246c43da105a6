"""What is sealed opens under its own key and label only."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest

from playbooks.errors import SetupFault
from store.seal import VARIABLE, KeyMissing, Keyring, Unsealable

OLD, NEW = bytes(32), bytes(range(32))


@pytest.fixture
def keyring() -> Keyring:
    return Keyring([NEW])


def test_what_was_sealed_opens_again(keyring: Keyring) -> None:
    assert keyring.unseal("client.name", keyring.seal("client.name", b"Example")) == b"Example"


def test_the_same_text_never_looks_the_same_sealed(keyring: Keyring) -> None:
    assert keyring.seal("client.name", b"Example") != keyring.seal("client.name", b"Example")


def test_a_value_moved_to_another_column_does_not_open(keyring: Keyring) -> None:
    with pytest.raises(Unsealable, match=r"contact\.name"):
        keyring.unseal("contact.name", keyring.seal("client.name", b"Example"))


@pytest.mark.parametrize("place", range(1 + 8 + 12 + 7 + 16))
def test_a_value_with_any_byte_changed_does_not_open(keyring: Keyring, place: int) -> None:
    sealed = bytearray(keyring.seal("client.name", b"Example"))
    sealed[place] ^= 1
    with pytest.raises(Unsealable):
        keyring.unseal("client.name", bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"Example", b"\x01" * 30])
def test_what_was_never_sealed_does_not_open(keyring: Keyring, sealed: bytes) -> None:
    with pytest.raises(Unsealable):
        keyring.unseal("client.name", sealed)


def test_after_a_rotation_the_old_still_opens_and_the_new_key_seals() -> None:
    old, rotated = Keyring([OLD]), Keyring([NEW, OLD])
    before = old.seal("client.name", b"Example")
    after = rotated.seal("client.name", b"Example")
    assert rotated.unseal("client.name", before) == b"Example"
    assert (rotated.is_current(before), rotated.is_current(after)) == (False, True)
    with pytest.raises(Unsealable, match="no key of ours"):
        old.unseal("client.name", after)


def test_a_blind_index_is_the_same_for_the_same_value_and_key_only(keyring: Keyring) -> None:
    assert keyring.blind_index("a@example.com") == Keyring([NEW]).blind_index("a@example.com")
    assert keyring.blind_index("a@example.com") != keyring.blind_index("b@example.com")
    assert keyring.blind_index("a@example.com") != Keyring([OLD]).blind_index("a@example.com")


def test_after_a_rotation_the_old_blind_index_is_still_searched() -> None:
    assert Keyring([OLD]).blind_index("a@example.com") in Keyring([NEW, OLD]).blind_indexes("a@example.com")


def test_a_created_key_file_is_private_and_gives_the_same_keys(tmp_path: Path) -> None:
    created = Keyring.create(tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    read = Keyring.from_env_or_file(tmp_path / "key", {})
    assert read.unseal("x", created.seal("x", b"y")) == b"y"


def test_a_rotated_key_file_opens_what_was_sealed_before(tmp_path: Path) -> None:
    created = Keyring.create(tmp_path / "key")
    rotated = Keyring.rotate(tmp_path / "key")
    sealed = created.seal("x", b"y")
    assert (rotated.unseal("x", sealed), rotated.is_current(sealed)) == (b"y", False)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_an_existing_key_file_is_never_overwritten(tmp_path: Path) -> None:
    Keyring.create(tmp_path / "key")
    before = (tmp_path / "key").read_bytes()
    with pytest.raises(SetupFault, match="exists already"):
        Keyring.create(tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    Keyring.create(tmp_path / "key")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(KeyMissing, match="chmod 600"):
        Keyring.from_env_or_file(tmp_path / "key", {})


def test_a_missing_key_says_where_and_how_to_mend(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing, match=r"key.*SEVENTYTWO_KEY.*seventytwo up"):
        Keyring.from_env_or_file(tmp_path / "key", {})


def test_the_environment_goes_before_the_file_and_may_hold_several(tmp_path: Path) -> None:
    several = ",".join(base64.b64encode(secret).decode() for secret in (NEW, OLD))
    keyring = Keyring.from_env_or_file(tmp_path / "none", {VARIABLE: several})
    assert keyring.is_current(Keyring([NEW]).seal("x", b"y"))
    assert keyring.unseal("x", Keyring([OLD]).seal("x", b"y")) == b"y"


@pytest.mark.parametrize("text", ["not base64!", base64.b64encode(b"short").decode(), "é"])
def test_a_key_that_is_none_is_refused_without_being_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(KeyMissing) as raised:
        Keyring.from_env_or_file(tmp_path / "none", {VARIABLE: text})
    assert text not in str(raised.value)


def test_a_keyring_shows_no_key(keyring: Keyring) -> None:
    assert repr(keyring) == "Keyring(1 keys)"
