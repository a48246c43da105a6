"""The vault in S3-compatible storage: the same code against a real HTTP server on the loopback."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from flows.evidence import examining
from playbooks.errors import SetupFault, Unreachable
from store.database import Store
from store.seal import Keyring, Unsealable
from store.sealed_stream import CHUNK
from store.vault import BytesMissing, open_vault
from tests.harness.evidence import Room, room_on

BUCKET = "evidence-room"
KEYRING = Keyring([bytes(32)])
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An S3 server of this module's own."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an empty bucket, with the variables by which its storage is reached."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "pa55word")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    s3 = boto3.resource("s3")
    made = s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    yield f"s3://{BUCKET}/house/evidence"
    made.objects.delete()
    made.delete()


@pytest.fixture
def room(sqlite_store: Store, tmp_path: Path, bucket: str) -> Room:
    return room_on(sqlite_store, tmp_path, SEVENTYTWO_EVIDENCE=bucket)


def keys() -> list[str]:
    return [one.key for one in boto3.resource("s3").Bucket(BUCKET).objects.all()]


def test_a_file_of_many_parts_goes_in_and_comes_out(room: Room) -> None:
    content = os.urandom(40 * CHUNK + 3)
    item = room.add(room.file(content=content))
    assert b"".join(room.vault.read(item.stored)) == content
    assert [key.split("/")[:3] for key in keys()] == [["house", "evidence", "contents"]]


@pytest.mark.parametrize("size", [0, 1, 100])
def test_small_and_empty_files_too(room: Room, size: int) -> None:
    item = room.add(room.file(content=bytes(size)))
    assert b"".join(room.vault.read(item.stored)) == bytes(size)


def test_the_same_content_is_stored_once_and_goes_with_its_last_item(room: Room) -> None:
    room.add()
    room.add(origin="host-2")
    assert len(keys()) == 1
    room.dispose("E1")
    assert len(keys()) == 1
    room.dispose("E2")
    assert keys() == []


def test_tampering_and_loss_are_found(room: Room) -> None:
    item = room.add()
    (key,) = keys()
    stored = boto3.resource("s3").Object(BUCKET, key)
    sealed = bytearray(stored.get()["Body"].read())
    sealed[-1] ^= 1
    stored.put(Body=bytes(sealed))
    with pytest.raises(Unsealable):
        list(room.vault.read(item.stored))
    (found,) = examining.verify(room.house, room.ref, [], room.by("forensics-1"))
    assert found.faults
    stored.delete()
    with pytest.raises(BytesMissing):
        list(room.vault.read(item.stored))


def test_a_copy_comes_out_whole(room: Room) -> None:
    item = room.add()
    to = room.folder / "copy"
    assert examining.export(room.house, room.ref, "E1", to, "so", room.by("forensics-1")) == item.sha256


def test_a_bucket_that_is_not_there_is_a_fault_of_setup(bucket: str) -> None:
    vault = open_vault(bucket.replace(BUCKET, "another"), KEYRING)
    with pytest.raises(SetupFault, match="cannot be used"):
        vault.put(lambda _: b"")


def test_a_server_that_is_away_is_unreachable_and_no_secret_is_told(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOWHERE.replace("//", "//user:pa55word@"))
    with pytest.raises(Unreachable) as fault:
        open_vault(bucket, KEYRING).put(lambda _: b"")
    assert "pa55word" not in str(fault.value)


def test_without_credentials_it_says_what_kind_of_thing_is_missing(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    with pytest.raises(Unreachable, match="NoCredentialsError"):
        open_vault(bucket, KEYRING).put(lambda _: b"")
