"""What a backup and a restore refuse, and that nothing is touched then."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tandem.backup.backup import back_up, write_age
from tandem.backup.deployment import databases_of
from tandem.backup.key_archive import key_files, read_passphrase, unseal_keys, write_keys
from tandem.backup.manifest import MANIFEST, digest, read_manifest
from tandem.backup.refusal import Refused
from tandem.backup.restore import restore, settle_with_others
from tandem.backup.settlement import RESTORED
from tandem.cli.main import main
from tandem.database.connection import open_database
from tandem.runtime.services import SERVICE_NAMES
from tandem_tests.running import migrated

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Six databases with tables and nothing in them."""
    databases = databases_of(tmp_path_factory.mktemp("deployment"), None)
    for name, url in databases.items():
        migrated(name, url)
    return databases


@pytest.fixture
async def copy(deployment: dict[str, str], tmp_path: Path) -> Path:
    await back_up(deployment, tmp_path / "copy")
    return tmp_path / "copy"


def target(tmp_path: Path) -> dict[str, str]:
    return databases_of(tmp_path / "new", None)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def modes_in(folder: Path) -> list[int]:
    return [path.stat().st_mode & 0o777 for path in folder.iterdir()]


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def nothing_restored(tmp_path: Path) -> bool:
    return not list((tmp_path / "new").glob("*"))


def change(copy: Path, how: Change) -> None:
    manifest = json.loads((copy / MANIFEST).read_text())
    how(manifest)
    (copy / MANIFEST).write_text(json.dumps(manifest))


async def test_what_is_in_a_backup_comes_back(copy: Path, tmp_path: Path) -> None:
    settled = await restore(copy, target(tmp_path))
    assert {each.next_position for each in settled.values()} == {1}
    assert all(not each.lost and not each.restated for each in settled.values())
    database = await open_database(target(tmp_path)["mdt-service"])
    async with database.read() as connection:
        rows = await connection.fetch("SELECT p.position, l.kind FROM event_position p JOIN log l ON l.id = p.log_id")
        assert [tuple(row) for row in rows] == [(1, RESTORED)]
    await database.close()
    assert modes_in(copy) == [0o600] * 7


async def test_a_folder_with_anything_in_it(deployment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "cohort-service.sqlite").write_bytes(b"half")
    with pytest.raises(Refused, match="is not empty; if a backup did not finish there"):
        await back_up(deployment, tmp_path)
    assert names_in(tmp_path) == ["cohort-service.sqlite"]


async def test_a_backup_that_did_not_finish(copy: Path, tmp_path: Path) -> None:
    (copy / MANIFEST).unlink()
    with pytest.raises(Refused, match="no finished backup"):
        await restore(copy, target(tmp_path))
    assert nothing_restored(tmp_path)


async def test_a_database_that_is_not_there(deployment: dict[str, str], tmp_path: Path) -> None:
    wrong = deployment | {"mdt-service": f"sqlite:///{tmp_path}/nowhere.sqlite"}
    with pytest.raises(Refused, match="there is no database at"):
        await back_up(wrong, tmp_path / "copy")
    assert not (tmp_path / "nowhere.sqlite").exists()


async def test_a_database_of_another_service(deployment: dict[str, str], tmp_path: Path) -> None:
    for name, other in (("mdt-service", "cohort-service"), ("mdt-service", "gateway")):
        database = tmp_path / f"{other}.sqlite"
        shutil.copyfile(deployment[other].removeprefix("sqlite:///"), database)
        wrong = deployment | {name: f"sqlite:///{database}"}
        with pytest.raises(Refused, match="mdt-service is that of another service"):
            await back_up(wrong, tmp_path / f"copy of {other}")
        assert not (tmp_path / f"copy of {other}" / MANIFEST).exists()


async def test_one_database_named_twice(deployment: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cohort-service and mdt-service are named with the same database"):
        await back_up(deployment | {"mdt-service": deployment["cohort-service"]}, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


async def test_a_database_without_tables(deployment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "empty.sqlite").touch()
    with pytest.raises(Refused, match="`tandem migrate` has not run"):
        await back_up(deployment | {"gateway": f"sqlite:///{tmp_path}/empty.sqlite"}, tmp_path / "copy")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (lambda manifest: manifest.update(format=2), "newer release"),
        (lambda manifest: manifest.update(format="one"), "damaged"),
        (lambda manifest: manifest.pop("databases"), "damaged"),
        (lambda manifest: manifest["databases"].pop("mdt-service"), "mdt-service is not in this backup"),
        (
            lambda manifest: manifest["databases"]["mdt-service"]["state"].update(migration=["0999"]),
            "from a newer release: this one does not know its version 0999",
        ),
        (lambda manifest: manifest["databases"]["mdt-service"].update(file="../mdt-service.sqlite"), "is missing"),
        (
            lambda manifest: manifest["databases"]["mdt-service"].update(sha256="0" * 64),
            "is not what the manifest says",
        ),
        (lambda manifest: manifest["databases"]["mdt-service"].update(kind="postgresql"), "one of postgresql"),
    ],
)
async def test_a_manifest_that_does_not_fit(copy: Path, tmp_path: Path, how: Change, said: str) -> None:
    change(copy, how)
    with pytest.raises(Refused, match=said):
        await restore(copy, target(tmp_path))
    assert nothing_restored(tmp_path)


async def test_files_that_changed_places(copy: Path, tmp_path: Path) -> None:
    """Even when the manifest was written to fit them."""

    def swap(manifest: dict[str, Any]) -> None:
        found = manifest["databases"]
        found["mdt-service"], found["referral-service"] = found["referral-service"], found["mdt-service"]

    change(copy, swap)
    with pytest.raises(Refused, match="has the tables of another service"):
        await restore(copy, target(tmp_path))
    assert nothing_restored(tmp_path)


async def test_a_damaged_file(copy: Path, tmp_path: Path) -> None:
    path = copy / "careplan-service.sqlite"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(Refused, match=r"careplan-service\.sqlite is not what the manifest says"):
        await restore(copy, target(tmp_path))
    assert nothing_restored(tmp_path)


async def test_counts_that_do_not_fit_what_was_restored(copy: Path, tmp_path: Path) -> None:
    change(copy, lambda manifest: manifest["databases"]["gateway"]["state"]["tables"].update(job=3))
    with pytest.raises(Refused, match=r"is not what the manifest says\. Not restored; empty these"):
        await restore(copy, target(tmp_path))


async def test_a_target_that_is_not_empty(copy: Path, tmp_path: Path) -> None:
    databases = target(tmp_path)
    put(tmp_path / "new" / "metrics-service.sqlite", b"something")
    with pytest.raises(Refused, match="there is a database of metrics-service"):
        await restore(copy, databases)
    assert names_in(tmp_path / "new") == ["metrics-service.sqlite"]


async def test_one_service_needs_the_others(copy: Path, tmp_path: Path) -> None:
    only = {"mdt-service": target(tmp_path)["mdt-service"]}
    with pytest.raises(Refused, match="name the database of cohort-service too"):
        await restore(copy, only, only=["mdt-service"])
    with pytest.raises(Refused, match="there is no database of cohort-service at"):
        await restore(copy, target(tmp_path), only=["mdt-service"])
    assert nothing_restored(tmp_path)


async def test_databases_of_others_that_changed_places(copy: Path, deployment: dict[str, str], tmp_path: Path) -> None:
    """What is restored would be settled with services that have seen nothing of it."""
    swapped = deployment | {
        "mdt-service": target(tmp_path)["mdt-service"],
        "cohort-service": deployment["careplan-service"],
        "careplan-service": deployment["cohort-service"],
    }
    with pytest.raises(Refused, match="named for cohort-service is that of another service"):
        await restore(copy, swapped, only=["mdt-service"])
    assert nothing_restored(tmp_path)
    with pytest.raises(Refused, match="is that of another service"):
        await settle_with_others(swapped | {"mdt-service": deployment["mdt-service"]})


async def test_what_cannot_be_written_afterwards_is_told_before(deployment: dict[str, str], tmp_path: Path) -> None:
    put(tmp_path / "identity" / "service-key.pem", b"a private key")
    put(tmp_path / "passphrase", b"a passphrase of many words")
    words = read_passphrase(tmp_path / "passphrase")
    await back_up(deployment, tmp_path / "copy", keys=key_files([tmp_path / "identity"]), passphrase=words)
    assert modes_in(tmp_path / "copy") == [0o600] * 8
    command = ["restore", "--from", f"{tmp_path}/copy", "--data", f"{tmp_path}/new"]
    keys = ["--keys-to", str(tmp_path), "--passphrase-file", f"{tmp_path}/passphrase"]
    for more, said in (
        (keys, "service-key.pem is there already"),
        (["--report", f"{tmp_path}/nowhere/lost.json"], "lost.json cannot be written"),
        (["--report", f"{tmp_path}/passphrase"], "passphrase is there already"),
    ):
        answer = await asyncio.to_thread(CliRunner().invoke, main, [*command, *more])
        assert (answer.exit_code != 0, said in answer.output) == (True, True), answer.output
        assert nothing_restored(tmp_path)


async def test_keys_are_encrypted_and_come_back(deployment: dict[str, str], tmp_path: Path) -> None:
    folder, passphrase = tmp_path / "identity", tmp_path / "passphrase"
    folder.mkdir()
    (folder / "service-key.pem").write_bytes(b"a private key")
    (folder / "serve.log").write_bytes(b"no key")
    passphrase.write_text("a passphrase of many words\n")
    words = read_passphrase(passphrase)
    manifest = await back_up(deployment, tmp_path / "copy", keys=key_files([folder]), passphrase=words)
    assert manifest.keys is not None
    assert manifest.keys.names == ["identity/service-key.pem"]
    assert not [path for path in (tmp_path / "copy").iterdir() if b"a private key" in path.read_bytes()]
    archive = read_manifest(tmp_path / "copy").keys
    assert archive is not None
    with pytest.raises(Refused, match="cannot be opened with this passphrase"):
        unseal_keys(tmp_path / "copy", archive, b"another passphrase")
    files = unseal_keys(tmp_path / "copy", archive, words)
    write_keys(files, tmp_path / "new")
    restored = tmp_path / "new" / "identity" / "service-key.pem"
    assert (restored.read_bytes(), restored.stat().st_mode & 0o777) == (b"a private key", 0o600)
    with pytest.raises(Refused, match="is there already"):
        write_keys(files, tmp_path / "new")


async def test_keys_alone_come_back_before_anything_makes_new_ones(
    copy: Path, deployment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "issuer").mkdir()
    (tmp_path / "issuer" / "people.json").write_bytes(b"[]")
    (tmp_path / "passphrase").write_text("a passphrase of many words\n")
    (tmp_path / "other").write_text("another passphrase of words\n")
    words = read_passphrase(tmp_path / "passphrase")
    await back_up(deployment, tmp_path / "with keys", keys=key_files([tmp_path / "issuer"]), passphrase=words)

    def restored(backup: Path, passphrase: str) -> tuple[int, str]:
        command = ["keys", "restore", str(backup), "--to", str(tmp_path / "new"), "--passphrase-file"]
        answer = CliRunner().invoke(main, [*command, str(tmp_path / passphrase)])
        return answer.exit_code, answer.output

    assert restored(copy, "passphrase") == (1, "Error: keys were left out of this backup\n")
    assert restored(tmp_path / "with keys", "other")[0] == 1
    assert not (tmp_path / "new").exists()
    assert restored(tmp_path / "with keys", "passphrase") == (0, "issuer/people.json\n")
    assert (tmp_path / "new" / "issuer" / "people.json").read_bytes() == b"[]"
    assert "is there already" in restored(tmp_path / "with keys", "passphrase")[1]


def test_a_short_passphrase(tmp_path: Path) -> None:
    (tmp_path / "passphrase").write_text("short")
    with pytest.raises(Refused, match="fewer than 16 characters"):
        read_passphrase(tmp_path / "passphrase")
    with pytest.raises(Refused, match="cannot be read: FileNotFoundError"):
        read_passphrase(tmp_path / "nowhere")


@pytest.mark.parametrize("named", ["", "mdt-service", "mdt=sqlite:///x", "mdt-service=mysql://x",
                                   "gateway=sqlite:///a,gateway=sqlite:///b"])  # fmt: skip
def test_a_list_of_databases_that_is_none(named: str) -> None:
    with pytest.raises(Refused):
        databases_of(None, named)


def test_a_list_of_databases_with_several_hosts() -> None:
    found = databases_of(None, "mdt-service=postgresql://u@a,b/mdt, gateway=postgresql://u@c/g?x=1")
    assert found == {"mdt-service": "postgresql://u@a,b/mdt", "gateway": "postgresql://u@c/g?x=1"}


async def test_the_age_of_a_backup(deployment: dict[str, str], tmp_path: Path) -> None:
    manifest = await back_up(deployment, tmp_path / "copy")
    write_age(tmp_path / "metrics" / "backup.prom", manifest)
    text = (tmp_path / "metrics" / "backup.prom").read_text()
    assert "tandem_backup_finished_timestamp_seconds 1." in text
    assert sum(copy.bytes for copy in manifest.databases.values()) == sum(
        (tmp_path / "copy" / f"{name}.sqlite").stat().st_size for name in SERVICE_NAMES
    )
    assert digest(tmp_path / "copy" / "gateway.sqlite") == manifest.databases["gateway"].sha256
